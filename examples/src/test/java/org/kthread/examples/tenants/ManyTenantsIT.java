package org.kthread.examples.tenants;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@DisplayName("Many tenants on few threads")
class ManyTenantsIT {
    private static final int TENANTS = 10_000;
    private static final int CLIENTS = 8;
    private static final int REQUESTS = 1_000;

    @TempDir
    private Path work;

    @Test
    @DisplayName("10,000 tenants on 4 threads: each sees its own files and nobody else's, and nothing leaks")
    void tenThousand() throws Exception {
        try (Service service = Service.start(work, "--threads", "4", "--nofile", "8")) {
            for (int i = 0; i < TENANTS; i++) {
                assertEquals(Status.CREATED, service.create("t" + i).statusCode());
            }
            assertEquals(TENANTS, service.list().size());
            ExecutorService clients = Executors.newFixedThreadPool(CLIENTS);
            try {
                List<Future<Void>> running = new ArrayList<>();
                for (int c = 0; c < CLIENTS; c++) {
                    int seed = c;
                    running.add(clients.submit(() -> work(service, seed)));
                }
                for (Future<Void> client : running) {
                    client.get(5, TimeUnit.MINUTES);
                }
            } finally {
                clients.shutdown();
                assertTrue(clients.awaitTermination(5, TimeUnit.MINUTES));
            }
            service.list().forEach(row -> {
                assertEquals(0, row.getAsJsonObject().get("open").getAsInt());
                assertEquals(0, row.getAsJsonObject().get("requests").getAsInt());
            });
            assertEquals(List.of(), service.openFiles());
            for (int i = 0; i < TENANTS / 2; i++) {
                assertEquals(Status.NO_CONTENT, service.destroy("t" + i).statusCode());
            }
            assertEquals(TENANTS / 2, service.list().size());
            service.stop().expectClean();
        }
    }

    /** Every client has tenants of its own, and looks at a file of the same name in each. */
    private static Void work(Service service, int client) throws Exception {
        Random random = new Random(client);
        for (int i = 0; i < REQUESTS; i++) {
            String tenant = "t" + (random.nextInt(TENANTS / CLIENTS) * CLIENTS + client);
            int status = service.put(tenant + "/own", tenant).statusCode();
            assertTrue(status == Status.CREATED || status == Status.NO_CONTENT, "status " + status);
            assertEquals(tenant, service.get(tenant + "/own").body());
            assertEquals("[\"own\"]\n", service.get(tenant + "/").body());
        }
        return null;
    }
}
