package org.kthread.examples.bufdaemon;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.lang.reflect.Proxy;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.kthread.examples.Jvm;

@DisplayName("A run whose boot fails of itself")
class BootFailedTest {
    private static final int OF_THE_SIGNAL = 143;

    @Test
    @DisplayName("while a signal ends the JVM: exit code 4 all the same")
    void signalled() throws Exception {
        assertEquals(Outcome.IO_FAILURE, Jvm.run(Duration.ofSeconds(60), Signalled.class));
    }

    /** The signal comes, and the shutdown is under way, when the files are about to be made. */
    static final class Signalled {
        private static final CountDownLatch SHUTTING_DOWN = new CountDownLatch(1);

        public static void main(String[] args) throws InterruptedException {
            Path dir = (Path) Proxy.newProxyInstance(
                    Signalled.class.getClassLoader(), new Class<?>[] {Path.class}, (self, method, arguments) -> {
                        new Thread(() -> System.exit(OF_THE_SIGNAL)).start();
                        SHUTTING_DOWN.await();
                        throw new UncheckedIOException(new IOException("no space left on device"));
                    });
            Iolog none = new Iolog(2, List.of(), 0, 0, 0);
            Machine.Config config = new Machine.Config(none, dir, null, 8, 512, false, 1, false);
            PrintStream chatter = new PrintStream(OutputStream.nullOutputStream(), true, StandardCharsets.UTF_8) {
                @Override
                public void println(String line) {
                    if (line.startsWith("Uptime")) {
                        SHUTTING_DOWN.countDown();
                    }
                }
            };
            new Run(config, Duration.ofSeconds(20), false, chatter).call();
        }
    }
}
