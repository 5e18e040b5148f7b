package org.kthread.examples.tenants;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.net.ConnectException;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@DisplayName("The administration")
class AdminIT {
    @TempDir
    private static Path work;

    private static Service service;

    @BeforeAll
    static void start() throws Exception {
        service = Service.start(work, "--nofile", "7", "--bind", "0.0.0.0");
    }

    @AfterAll
    static void stop() throws Exception {
        try (Service closing = service) {
            closing.stop().expectClean();
        }
    }

    private static void status(int expected, HttpResponse<String> response) {
        assertEquals(expected, response.statusCode(), response::body);
    }

    @Test
    @DisplayName("a tenant is made, shown, listed and destroyed; each has a process and a uid of its own")
    void life() throws Exception {
        HttpResponse<String> made = service.create("life");
        status(Status.CREATED, made);
        JsonObject life = JsonParser.parseString(made.body()).getAsJsonObject();
        assertEquals(7, life.get("nofile").getAsInt());
        assertTrue(Files.isDirectory(service.root.resolve("life")));
        status(
                Status.CREATED,
                service.send(service.tenants("/other?nofile=3").POST(HttpRequest.BodyPublishers.ofString("{}"))));
        assertEquals(3, service.shown("other", "nofile"));
        assertEquals(life.get("uid").getAsInt(), service.shown("life", "uid"));
        assertNotEquals(service.shown("other", "uid"), service.shown("life", "uid"));
        assertNotEquals(service.shown("other", "pid"), service.shown("life", "pid"));
        status(Status.OK, service.send(service.tenants("/life")));
        status(Status.NO_CONTENT, service.destroy("life"));
        assertEquals(-1, service.shown("life", "pid"));
        status(Status.NOT_FOUND, service.destroy("life"));
        status(Status.NOT_FOUND, service.send(service.tenants("/life")));
        status(Status.NOT_FOUND, service.get("life/a"));
    }

    @Test
    @DisplayName("made twice: 409; made again after its end: its directory is as it was, without incomplete uploads")
    void again() throws Exception {
        Path dir = service.tenant("again");
        status(Status.CONFLICT, service.create("again"));
        service.put("again/a", "kept");
        status(Status.NO_CONTENT, service.destroy("again"));
        Files.writeString(dir.resolve(".tenants-5"), "of a kill -9");
        Files.createDirectory(dir.resolve(".tenants-6d"));
        status(Status.CREATED, service.create("again"));
        assertEquals("kept", service.get("again/a").body());
        assertEquals(List.of("a"), Service.names(dir));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "Bearer", "Basic czNjcmV0", "s3cret", "Token s3cret"})
    @DisplayName("no token: 401, before anything else is looked at")
    void missing(String header) throws Exception {
        for (String path : List.of("/tenants", "/tenants/x", "/tenants/NO", "/nothing")) {
            HttpRequest.Builder request =
                    HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + service.adminPort() + path));
            if (!header.isEmpty()) {
                request.header("Authorization", header);
            }
            HttpResponse<String> refused = service.send(request.PUT(HttpRequest.BodyPublishers.noBody()));
            status(Status.UNAUTHORIZED, refused);
            assertEquals(
                    "Bearer realm=\"tenants\"",
                    refused.headers().firstValue("WWW-Authenticate").orElseThrow());
        }
        assertFalse(Files.exists(service.root.resolve("x")));
    }

    @ParameterizedTest
    @ValueSource(strings = {"s3cre", "s3crett", "S3CRET", "x", "s3cret s3cret", "\"s3cret\""})
    @DisplayName("a wrong token: 403")
    void wrong(String token) throws Exception {
        HttpRequest.Builder request = HttpRequest.newBuilder(
                        URI.create("http://127.0.0.1:" + service.adminPort() + "/tenants/y"))
                .header("Authorization", "Bearer " + token);
        status(Status.FORBIDDEN, service.send(request.PUT(HttpRequest.BodyPublishers.noBody())));
        assertFalse(Files.exists(service.root.resolve("y")));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "UPPER",
                "a%2fb",
                "%2e%2e",
                "..",
                ".hidden",
                "-a",
                "a%00",
                "a%20b",
                "%c3%bc",
                "nnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnn"
            })
    @DisplayName("bad names: 400")
    void names(String name) throws Exception {
        List<String> before = Service.names(service.root);
        status(Status.BAD_REQUEST, service.create(name));
        status(Status.BAD_REQUEST, service.destroy(name));
        assertEquals(before, Service.names(service.root));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"nofile=0", "nofile=-1", "nofile=65537", "nofile=x", "nofile=99999999999", "fds=3", "nofile="})
    @DisplayName("bad limits: 400, and nothing is made")
    void limits(String query) throws Exception {
        status(Status.BAD_REQUEST, service.create("limits?" + query));
        assertEquals(-1, service.shown("limits", "pid"));
    }

    @Test
    @DisplayName("other methods: 405; other paths: 404")
    void methods() throws Exception {
        HttpRequest.BodyPublisher none = HttpRequest.BodyPublishers.noBody();
        HttpResponse<String> response = service.send(service.tenants("").DELETE());
        status(Status.METHOD_NOT_ALLOWED, response);
        assertEquals("GET", response.headers().firstValue("Allow").orElseThrow());
        response = service.send(service.tenants("/a").method("PATCH", none));
        status(Status.METHOD_NOT_ALLOWED, response);
        assertEquals(
                "GET, PUT, POST, DELETE", response.headers().firstValue("Allow").orElseThrow());
        status(Status.NOT_FOUND, service.send(service.tenants("/a/b")));
        status(Status.NOT_FOUND, service.send(service.tenants("x")));
    }

    @Test
    @DisplayName("a name in --root that is a file, or a link to another tenant: 409")
    void taken() throws Exception {
        Path victim = service.tenant("victim");
        Files.writeString(service.root.resolve("file"), "x");
        Files.createSymbolicLink(service.root.resolve("link"), victim);
        Files.createSymbolicLink(service.root.resolve("dangling"), work.resolve("none"));
        for (String name : List.of("file", "link", "dangling")) {
            status(Status.CONFLICT, service.create(name));
            assertEquals(-1, service.shown(name, "pid"));
        }
    }

    @Test
    @DisplayName(
            "is on a port of its own, which only this machine reaches, and which serves no files; nor the other way round")
    void loopback() throws Exception {
        service.tenant("apart");
        status(
                Status.NOT_FOUND,
                service.send(
                        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + service.adminPort() + "/t/apart/a"))
                                .header("Authorization", "Bearer " + Service.TOKEN)));
        status(
                Status.NOT_FOUND,
                service.send(HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + service.port() + "/tenants"))
                        .header("Authorization", "Bearer " + Service.TOKEN)));
        for (InetAddress address : NetworkInterface.networkInterfaces()
                .flatMap(NetworkInterface::inetAddresses)
                .filter(a -> a instanceof Inet4Address && !a.isLoopbackAddress())
                .toList()) {
            connect(address, service.port());
            assertThrows(ConnectException.class, () -> connect(address, service.adminPort()));
        }
    }

    private static void connect(InetAddress address, int port) throws IOException {
        try (Socket socket = new Socket()) {
            socket.connect(new InetSocketAddress(address, port), (int) Service.LIMIT.toMillis());
        }
    }
}
