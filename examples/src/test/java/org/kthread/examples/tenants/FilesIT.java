package org.kthread.examples.tenants;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@DisplayName("The files of a tenant")
class FilesIT {
    @TempDir
    private static Path work;

    private static Service service;

    @BeforeAll
    static void start() throws Exception {
        service = Service.start(work, "--max-body", "100k");
    }

    @AfterAll
    static void stop() throws Exception {
        try (Service closing = service) {
            closing.awaitNothingOpen();
            closing.stop().expectClean();
        }
    }

    /** A tenant of the test's own, with a file. */
    private static Path tenant(String name) throws IOException, InterruptedException {
        Path dir = service.tenant(name);
        assertEquals(Status.CREATED, service.put(name + "/a.txt", "0123456789").statusCode());
        return dir;
    }

    private static void status(int expected, HttpResponse<String> response) {
        assertEquals(expected, response.statusCode(), response::body);
    }

    @Test
    @DisplayName("PUT makes and replaces, GET reads, HEAD tells the length, DELETE removes")
    void roundTrip() throws Exception {
        Path dir = tenant("round");
        HttpResponse<String> got = service.get("round/a.txt");
        status(Status.OK, got);
        assertEquals("0123456789", got.body());
        assertEquals(
                "application/octet-stream",
                got.headers().firstValue("Content-Type").orElseThrow());
        status(Status.NO_CONTENT, service.put("round/a.txt", "other"));
        assertEquals("other", service.get("round/a.txt").body());
        HttpResponse<String> head =
                service.send(service.file("round/a.txt").method("HEAD", HttpRequest.BodyPublishers.noBody()));
        status(Status.OK, head);
        assertEquals(Optional.of("5"), head.headers().firstValue("Content-Length"));
        assertEquals("", head.body());
        status(Status.NO_CONTENT, service.delete("round/a.txt"));
        status(Status.NOT_FOUND, service.get("round/a.txt"));
        status(Status.NOT_FOUND, service.delete("round/a.txt"));
        assertEquals(List.of(), Service.names(dir));
    }

    @Test
    @DisplayName("an empty file; names that need encoding; a chunked body")
    void odd() throws Exception {
        Path dir = service.tenant("odd");
        status(Status.CREATED, service.put("odd/empty", ""));
        HttpResponse<String> empty = service.get("odd/empty");
        status(Status.OK, empty);
        assertEquals("", empty.body());
        status(Status.CREATED, service.put("odd/a%20b%3f%25%2B+", "x"));
        assertEquals("x", service.get("odd/a%20b%3F%25+%2B").body());
        assertTrue(Files.exists(dir.resolve("a b?%++")));
        status(
                Status.CREATED,
                service.send(service.file("odd/chunked")
                        .PUT(HttpRequest.BodyPublishers.fromPublisher(HttpRequest.BodyPublishers.ofString("abc")))));
        assertEquals("abc", service.get("odd/chunked").body());
    }

    @Test
    @DisplayName("directories are made with the files in them, and listed")
    void directories() throws Exception {
        Path dir = service.tenant("dirs");
        status(Status.CREATED, service.put("dirs/d/e/f.txt", "x"));
        status(Status.CREATED, service.put("dirs/d/a.txt", "x"));
        assertEquals("[\"d\"]\n", service.get("dirs").body());
        assertEquals("[\"d\"]\n", service.get("dirs/").body());
        HttpResponse<String> list = service.get("dirs/d/");
        assertEquals("[\"a.txt\",\"e\"]\n", list.body());
        assertEquals(
                "application/json", list.headers().firstValue("Content-Type").orElseThrow());
        assertEquals("[\"a.txt\",\"e\"]\n", service.get("dirs/d").body());
        Files.createDirectory(dir.resolve(".tenants-77"));
        assertEquals("[\"d\"]\n", service.get("dirs/").body());
    }

    @Test
    @DisplayName("a name that is a directory is no file, and one that is a file no directory")
    void kinds() throws Exception {
        tenant("kinds");
        service.put("kinds/d/x", "x");
        status(Status.CONFLICT, service.put("kinds/d", "x"));
        status(Status.CONFLICT, service.put("kinds/d/", "x"));
        status(Status.CONFLICT, service.put("kinds/", "x"));
        status(Status.CONFLICT, service.put("kinds", "x"));
        status(Status.CONFLICT, service.delete("kinds/d"));
        status(Status.CONFLICT, service.delete("kinds/d/"));
        status(Status.CONFLICT, service.put("kinds/a.txt/x", "x"));
        status(Status.CONFLICT, service.put("kinds/a.txt/x/y", "x"));
        status(Status.NOT_FOUND, service.get("kinds/a.txt/"));
        status(Status.NOT_FOUND, service.get("kinds/a.txt/x"));
        status(Status.NOT_FOUND, service.get("kinds/none/x"));
        assertEquals(List.of("a.txt", "d"), Service.names(service.root.resolve("kinds")));
    }

    @Test
    @DisplayName("what is neither file nor directory is not opened")
    void pipe() throws Exception {
        Path dir = service.tenant("pipe");
        assertEquals(
                0,
                new ProcessBuilder("mkfifo", dir.resolve("p").toString())
                        .start()
                        .waitFor());
        status(Status.NOT_FOUND, service.get("pipe/p"));
    }

    @ParameterizedTest
    @CsvSource({
        "bytes=2-4, 206, 234, bytes 2-4/10",
        "bytes=7-, 206, 789, bytes 7-9/10",
        "bytes=-2, 206, 89, bytes 8-9/10",
        "bytes=9-9, 206, 9, bytes 9-9/10",
        "bytes=5-500, 206, 56789, bytes 5-9/10",
        "'bytes=1-2,4-5', 200, 0123456789, ''",
        "bytes=4-2, 200, 0123456789, ''",
        "bytes=x-y, 200, 0123456789, ''",
        "furlongs=1-2, 200, 0123456789, ''",
        "bytes=10-, 416, '', bytes */10",
        "bytes=-0, 416, '', bytes */10",
    })
    @DisplayName("ranges")
    void ranges(String range, int status, String body, String contentRange) throws Exception {
        String name = service.fresh();
        tenant(name);
        HttpResponse<String> got = service.get(name + "/a.txt", "Range", range);
        status(status, got);
        if (status != Status.RANGE_NOT_SATISFIABLE) {
            assertEquals(body, got.body());
        }
        assertEquals(contentRange, got.headers().firstValue("Content-Range").orElse(""));
        HttpResponse<String> conditional = service.get(name + "/a.txt", "Range", range, "If-Range", "\"etag\"");
        status(Status.OK, conditional);
        assertEquals("0123456789", conditional.body());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/../other/secret",
                "/%2e%2e/other/secret",
                "/.%2E/other/secret",
                "/d/../../other/secret",
                "/..%2fother%2fsecret",
                "/%2e%2e%2fother%2fsecret",
                "/./a.txt",
                "/d//a.txt",
                "//a.txt",
                "/%2fetc%2fpasswd",
                "//etc/passwd",
                "/a%00.txt",
                "/a%0a.txt",
                "/%7f",
                "/%ff",
                "/%c0%ae%c0%ae/other/secret",
                "/.tenants-1",
            })
    @DisplayName("paths that climb, are absolute or hide something: 400, whatever the method")
    void climbing(String path) throws Exception {
        String name = service.fresh();
        tenant(name);
        for (String method : List.of("GET", "PUT", "DELETE")) {
            try (RawClient raw = new RawClient(service.port())) {
                raw.send(method + " /t/" + name + path + " HTTP/1.1\nHost: x\nContent-Length: 1\n\nx");
                assertEquals(Status.BAD_REQUEST, raw.status(), method);
            }
        }
        assertEquals(List.of("a.txt"), Service.names(service.root.resolve(name)));
    }

    @ParameterizedTest
    @ValueSource(strings = {"/", "/etc/passwd", "/tenants", "/t", "/T/x", "//t/x", "/t%2fx"})
    @DisplayName("what is not served: 404")
    void notServed(String path) throws Exception {
        try (RawClient raw = new RawClient(service.port())) {
            raw.send("GET " + path + " HTTP/1.1\nHost: x\n\n");
            assertEquals(Status.NOT_FOUND, raw.status());
        }
    }

    @Test
    @DisplayName("symbolic links that lead out are not followed; those that stay are")
    void links() throws Exception {
        Path dir = tenant("links");
        Path other = tenant("linked");
        Files.writeString(work.resolve("secret"), "secret");
        Files.createSymbolicLink(dir.resolve("file"), work.resolve("secret"));
        Files.createSymbolicLink(dir.resolve("relative"), Path.of("../../secret"));
        Files.createSymbolicLink(dir.resolve("dir"), other);
        Files.createSymbolicLink(dir.resolve("up"), Path.of(".."));
        Files.createSymbolicLink(dir.resolve("loop"), Path.of("loop"));
        Files.createSymbolicLink(dir.resolve("in"), Path.of("a.txt"));
        for (String path : List.of("file", "relative", "dir/a.txt", "up/linked/a.txt", "dir/", "up", "up/", "loop")) {
            status(Status.FORBIDDEN, service.get("links/" + path));
        }
        for (String path : List.of("dir/new", "up/linked/new", "up/new", "dir/d/new", "loop/new")) {
            status(Status.FORBIDDEN, service.put("links/" + path, "x"));
        }
        for (String path : List.of("dir/a.txt", "up/linked/a.txt")) {
            status(Status.FORBIDDEN, service.delete("links/" + path));
        }
        assertEquals("0123456789", service.get("links/in").body());
        status(Status.NO_CONTENT, service.delete("links/file")); // the link, not what it leads to
        assertEquals("secret", Files.readString(work.resolve("secret")));
        assertEquals(List.of("a.txt"), Service.names(other));
        assertFalse(Service.names(service.root).contains("new"));
    }

    @Test
    @DisplayName("huge names: 414, and no name at all is made")
    void huge() throws Exception {
        Path dir = service.tenant("huge");
        status(Status.URI_TOO_LONG, service.put("huge/" + "n".repeat(300), "x"));
        status(Status.URI_TOO_LONG, service.get("huge/" + "n".repeat(300)));
        status(Status.CREATED, service.put("huge/" + "n".repeat(255), "x"));
        status(Status.BAD_REQUEST, service.get("n".repeat(64) + "/a"));
        try (RawClient raw = new RawClient(service.port())) {
            raw.send("GET /t/huge/" + "x/".repeat(30_000) + " HTTP/1.1\nHost: x\n\n");
            assertTrue(raw.status() >= Status.BAD_REQUEST);
        }
        assertEquals(List.of("n".repeat(255)), Service.names(dir));
    }

    @ParameterizedTest
    @ValueSource(strings = {"POST", "PATCH", "OPTIONS", "TRACE", "PROPFIND"})
    @DisplayName("other methods: 405, and which are allowed")
    void methods(String method) throws Exception {
        String name = method.toLowerCase(java.util.Locale.ROOT);
        tenant(name);
        HttpResponse<String> response =
                service.send(service.file(name + "/a.txt").method(method, HttpRequest.BodyPublishers.ofString("x")));
        status(Status.METHOD_NOT_ALLOWED, response);
        assertEquals(
                "GET, HEAD, PUT, DELETE", response.headers().firstValue("Allow").orElseThrow());
    }

    @Test
    @DisplayName("an unknown tenant: 404; a name that cannot be one: 400")
    void unknown() throws Exception {
        status(Status.NOT_FOUND, service.get("nobody/a.txt"));
        status(Status.NOT_FOUND, service.put("nobody/a.txt", "x"));
        status(Status.NOT_FOUND, service.delete("nobody/a.txt"));
        status(Status.BAD_REQUEST, service.get("NOBODY/a.txt"));
        assertFalse(Files.exists(service.root.resolve("nobody")));
    }

    @Test
    @DisplayName("a body that is too large: 413, told before it is sent or when it is; nothing is left")
    void tooLarge() throws Exception {
        Path dir = service.tenant("large");
        status(Status.CREATED, service.put("large/fits", "x".repeat(100 << 10)));
        status(Status.CONTENT_TOO_LARGE, service.put("large/b", "x".repeat((100 << 10) + 1)));
        try (RawClient raw = new RawClient(service.port())) {
            raw.send("PUT /t/large/c HTTP/1.1\nHost: x\nContent-Length: 9223372036854775807\n\n");
            assertEquals(Status.CONTENT_TOO_LARGE, raw.status());
        }
        try (RawClient raw = new RawClient(service.port())) {
            raw.send("PUT /t/large/d HTTP/1.1\nHost: x\nTransfer-Encoding: chunked\n\n19100\n");
            raw.send("x".repeat(0x19001));
            assertEquals(Status.CONTENT_TOO_LARGE, raw.status());
        }
        assertEquals(List.of("fits"), Service.names(dir));
    }

    @Test
    @DisplayName("a body longer than promised: the promised part is the file")
    void longer() throws Exception {
        Path dir = service.tenant("longer");
        try (RawClient raw = new RawClient(service.port())) {
            raw.send("PUT /t/longer/a HTTP/1.1\nHost: x\nContent-Length: 5\n\n12345678\n\n");
            assertEquals(Status.CREATED, raw.status());
        }
        assertEquals("12345", Files.readString(dir.resolve("a")));
        assertEquals(List.of("a"), Service.names(dir));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "Content-Length: 10\n\n12345",
                "Content-Length: 10\n\n",
                "Transfer-Encoding: chunked\n\na\n12345",
                "Transfer-Encoding: chunked\n\n5\n12345\n",
                "Transfer-Encoding: chunked\n\n5\n12345\n0",
                "Transfer-Encoding: chunked\n\nzz\n12345",
                "Transfer-Encoding: chunked\n\n-5\n12345",
            })
    @DisplayName("a body shorter than promised leaves what was there")
    void shorter(String rest) throws Exception {
        String name = service.fresh();
        Path dir = tenant(name);
        try (RawClient raw = new RawClient(service.port())) {
            raw.send("PUT /t/" + name + "/a.txt HTTP/1.1\nHost: x\n" + rest).finish();
            int status = raw.status();
            assertTrue(status == 0 || status >= Status.BAD_REQUEST, "status " + status);
        }
        service.awaitShown(name, "requests", 0);
        assertEquals("0123456789", service.get(name + "/a.txt").body());
        assertEquals(List.of("a.txt"), Service.names(dir));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "Content-Length: x\n\n",
                "Content-Length: -1\n\n",
                "Content-Length: 5\nContent-Length: 6\n\n12345",
                "Content-Length: 5\nTransfer-Encoding: chunked\n\n5\n12345\n0\n\n",
                "Content-Length: 99999999999999999999\n\n",
                "Content-Range: bytes 0-4/10\nContent-Length: 5\n\n12345",
                "\n",
                "Transfer-Encoding: gzip\n\n12345",
            })
    @DisplayName("a length that makes no sense is refused")
    void badLength(String rest) throws Exception {
        String name = service.fresh();
        Path dir = tenant(name);
        try (RawClient raw = new RawClient(service.port())) {
            raw.send("PUT /t/" + name + "/b HTTP/1.1\nHost: x\n" + rest).finish();
            int status = raw.status();
            assertTrue(status == 0 || status >= Status.BAD_REQUEST, "status " + status);
        }
        assertEquals(List.of("a.txt"), Service.names(dir));
    }

    @Test
    @DisplayName("a client that goes away during its PUT leaves nothing; during its GET nothing open")
    void goesAway() throws Exception {
        Path dir = tenant("away");
        for (int i = 0; i < 20; i++) {
            try (RawClient raw = new RawClient(service.port())) {
                raw.send("PUT /t/away/b HTTP/1.1\nHost: x\nContent-Length: 90000\n\n12345");
                service.awaitShown("away", "open", 1);
            }
            service.awaitShown("away", "open", 0);
        }
        Files.write(dir.resolve("big"), new byte[64 << 20]);
        for (int i = 0; i < 5; i++) {
            try (RawClient raw = new RawClient(service.port())) {
                raw.send("GET /t/away/big HTTP/1.1\nHost: x\n\n");
                service.awaitShown("away", "open", 1);
            }
            service.awaitShown("away", "requests", 0);
            assertEquals(0, service.shown("away", "open"));
        }
        assertEquals(List.of("a.txt", "big"), Service.names(dir));
    }

    @Test
    @DisplayName("the limit on open files: 503 for this tenant, and nobody else")
    void descriptorLimit() throws Exception {
        tenant("one");
        Path dir = service.tenant("few?nofile=1");
        Files.writeString(dir.resolve("a.txt"), "x");
        try (RawClient raw = new RawClient(service.port())) {
            raw.send("PUT /t/few/b HTTP/1.1\nHost: x\nContent-Length: 5\n\n1234");
            service.awaitShown("few", "open", 1);
            HttpResponse<String> refused = service.get("few/a.txt");
            status(Status.UNAVAILABLE, refused);
            assertEquals(Optional.of("1"), refused.headers().firstValue("Retry-After"));
            status(Status.UNAVAILABLE, service.put("few/c", "x"));
            status(Status.OK, service.get("one/a.txt"));
            raw.send("5");
            assertEquals(Status.CREATED, raw.status());
        }
        status(Status.OK, service.get("few/a.txt"));
        assertEquals(List.of("a.txt", "b"), Service.names(dir));
    }
}
