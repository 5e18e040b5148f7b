package org.kthread.examples.tenants;

import com.google.gson.Gson;
import com.sun.net.httpserver.HttpExchange;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.kthread.lwp.Syscalls;
import org.kthread.sys.Errno;
import org.kthread.sys.KernelException;

/** The files of the tenants: each request is served inside its tenant's process, and says nothing of any other. */
final class FileHandler implements Port.Handler {
    private static final int BUFFER = 64 << 10;
    private static final Gson JSON = new Gson();

    private final TenantTable tenants;
    private final Syscalls sys;
    private final Upload.Limits limits;

    FileHandler(TenantTable tenants, Syscalls sys, Upload.Limits limits) {
        this.tenants = tenants;
        this.sys = sys;
        this.limits = limits;
    }

    @Override
    public void handle(HttpExchange exchange) throws IOException, Status {
        Target target = Target.of(exchange.getRequestURI());
        Tenant tenant = tenants.get(target.tenant());
        tenant.run(() -> {
            switch (exchange.getRequestMethod()) {
                case "GET", "HEAD" -> get(exchange, target);
                case "PUT" -> put(exchange, tenant, target);
                case "DELETE" -> delete(exchange, tenant, target);
                default -> throw Status.notAllowed(exchange, "GET, HEAD, PUT, DELETE");
            }
        });
    }

    private void get(HttpExchange exchange, Target target) throws IOException, Status {
        if (!target.slash() && sys.stat(target.path()).regular()) {
            getFile(exchange, target.path());
        } else {
            list(exchange, target.path());
        }
    }

    private void getFile(HttpExchange exchange, String path) throws IOException, Status {
        int fd = sys.open(path, Syscalls.O_RDONLY);
        try {
            send(exchange, fd, sys.fstat(fd).size());
        } finally {
            Tenant.close(sys, fd);
        }
    }

    private void send(HttpExchange exchange, int fd, long size) throws IOException, Status {
        exchange.getResponseHeaders().set("Content-Type", "application/octet-stream");
        exchange.getResponseHeaders().set("Accept-Ranges", "bytes");
        if (exchange.getRequestMethod().equals("HEAD")) {
            Status.sendHead(exchange, Status.OK, size);
            return;
        }
        @Nullable ByteRange range = range(exchange, size);
        if (range == null) {
            exchange.sendResponseHeaders(Status.OK, size == 0 ? -1 : size);
            copy(exchange, fd, 0, size);
        } else {
            exchange.getResponseHeaders().set("Content-Range", range.contentRange(size));
            exchange.sendResponseHeaders(Status.PARTIAL_CONTENT, range.length());
            copy(exchange, fd, range.first(), range.length());
        }
    }

    /** We have no validators, so an If-Range matches none, and the whole file is sent. */
    private static @Nullable ByteRange range(HttpExchange exchange, long size) throws Status {
        List<String> headers = exchange.getRequestHeaders().get("Range");
        if (headers == null
                || headers.size() != 1
                || exchange.getRequestHeaders().containsKey("If-Range")) {
            return null;
        }
        try {
            return ByteRange.of(headers.get(0), size);
        } catch (Status e) {
            exchange.getResponseHeaders().set("Content-Range", "bytes */" + size);
            throw e;
        }
    }

    private void copy(HttpExchange exchange, int fd, long first, long length) throws IOException {
        OutputStream out = exchange.getResponseBody();
        byte[] bytes = new byte[(int) Math.min(BUFFER, length)];
        for (long done = 0; done < length; ) {
            ByteBuffer buf = ByteBuffer.wrap(bytes, 0, (int) Math.min(bytes.length, length - done));
            int n = sys.pread(fd, buf, first + done);
            if (n == 0) {
                throw new IOException("the file was cut while it was sent");
            }
            out.write(bytes, 0, n);
            done += n;
        }
    }

    private void list(HttpExchange exchange, String path) throws IOException, Status {
        List<String> names;
        try {
            names = sys.readdir(path);
        } catch (KernelException e) {
            if (e.errno() == Errno.ENOTDIR) {
                throw new Status(Status.NOT_FOUND, "no such directory, and no file that can be read");
            }
            throw e;
        }
        names.removeIf(name -> name.startsWith(Target.RESERVED));
        Status.send(exchange, Status.OK, "application/json", JSON.toJson(names) + "\n");
    }

    private void put(HttpExchange exchange, Tenant tenant, Target target) throws IOException, Status {
        if (target.slash()) {
            throw new Status(Status.CONFLICT, "this names a directory; they are made with the files in them");
        }
        boolean created = new Upload(tenant, sys, limits).receive(exchange, target);
        exchange.sendResponseHeaders(created ? Status.CREATED : Status.NO_CONTENT, -1);
    }

    private void delete(HttpExchange exchange, Tenant tenant, Target target) throws IOException, Status {
        if (target.slash()) {
            throw new Status(Status.CONFLICT, "this names a directory; only files are deleted");
        }
        sys.unlink(target.path());
        tenant.changed(target.parent());
        tenant.sync(target.parent());
        exchange.sendResponseHeaders(Status.NO_CONTENT, -1);
    }
}
