package org.kthread.examples.bufdaemon;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.kthread.examples.Jvm;

@DisplayName("A run for which no kernel can be started")
class NoKernelTest {
    @Test
    @DisplayName("because the JVM is ending: nothing was touched, exit code 0")
    void ending() throws Exception {
        assertEquals(Outcome.OK, Jvm.run(Duration.ofSeconds(60), Ending.class));
    }

    @Test
    @DisplayName("because the kernel fails: the exit waits for nobody")
    void failing() throws Exception {
        assertEquals(Bufdaemon.EX_SOFTWARE, Jvm.run(Duration.ofSeconds(20), Failing.class));
    }

    private static int run(Duration budget) throws InterruptedException {
        Iolog none = new Iolog(2, List.of(), 0, 0, 0);
        Machine.Config config = new Machine.Config(none, Path.of(""), null, 8, 512, false, 1, false);
        return new Run(config, budget, false, System.out).call();
    }

    /** It begins in a hook. */
    static final class Ending {
        public static void main(String[] args) {
            Thread hook = new Thread(() -> {
                int code = Bufdaemon.EX_SOFTWARE;
                try {
                    code = run(Duration.ofSeconds(8));
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                } finally {
                    Runtime.getRuntime().halt(code);
                }
            });
            Runtime.getRuntime().addShutdownHook(hook);
        }
    }

    /** The kernel refuses a budget of nothing; the hook of the run would wait for half a minute. */
    static final class Failing {
        public static void main(String[] args) {
            int code = Bufdaemon.EX_SOFTWARE;
            try {
                code = run(Duration.ZERO);
            } catch (IllegalArgumentException | InterruptedException e) {
                code = Bufdaemon.EX_SOFTWARE;
            }
            System.exit(code);
        }
    }
}
