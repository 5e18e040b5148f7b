package org.kthread.examples.tenants;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.kthread.examples.tenants.Service.Result;

@DisplayName("Starting")
class StartIT {
    @TempDir
    private Path work;

    private Path token;
    private Path root;

    @BeforeEach
    void paths() throws Exception {
        token = Files.writeString(work.resolve("token"), "secret\n");
        root = work.resolve("root");
    }

    private Result run(String... args) throws Exception {
        try (Service service = Service.launch(work, List.of(args))) {
            return service.await();
        }
    }

    private List<String> good() {
        return List.of("--port", "0", "--admin-port", "0", "--token-file", token.toString(), "--root", root.toString());
    }

    private void refused(String expected) throws Exception {
        Result result = run(good().toArray(new String[0])).expect(Run.BAD_INPUT);
        assertTrue(result.err().startsWith("tenants: " + expected), result::toString);
        assertEquals("", result.out());
    }

    @Test
    @DisplayName("--help and --version")
    void help() throws Exception {
        Result help = run("--help").expect(0);
        for (String word : List.of("--port", "--admin-port", "--token-file", "--root", "Exit codes:", "SIGTERM")) {
            assertTrue(help.out().contains(word), word);
        }
        assertTrue(run("--version").expect(0).out().matches("tenants \\d\\S*\\s+"));
    }

    @ParameterizedTest
    @CsvSource({
        "--port, 65536",
        "--port, -1",
        "--port, x",
        "--admin-port, 99999",
        "--threads, 0",
        "--nofile, 0",
        "--budget, 0",
        "--timeout, 0",
        "--max-body, huge",
        "--bind, no.such.host.invalid",
        "--colour, red",
    })
    @DisplayName("bad options: exit code 1, and nothing is made")
    void options(String option, String value) throws Exception {
        List<String> args = new ArrayList<>(good());
        int at = args.indexOf(option);
        if (at >= 0) {
            args.set(at + 1, value);
        } else {
            args.addAll(List.of(option, value));
        }
        Result result = run(args.toArray(new String[0])).expect(Run.BAD_INPUT);
        assertTrue(result.err().startsWith("tenants: "), result::toString);
        assertTrue(result.err().contains(option) || result.err().contains(value), result::toString);
        assertFalse(Files.exists(root));
    }

    @Test
    @DisplayName("an option that is missing")
    void missing() throws Exception {
        Result result = run("--port", "0").expect(Run.BAD_INPUT);
        assertTrue(result.err().contains("--admin-port"), result::toString);
    }

    @Test
    @DisplayName("a token file that is missing, empty, blank, a directory, or no token")
    void tokenFile() throws Exception {
        Files.writeString(token, "");
        refused("--token-file " + token + ": is empty");
        Files.writeString(token, " \n\t\n");
        refused("--token-file " + token + ": is empty");
        Files.writeString(token, "two words\n");
        refused("--token-file " + token + ": a token is one word of printable ASCII");
        Files.write(token, new byte[] {(byte) 0xff, (byte) 0xfe});
        refused("--token-file " + token + ": cannot be read");
        Files.writeString(token, "x".repeat(5000));
        refused("--token-file " + token + ": has more than 4096 bytes");
        Files.delete(token);
        refused("--token-file " + token + ": no such file");
        Files.createDirectory(token);
        refused("--token-file " + token + ": cannot be read");
        assertFalse(Files.exists(root));
    }

    @Test
    @DisplayName("--root that is a file, or beneath one")
    void rootIsFile() throws Exception {
        root = token;
        refused("--root " + token + ": is not a directory");
        root = token.resolve("x");
        refused("--root " + token.resolve("x") + ": ");
    }

    @Test
    @DisplayName("--root where nothing can be made")
    void rootNotWritable() throws Exception {
        root = Path.of("/proc/self/task"); // nobody can, not even the superuser
        refused("--root /proc/self/task: ");
    }

    @ParameterizedTest
    @CsvSource({"--port, files", "--admin-port, admin"})
    @DisplayName("a port in use: exit code 4, which port, and the boot is undone")
    void portInUse(String option, String step) throws Exception {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            List<String> args = new ArrayList<>(good());
            args.set(args.indexOf(option) + 1, "" + taken.getLocalPort());
            Result result = run(args.toArray(new String[0])).expect(Run.BOOT_FAILED);
            assertTrue(result.err().startsWith("tenants: boot step \"" + step), result::toString);
            assertTrue(result.err().contains(":" + taken.getLocalPort() + ": "), result::toString);
        }
    }
}
