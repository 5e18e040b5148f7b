package org.kthread.examples.tenants;

import com.sun.net.httpserver.HttpExchange;
import java.io.IOException;
import java.io.OutputStream;
import java.io.Serial;
import java.nio.charset.StandardCharsets;
import org.kthread.sys.KernelException;

/** A request that ends with an answer of its own: a status code, and a line that says why. */
final class Status extends Exception {
    static final int OK = 200;
    static final int CREATED = 201;
    static final int ACCEPTED = 202;
    static final int NO_CONTENT = 204;
    static final int PARTIAL_CONTENT = 206;
    static final int BAD_REQUEST = 400;
    static final int UNAUTHORIZED = 401;
    static final int FORBIDDEN = 403;
    static final int NOT_FOUND = 404;
    static final int METHOD_NOT_ALLOWED = 405;
    static final int CONFLICT = 409;
    static final int LENGTH_REQUIRED = 411;
    static final int CONTENT_TOO_LARGE = 413;
    static final int URI_TOO_LONG = 414;
    static final int RANGE_NOT_SATISFIABLE = 416;
    static final int INTERNAL = 500;
    static final int UNAVAILABLE = 503;
    static final int INSUFFICIENT_STORAGE = 507;

    @Serial
    private static final long serialVersionUID = 1L;

    private final int code;

    Status(int code, String why) {
        super(why);
        this.code = code;
    }

    private Status(int code, String why, KernelException cause) {
        super(why, cause);
        this.code = code;
    }

    int code() {
        return code;
    }

    /** The answer for a call that failed. What the failure says may name directories of ours, so it is not passed on. */
    static Status of(KernelException e) {
        return switch (e.errno()) {
            case ENOENT, ENOTDIR -> new Status(NOT_FOUND, "no such file", e);
            case ENOTCAPABLE -> new Status(FORBIDDEN, "this leads out of the tenant's directory", e);
            case EACCES, EPERM, ELOOP -> new Status(FORBIDDEN, "not permitted: " + e.errno(), e);
            case EISDIR -> new Status(CONFLICT, "this is a directory", e);
            case EEXIST, ENOTEMPTY, EBUSY -> new Status(CONFLICT, "something else is there: " + e.errno(), e);
            case EINVAL -> new Status(BAD_REQUEST, "no name of a file", e);
            case ENAMETOOLONG -> new Status(URI_TOO_LONG, "the name is too long", e);
            case EMFILE -> new Status(UNAVAILABLE, "the tenant has as many files open as it may; try again", e);
            case EAGAIN -> new Status(UNAVAILABLE, "there are as many tenants as there may be", e);
            case ESHUTDOWN -> new Status(UNAVAILABLE, "shutting down", e);
            case ENOSPC -> new Status(INSUFFICIENT_STORAGE, "no space left", e);
            default -> new Status(INTERNAL, "failed: " + e.errno(), e);
        };
    }

    /** The answer for a method that makes no sense here. */
    static Status notAllowed(HttpExchange exchange, String allowed) {
        exchange.getResponseHeaders().set("Allow", allowed);
        return new Status(METHOD_NOT_ALLOWED, "allowed: " + allowed);
    }

    /** Answers with a line of text. */
    void send(HttpExchange exchange) throws IOException {
        if (code == UNAVAILABLE) {
            exchange.getResponseHeaders().set("Retry-After", "1");
        }
        send(exchange, code, "text/plain; charset=utf-8", getMessage() + "\n");
    }

    /** Answers with a text; to HEAD with its length. */
    static void send(HttpExchange exchange, int code, String type, String text) throws IOException {
        byte[] body = text.getBytes(StandardCharsets.UTF_8);
        exchange.getResponseHeaders().set("Content-Type", type);
        if (exchange.getRequestMethod().equals("HEAD")) {
            sendHead(exchange, code, body.length);
        } else {
            exchange.sendResponseHeaders(code, body.length);
            OutputStream out = exchange.getResponseBody();
            out.write(body);
            out.flush(); // before what is left of the request is waited for
        }
    }

    /** Answers to HEAD: the length is told, and nothing follows. */
    static void sendHead(HttpExchange exchange, int code, long length) throws IOException {
        exchange.getResponseHeaders().set("Content-Length", Long.toString(length));
        exchange.sendResponseHeaders(code, -1);
    }
}
