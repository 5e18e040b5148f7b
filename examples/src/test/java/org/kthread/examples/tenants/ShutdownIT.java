package org.kthread.examples.tenants;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.ConnectException;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.kthread.examples.tenants.Service.Result;

@DisplayName("Shutting down")
class ShutdownIT {
    @TempDir
    private Path work;

    @ParameterizedTest
    @ValueSource(strings = {"TERM", "INT", "HUP"})
    @DisplayName("idle, with connections kept alive: at once, clean, and the report is printed")
    void idle(String signal) throws Exception {
        try (Service service = Service.start(work)) {
            service.tenant("a");
            service.put("a/x", "x");
            service.signal(signal);
            Result result = service.await().expectClean();
            for (String line : List.of("close port admin", "close port files", "sync tenants", "All buffers synced.")) {
                assertTrue(result.out().contains(line), result::toString);
            }
        }
    }

    @Test
    @DisplayName("a PUT that is under way may finish; what comes meanwhile is refused")
    void finishes() throws Exception {
        try (Service service = Service.start(work, "--budget", "120")) {
            Path dir = service.tenant("a");
            try (RawClient raw = new RawClient(service.port())) {
                raw.send("PUT /t/a/x HTTP/1.1\nHost: x\nContent-Length: 5\n\n123");
                service.awaitShown("a", "open", 1);
                service.signal("TERM");
                awaitRefused(service);
                raw.send("45");
                assertEquals(Status.CREATED, raw.status());
            }
            service.await().expectClean();
            assertEquals("12345", Files.readString(dir.resolve("x")));
            assertEquals(List.of("x"), Service.names(dir));
        }
    }

    private static void awaitRefused(Service service) {
        Awaitility.await("refusal")
                .atMost(Service.LIMIT)
                .pollInterval(Duration.ofMillis(20))
                .until(() -> {
                    HttpResponse<String> response = service.get("a/none");
                    return response.statusCode() == Status.UNAVAILABLE
                            && response.headers()
                                    .firstValue("Connection")
                                    .orElse("")
                                    .equals("close");
                });
    }

    @Test
    @DisplayName("requests that do not end are broken off within the budget, and leave nothing")
    void breaksOff() throws Exception {
        try (Service service = Service.start(work, "--budget", "8")) {
            Path dir = service.tenant("a");
            Files.write(dir.resolve("big"), new byte[64 << 20]);
            try (RawClient put = new RawClient(service.port());
                    RawClient get = new RawClient(service.port());
                    RawClient headers = new RawClient(service.port())) {
                put.send("PUT /t/a/x HTTP/1.1\nHost: x\nContent-Length: 5\n\n123");
                get.send("GET /t/a/big HTTP/1.1\nHost: x\n\n");
                headers.send("GET /t/a/big HTTP/1.1\nHost:");
                service.awaitShown("a", "open", 2);
                Result result = service.stop().expectClean();
                assertTrue(result.out().contains("of 8.000s"), result::toString);
                assertEquals(0, put.status());
                assertTrue(get.drain() < 64 << 20);
            }
            assertEquals(List.of("big"), Service.names(dir));
        }
    }

    @Test
    @DisplayName("while clients are busy: every file that was confirmed is there, whole")
    void busy() throws Exception {
        try (Service service = Service.start(work)) {
            Path dir = service.tenant("a");
            CompletableFuture<Integer> writer = CompletableFuture.supplyAsync(() -> write(service));
            Awaitility.await().atMost(Service.LIMIT).until(() -> Files.exists(dir.resolve("f5")));
            service.stop().expectClean();
            int confirmed = writer.get(90, TimeUnit.SECONDS);
            assertTrue(confirmed >= 5);
            for (int i = 0; i < confirmed; i++) {
                assertEquals("content " + i, Files.readString(dir.resolve("f" + i)));
            }
            assertTrue(Service.names(dir).stream().noneMatch(name -> name.startsWith(Target.RESERVED)));
        }
    }

    /** Until the service has gone; how many were confirmed. */
    private static int write(Service service) {
        int confirmed = 0;
        try {
            while (service.put("a/f" + confirmed, "content " + confirmed).statusCode() == Status.CREATED) {
                confirmed++;
            }
        } catch (java.io.IOException e) {
            return confirmed; // gone
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
        return confirmed;
    }

    @Test
    @DisplayName("a second signal changes nothing")
    void twice() throws Exception {
        try (Service service = Service.start(work, "--budget", "8")) {
            service.tenant("a");
            try (RawClient put = new RawClient(service.port())) {
                put.send("PUT /t/a/x HTTP/1.1\nHost: x\nContent-Length: 5\n\n123");
                service.awaitShown("a", "open", 1);
                service.signal("TERM");
                service.signal("TERM");
                service.signal("INT");
                service.await().expectClean();
            }
        }
    }

    @Test
    @DisplayName("after kill -9 what was confirmed is there; an incomplete upload goes when the tenant is made again")
    void kill() throws Exception {
        Path dir;
        try (Service service = Service.start(work)) {
            dir = service.tenant("a");
            assertEquals(Status.CREATED, service.put("a/x", "kept").statusCode());
            try (RawClient put = new RawClient(service.port())) {
                put.send("PUT /t/a/y HTTP/1.1\nHost: x\nContent-Length: 5\n\n123");
                service.awaitShown("a", "open", 1);
                service.signal("KILL");
                service.await();
            }
        }
        assertEquals(2, Service.names(dir).size());
        try (Service service = Service.start(work)) {
            assertEquals(Status.NOT_FOUND, service.get("a/x").statusCode());
            service.tenant("a");
            assertEquals("kept", service.get("a/x").body());
            assertEquals(List.of("x"), Service.names(dir));
            service.stop().expectClean();
        }
    }

    @Test
    @DisplayName("a client that stalls is given up after --timeout, wherever it stalls")
    void timeout() throws Exception {
        try (Service service = Service.start(work, "--timeout", "2")) {
            Path dir = service.tenant("a");
            Files.write(dir.resolve("big"), new byte[64 << 20]);
            try (RawClient put = new RawClient(service.port());
                    RawClient headers = new RawClient(service.port());
                    RawClient get = new RawClient(service.port())) {
                put.send("PUT /t/a/x HTTP/1.1\nHost: x\nContent-Length: 5\n\n123");
                headers.send("GET /t/a/big HTTP/1.1\nHost:");
                get.send("GET /t/a/big HTTP/1.1\nHost: x\n\n");
                assertEquals(0, put.status());
                assertEquals(0, headers.status());
                service.awaitShown("a", "requests", 0);
                assertTrue(get.drain() < 64 << 20);
            }
            assertEquals(List.of("big"), Service.names(dir));
            service.stop().expectClean();
        }
    }

    @Test
    @DisplayName("afterwards nothing listens")
    void closed() throws Exception {
        try (Service service = Service.start(work)) {
            int port = service.port();
            service.stop().expectClean();
            org.junit.jupiter.api.Assertions.assertThrows(ConnectException.class, () -> new RawClient(port).close());
        }
    }
}
