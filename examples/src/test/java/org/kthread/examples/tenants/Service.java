package org.kthread.examples.tenants;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.awaitility.Awaitility;

/** The packaged program, serving, in a process of its own; and a client for it. */
final class Service implements AutoCloseable {
    static final String TOKEN = "s3cret";
    private static final int CLIENT_THREADS = 2;
    static final Duration LIMIT = Duration.ofSeconds(90);

    private static final Path JAR = Path.of(System.getProperty("tenants.jar", "target/tenants.jar"));
    private static final Pattern URLS =
            Pattern.compile("serving (http://\\S+)/t/.*administration (http://\\S+)/tenants\n", Pattern.DOTALL);

    /** How it ended, and what it said. */
    record Result(int exitCode, String out, String err) {
        Result expect(int code) {
            assertEquals(code, exitCode, this::toString);
            return this;
        }

        /** Ended by a signal, and nothing is left. */
        Result expectClean() {
            expect(Run.OK);
            assertTrue(out.contains("Shutdown HALT: clean"), this::toString);
            assertEquals("", err, this::toString);
            return this;
        }

        @Override
        public String toString() {
            return "exit " + exitCode + "\n--- standard output\n" + out + "\n--- standard error\n" + err;
        }
    }

    final Path root;
    private final ThreadPoolExecutor threads =
            new ThreadPoolExecutor(CLIENT_THREADS, CLIENT_THREADS, 0, TimeUnit.SECONDS, new LinkedBlockingQueue<>());
    final HttpClient client = HttpClient.newBuilder()
            .executor(threads)
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(Duration.ofSeconds(20))
            .build();

    private final Process process;
    private final Path out;
    private final Path err;
    private final AtomicInteger number = new AtomicInteger();
    private String files = "";
    private String admin = "";

    private Service(Process process, Path root, Path out, Path err) {
        this.process = process;
        threads.prestartAllCoreThreads();
        this.root = root;
        this.out = out;
        this.err = err;
    }

    /** Starts it beneath {@code work}, and waits until it serves. */
    static Service start(Path work, String... more) throws Exception {
        Path token = Files.writeString(work.resolve("token"), TOKEN + "\n");
        List<String> args = new ArrayList<>(List.of("--port", "0", "--admin-port", "0", "--token-file", "" + token));
        args.addAll(List.of("--root", "" + work.resolve("root")));
        args.addAll(List.of(more));
        Service service = launch(work, args);
        service.awaitServing();
        return service;
    }

    /** Starts it with these arguments alone. */
    static Service launch(Path work, List<String> args) throws IOException {
        // Maven may have been started with signals ignored, as by nohup or a script's "&": the program would inherit
        // that.
        List<String> line = new ArrayList<>(List.of("env", "--default-signal=HUP,INT"));
        line.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        line.addAll(List.of("-Xmx256m", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC"));
        line.addAll(List.of("-ea", "-jar", JAR.toString()));
        line.addAll(args);
        Path out = Files.createTempFile(work, "out", ".txt");
        Path err = Files.createTempFile(work, "err", ".txt");
        Process process = new ProcessBuilder(line)
                .redirectInput(ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()))
                .redirectOutput(out.toFile())
                .redirectError(err.toFile())
                .start();
        return new Service(process, work.resolve("root"), out, err);
    }

    private void awaitServing() throws IOException {
        Awaitility.await("the boot")
                .atMost(LIMIT)
                .pollInterval(Duration.ofMillis(10))
                .until(() -> out().contains("administration") || !process.isAlive());
        Matcher m = URLS.matcher(out());
        assertTrue(m.find(), () -> "it does not serve: " + said());
        files = m.group(1);
        admin = m.group(2);
    }

    private String said() {
        try {
            return Files.readString(out) + "\n" + Files.readString(err);
        } catch (IOException e) {
            return e.toString();
        }
    }

    String out() throws IOException {
        return Files.readString(out);
    }

    int port() {
        return URI.create(files).getPort();
    }

    int adminPort() {
        return URI.create(admin).getPort();
    }

    /* ---- Files. ---- */

    /** A request for a file; the path as it is to be sent. */
    HttpRequest.Builder file(String tenantAndPath) {
        return HttpRequest.newBuilder(URI.create(files + "/t/" + tenantAndPath)).timeout(LIMIT);
    }

    HttpResponse<String> send(HttpRequest.Builder request) throws IOException, InterruptedException {
        return client.send(request.build(), HttpResponse.BodyHandlers.ofString());
    }

    HttpResponse<String> get(String tenantAndPath, String... headers) throws IOException, InterruptedException {
        HttpRequest.Builder request = file(tenantAndPath);
        return send(headers.length == 0 ? request : request.headers(headers));
    }

    HttpResponse<String> put(String tenantAndPath, String body) throws IOException, InterruptedException {
        return send(file(tenantAndPath).PUT(HttpRequest.BodyPublishers.ofString(body)));
    }

    HttpResponse<String> delete(String tenantAndPath) throws IOException, InterruptedException {
        return send(file(tenantAndPath).DELETE());
    }

    /* ---- Administration. ---- */

    HttpRequest.Builder tenants(String rest) {
        return HttpRequest.newBuilder(URI.create(admin + "/tenants" + rest))
                .timeout(LIMIT)
                .header("Authorization", "Bearer " + TOKEN);
    }

    HttpResponse<String> create(String name) throws IOException, InterruptedException {
        return send(tenants("/" + name).PUT(HttpRequest.BodyPublishers.noBody()));
    }

    HttpResponse<String> destroy(String name) throws IOException, InterruptedException {
        return send(tenants("/" + name).DELETE());
    }

    /** A name that no tenant has. */
    String fresh() {
        return "t" + number.incrementAndGet();
    }

    /** Makes a tenant; its directory. */
    Path tenant(String name) throws IOException, InterruptedException {
        assertEquals(Status.CREATED, create(name).statusCode());
        return root.resolve(name.replaceAll("\\?.*", ""));
    }

    JsonArray list() throws IOException, InterruptedException {
        return JsonParser.parseString(send(tenants("")).body()).getAsJsonArray();
    }

    /** A column of the list, for one tenant; -1 if it is not there. */
    int shown(String name, String column) throws IOException, InterruptedException {
        for (JsonElement row : list()) {
            JsonObject tenant = row.getAsJsonObject();
            if (tenant.get("name").getAsString().equals(name)) {
                return tenant.get(column).getAsInt();
            }
        }
        return -1;
    }

    void awaitShown(String name, String column, int value) {
        Awaitility.await(name + ": " + column + " " + value)
                .atMost(LIMIT)
                .pollInterval(Duration.ofMillis(10))
                .until(() -> shown(name, column) == value);
    }

    /** The files beneath the tenants' directories that the program has open, as the system sees it. */
    List<Path> openFiles() throws IOException {
        List<Path> open = new ArrayList<>();
        try (Stream<Path> fds = Files.list(Path.of("/proc", "" + process.pid(), "fd"))) {
            for (Path fd : fds.toList()) {
                try {
                    Path target = Files.readSymbolicLink(fd);
                    if (target.startsWith(root)) {
                        open.add(target);
                    }
                } catch (NoSuchFileException e) {
                    assertTrue(process.isAlive(), this::said); // closed meanwhile
                }
            }
        }
        return open;
    }

    void awaitNothingOpen() {
        Awaitility.await("nothing open")
                .atMost(LIMIT)
                .pollInterval(Duration.ofMillis(10))
                .until(() -> openFiles().isEmpty());
    }

    /** The names in a directory, reserved ones too. */
    static List<String> names(Path dir) throws IOException {
        try (Stream<Path> entries = Files.list(dir)) {
            return entries.map(entry -> entry.getFileName().toString()).sorted().toList();
        }
    }

    /* ---- The end. ---- */

    void signal(String name) throws Exception {
        new ProcessBuilder("kill", "-" + name, Long.toString(process.pid()))
                .start()
                .waitFor();
    }

    Result stop() throws Exception {
        signal("TERM");
        return await();
    }

    Result await() throws Exception {
        if (!process.waitFor(LIMIT.toSeconds(), TimeUnit.SECONDS)) {
            signal("QUIT"); // its stacks, on standard output
            process.waitFor(2, TimeUnit.SECONDS);
            process.destroyForcibly().waitFor();
            fail("did not end in " + LIMIT + "\n" + said());
        }
        return new Result(process.exitValue(), out(), Files.readString(err));
    }

    @Override
    public void close() {
        process.destroyForcibly();
        threads.shutdownNow();
    }
}
