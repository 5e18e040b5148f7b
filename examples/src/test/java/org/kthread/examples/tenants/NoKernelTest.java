package org.kthread.examples.tenants;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.kthread.examples.Jvm;

@DisplayName("A run for which no kernel can be started")
class NoKernelTest {
    @TempDir
    private Path work;

    @Test
    @DisplayName("because the JVM is ending: nothing was touched, exit code 0")
    void ending() throws Exception {
        Path token = Files.writeString(work.resolve("token"), "secret\n");
        String[] args = {
            "--port", "0", "--admin-port", "0", "--token-file", token.toString(), "--root", "" + work.resolve("root")
        };
        assertEquals(Run.OK, Jvm.run(Duration.ofSeconds(60), Ending.class, args));
    }

    /** It begins in a hook. */
    static final class Ending {
        public static void main(String[] args) {
            Runtime.getRuntime()
                    .addShutdownHook(new Thread(() -> Runtime.getRuntime().halt(Tenants.run(args))));
        }
    }
}
