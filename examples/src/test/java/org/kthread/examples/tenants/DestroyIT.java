package org.kthread.examples.tenants;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@DisplayName("Destroying a tenant while it is used")
class DestroyIT {
    private static final int BIG = 64 << 20;

    @TempDir
    private Path work;

    private Service service;

    @BeforeEach
    void start() throws Exception {
        service = Service.start(work);
    }

    @AfterEach
    void stop() throws Exception {
        try (Service closing = service) {
            closing.stop().expectClean();
        }
    }

    private Path tenantWithBigFile(String name) throws Exception {
        Path dir = service.tenant(name);
        Files.write(dir.resolve("big"), new byte[BIG]);
        return dir;
    }

    @Test
    @DisplayName("a long GET ends before its last byte; its file is closed at once")
    void longGet() throws Exception {
        tenantWithBigFile("got");
        try (RawClient raw = new RawClient(service.port())) {
            raw.send("GET /t/got/big HTTP/1.1\nHost: x\n\n");
            assertEquals(Status.OK, raw.status());
            service.awaitShown("got", "open", 1);
            assertEquals(1, service.openFiles().size());
            assertEquals(Status.NO_CONTENT, service.destroy("got").statusCode());
            assertEquals(List.of(), service.openFiles());
            assertTrue(raw.drain() < BIG);
        }
    }

    @Test
    @DisplayName("a long PUT ends without an answer, and leaves nothing")
    void longPut() throws Exception {
        Path dir = service.tenant("put");
        try (RawClient raw = new RawClient(service.port())) {
            raw.send("PUT /t/put/a HTTP/1.1\nHost: x\nContent-Length: 1000\n\nabc");
            service.awaitShown("put", "open", 1);
            assertEquals(Status.NO_CONTENT, service.destroy("put").statusCode());
            assertEquals(List.of(), Service.names(dir));
            assertEquals(List.of(), service.openFiles());
            assertEquals(0, raw.status());
        }
    }

    @Test
    @DisplayName("all threads held by it: the administration still answers, and the threads serve others afterwards")
    void allThreads() throws Exception {
        tenantWithBigFile("greedy");
        service.tenant("other");
        List<RawClient> clients = new ArrayList<>();
        try {
            for (int i = 0; i < 4; i++) {
                clients.add(new RawClient(service.port()).send("GET /t/greedy/big HTTP/1.1\nHost: x\n\n"));
            }
            service.awaitShown("greedy", "requests", 4);
            assertEquals(Status.NO_CONTENT, service.destroy("greedy").statusCode());
            for (int i = 0; i < 8; i++) {
                assertEquals(Status.NOT_FOUND, service.get("other/a" + i).statusCode());
                assertEquals(Status.CREATED, service.put("other/a" + i, "x").statusCode());
            }
        } finally {
            for (RawClient client : clients) {
                client.close();
            }
        }
    }

    @Test
    @DisplayName(
            "others are not touched, and what is made under the same name shows nothing of the old; again and again")
    void churn() throws Exception {
        service.tenant("steady");
        service.put("steady/a", "s".repeat(100_000));
        ExecutorService clients = Executors.newFixedThreadPool(4);
        try {
            List<Callable<Integer>> readers = new ArrayList<>();
            for (int i = 0; i < 3; i++) {
                readers.add(this::readSteadily);
            }
            List<Future<Integer>> reading =
                    readers.stream().map(clients::submit).toList();
            Future<Integer> guest = clients.submit(this::readGuest);
            for (int round = 0; round < 50; round++) {
                service.tenant("guest");
                assertEquals(
                        Status.CREATED, service.put("guest/r" + round, "guest").statusCode());
                assertEquals(Status.NO_CONTENT, service.destroy("guest").statusCode());
            }
            service.tenant("end");
            service.put("end/a", "x");
            for (Future<Integer> reader : reading) {
                assertTrue(reader.get(90, TimeUnit.SECONDS) > 0);
            }
            assertTrue(guest.get(90, TimeUnit.SECONDS) >= 0);
        } finally {
            clients.shutdown();
            assertTrue(clients.awaitTermination(90, TimeUnit.SECONDS));
        }
        assertEquals(List.of(), service.openFiles());
        assertEquals(2, service.list().size());
    }

    /** Until the other side has ended: every answer is whole. */
    private int readSteadily() throws Exception {
        int count = 0;
        do {
            assertEquals("s".repeat(100_000), service.get("steady/a").body());
            count++;
        } while (service.get("end/a").statusCode() != Status.OK);
        return count;
    }

    /** The guest's file, or none, or a broken connection: nobody else's. */
    private int readGuest() throws Exception {
        int count = 0;
        do {
            try {
                String body = service.get("guest/r3").body();
                assertTrue(
                        List.of("guest", "no such tenant\n", "no such file\n").contains(body), body);
                count++;
            } catch (java.io.IOException e) {
                assertTrue(service.shown("steady", "pid") > 0, "broken off, as it should be");
            }
        } while (service.get("end/a").statusCode() != Status.OK);
        return count;
    }
}
