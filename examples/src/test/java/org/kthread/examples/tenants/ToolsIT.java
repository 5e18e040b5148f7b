package org.kthread.examples.tenants;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;
import org.junit.jupiter.api.io.TempDir;

@DisplayName("Clients that people use")
class ToolsIT {
    private static final int SIZE = 5_000_000;

    @TempDir
    private static Path work;

    private static Service service;

    @BeforeAll
    static void start() throws Exception {
        service = Service.start(work);
    }

    @AfterAll
    static void stop() throws Exception {
        try (Service closing = service) {
            closing.awaitNothingOpen();
            closing.stop().expectClean();
        }
    }

    static boolean hasCurl() {
        return has("curl");
    }

    static boolean hasWrk() {
        return has("wrk");
    }

    private static boolean has(String tool) {
        try {
            return new ProcessBuilder("sh", "-c", "command -v " + tool)
                            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                            .start()
                            .waitFor()
                    == 0;
        } catch (IOException e) {
            return false;
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    /** What a tool says on standard output; it must end well. */
    private static String run(String... command) throws Exception {
        Path out = Files.createTempFile(work, "tool", ".txt");
        Process process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(out.toFile())
                .start();
        assertEquals(0, process.waitFor(), () -> String.join(" ", command));
        return Files.readString(out, StandardCharsets.ISO_8859_1);
    }

    private static String curl(String... args) throws Exception {
        List<String> command =
                new ArrayList<>(List.of("curl", "--silent", "--show-error", "--fail", "--max-time", "60"));
        command.addAll(List.of(args));
        return run(command.toArray(new String[0]));
    }

    @Test
    @EnabledIf(value = "hasCurl", disabledReason = "curl is not installed")
    @DisplayName("curl: upload with a length and without, download in parts, resume, list, remove")
    void curl() throws Exception {
        String admin = "http://localhost:" + service.adminPort() + "/tenants/";
        String files = "http://localhost:" + service.port() + "/t/curl/";
        String token = "Authorization: Bearer " + Service.TOKEN;
        curl("-X", "PUT", "-H", token, admin + "curl");
        byte[] content = new byte[SIZE];
        new Random(1).nextBytes(content);
        Path file = Files.write(work.resolve("big"), content);
        curl("-T", file.toString(), files + "big");
        curl("-T", file.toString(), "-H", "Transfer-Encoding: chunked", files + "d/chunked");
        for (String name : List.of("big", "d/chunked")) {
            Path got = work.resolve("got");
            curl("-o", got.toString(), files + name);
            assertEquals(-1, Files.mismatch(file, got));
            Files.write(got, java.util.Arrays.copyOf(content, SIZE / 3));
            curl("-C", "-", "-o", got.toString(), files + name);
            assertEquals(-1, Files.mismatch(file, got));
        }
        Path part = work.resolve("part");
        curl("-r", "1000-1999", "-o", part.toString(), files + "big");
        org.junit.jupiter.api.Assertions.assertArrayEquals(
                java.util.Arrays.copyOfRange(content, 1000, 2000), Files.readAllBytes(part));
        assertTrue(curl("-I", files + "big").contains("Content-length: " + SIZE));
        assertEquals("[\"big\",\"d\"]\n", curl(files));
        curl("-X", "DELETE", files + "big");
        assertEquals("[\"d\"]\n", curl(files));
        curl("-X", "DELETE", "-H", token, admin + "curl");
    }

    @Test
    @EnabledIf(value = "hasWrk", disabledReason = "wrk is not installed")
    @DisplayName("wrk: many connections, while another tenant is made, filled and destroyed")
    void wrk() throws Exception {
        service.tenant("wrk");
        service.put("wrk/file", "x".repeat(1000));
        List<String> command = List.of(
                "wrk", "-t2", "-c32", "-d3s", "--timeout", "30s", "http://localhost:" + service.port() + "/t/wrk/file");
        Path out = work.resolve("wrk.txt");
        Process wrk = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(out.toFile())
                .start();
        while (wrk.isAlive()) {
            service.tenant("beside");
            service.put("beside/a", "x");
            assertEquals(Status.NO_CONTENT, service.destroy("beside").statusCode());
        }
        assertEquals(0, wrk.waitFor());
        String said = Files.readString(out);
        Matcher m = Pattern.compile("(\\d+) requests in").matcher(said);
        assertTrue(m.find() && Integer.parseInt(m.group(1)) > 0, said);
        assertFalse(said.contains("Non-2xx"), said);
        assertFalse(said.contains("Socket errors"), said);
        service.awaitShown("wrk", "requests", 0);
        assertEquals(0, service.shown("wrk", "open"));
    }
}
