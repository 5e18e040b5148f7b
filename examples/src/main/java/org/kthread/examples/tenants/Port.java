package org.kthread.examples.tenants;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.kthread.sys.KernelException;

/** A port with the JDK's HTTP server behind it, and the host threads that serve it. */
final class Port {
    /*
     * Locking key: (f) final; (m) this monitor.
     */
    private static final System.Logger LOG = System.getLogger("org.kthread.examples.tenants");

    private final String name; // (f)
    private final Handler handler; // (f)
    private final HttpServer server; // (f)
    private final ExecutorService threads; // (f)

    @GuardedBy("this")
    private int running; // (m) requests

    @GuardedBy("this")
    private boolean closing; // (m) every request is refused

    /** Answers a request, or says by an exception how. */
    @FunctionalInterface
    interface Handler {
        void handle(HttpExchange exchange) throws IOException, InterruptedException, Status;
    }

    private Port(String name, HttpServer server, int threads, Handler handler) {
        this.name = name;
        this.handler = handler;
        this.server = server;
        AtomicInteger number = new AtomicInteger();
        this.threads =
                Executors.newFixedThreadPool(threads, task -> new Thread(task, name + " " + number.incrementAndGet()));
    }

    /** Opens a port and serves it. */
    static Port open(String name, InetSocketAddress address, int threads, Handler handler) throws IOException {
        HttpServer server;
        try {
            server = HttpServer.create(address, 0);
        } catch (IOException e) {
            throw new IOException(
                    "cannot listen on " + address.getHostString() + ":" + address.getPort() + ": " + e.getMessage(), e);
        }
        Port port = new Port(name, server, threads, handler);
        server.setExecutor(port.threads);
        server.createContext("/", port::serve);
        server.start();
        return port;
    }

    /** Where clients find it. */
    String url() {
        String host = server.getAddress().getAddress().getHostAddress();
        return "http://" + (host.indexOf(':') < 0 ? host : "[" + host + "]") + ":"
                + server.getAddress().getPort();
    }

    private void serve(HttpExchange exchange) {
        boolean open = begin();
        try {
            if (!open) {
                exchange.getResponseHeaders().set("Connection", "close");
                throw new Status(Status.UNAVAILABLE, "shutting down");
            }
            handler.handle(exchange);
        } catch (Status e) {
            answer(exchange, e);
        } catch (KernelException e) {
            Status status = Status.of(e);
            if (status.code() == Status.INTERNAL) {
                LOG.log(System.Logger.Level.ERROR, describe(exchange), e);
            }
            answer(exchange, status);
        } catch (IOException | InterruptedException e) {
            LOG.log(System.Logger.Level.DEBUG, describe(exchange), e); // the client has gone, or was broken off
        } catch (RuntimeException | Error e) {
            LOG.log(System.Logger.Level.ERROR, describe(exchange), e);
            answer(exchange, new Status(Status.INTERNAL, "a fault of this program"));
        } finally {
            exchange.close(); // an answer that is not complete closes the connection
            end();
        }
    }

    private static String describe(HttpExchange exchange) {
        return exchange.getRequestMethod() + " " + exchange.getRequestURI();
    }

    private static void answer(HttpExchange exchange, Status status) {
        try {
            status.send(exchange);
        } catch (IOException e) {
            LOG.log(System.Logger.Level.DEBUG, describe(exchange), e); // gone, or an answer had begun before
        }
    }

    private synchronized boolean begin() {
        running++;
        return !closing;
    }

    private synchronized void end() {
        running--;
        notifyAll();
    }

    /**
     * Refuses what comes, gives what runs time to finish, then breaks it off, and ends the threads. Does nothing the second
     * time.
     *
     * @param grace to finish
     * @param breaking for each of two ways to break off
     * @throws IOException if a request could not be broken off
     */
    void close(Duration grace, Duration breaking) throws IOException, InterruptedException {
        if (finish(grace)) {
            server.stop(0); // closes the listener and every connection
            threads.shutdown();
        }
        if (!threads.awaitTermination(breaking.toNanos(), TimeUnit.NANOSECONDS)) {
            threads.shutdownNow(); // an interrupt: no file is closed by it
            if (!threads.awaitTermination(breaking.toNanos(), TimeUnit.NANOSECONDS)) {
                throw new IOException(name + ": a request does not end");
            }
        }
    }

    private synchronized boolean finish(Duration grace) throws InterruptedException {
        if (closing) {
            return false;
        }
        closing = true;
        long deadline = System.nanoTime() + grace.toNanos();
        for (long left = grace.toNanos(); running > 0 && left > 0; left = deadline - System.nanoTime()) {
            TimeUnit.NANOSECONDS.timedWait(this, left);
        }
        return true;
    }

    @Override
    public String toString() {
        return "port " + name;
    }
}
