package org.kthread.examples.tenants;

import com.sun.net.httpserver.HttpExchange;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.kthread.lwp.Syscalls;
import org.kthread.sys.Errno;
import org.kthread.sys.KernelException;

/**
 * One file on its way in: written under a reserved name, synced, and renamed after its last byte. Whoever reads sees the old
 * file or the new one, and what does not become complete leaves nothing.
 */
final class Upload {
    private static final System.Logger LOG = System.getLogger("org.kthread.examples.tenants");
    private static final int BUFFER = 64 << 10;
    private static final AtomicLong NUMBER = new AtomicLong();

    /** What a file may have. */
    record Limits(long maxBody) {}

    private final Tenant tenant;
    private final Syscalls sys;
    private final Limits limits;
    private final String temporary = Target.RESERVED + NUMBER.incrementAndGet();

    Upload(Tenant tenant, Syscalls sys, Limits limits) {
        this.tenant = tenant;
        this.sys = sys;
        this.limits = limits;
    }

    /** Receives the body of a request; tells whether there was no such file before. */
    boolean receive(HttpExchange exchange, Target target) throws IOException, Status {
        requireLength(exchange);
        boolean renamed = false;
        try {
            int fd = sys.open(temporary, Syscalls.O_WRONLY | Syscalls.O_CREAT | Syscalls.O_EXCL);
            try {
                copy(exchange.getRequestBody(), fd);
                sys.fsync(fd);
            } finally {
                Tenant.close(sys, fd);
            }
            boolean created = rename(target);
            renamed = true;
            tenant.sync(target.parent());
            return created;
        } finally {
            if (!renamed) {
                remove();
            }
        }
    }

    /** Also when it could not be opened: it may have been made before that was known. */
    private void remove() {
        try {
            sys.unlink(temporary);
        } catch (KernelException e) {
            if (e.errno() != Errno.ENOENT) {
                LOG.log(System.Logger.Level.WARNING, "an incomplete upload stays", e);
            }
        }
    }

    private void requireLength(HttpExchange exchange) throws Status {
        @Nullable String length = exchange.getRequestHeaders().getFirst("Content-Length");
        if (exchange.getRequestHeaders().containsKey("Content-Range")) {
            throw new Status(Status.BAD_REQUEST, "a part of a file cannot be put"); // RFC 9110, 14.5
        }
        if (length == null && !exchange.getRequestHeaders().containsKey("Transfer-Encoding")) {
            throw new Status(Status.LENGTH_REQUIRED, "a body has a length, or is chunked");
        }
        if (length != null && Long.parseLong(length) > limits.maxBody()) { // the server has checked that it is a number
            throw tooLarge();
        }
    }

    /** The server's stream fails if the client goes before the last byte it has promised. */
    private void copy(InputStream in, int fd) throws IOException, Status {
        byte[] bytes = new byte[BUFFER];
        long length = 0;
        for (int n = in.read(bytes); n >= 0; n = in.read(bytes)) {
            length += n;
            if (length > limits.maxBody()) {
                throw tooLarge();
            }
            sys.write(fd, ByteBuffer.wrap(bytes, 0, n));
        }
    }

    private Status tooLarge() {
        return new Status(Status.CONTENT_TOO_LARGE, "a file has at most " + limits.maxBody() + " bytes (--max-body)");
    }

    private boolean rename(Target target) throws IOException, Status {
        try {
            tenant.makeDirectories(target.names().subList(0, target.names().size() - 1), temporary + "d");
            boolean created = !tenant.exists(target.path());
            if (tenant.isGone()) {
                throw new Status(Status.NOT_FOUND, "no such tenant");
            }
            sys.rename(temporary, target.path());
            tenant.changed(target.parent()); // not before: another's sync could take that for done
            return created;
        } catch (KernelException e) {
            if (e.errno() == Errno.ENOTDIR) {
                throw new Status(Status.CONFLICT, "on the way to it is something that is no directory");
            }
            throw e;
        }
    }
}
