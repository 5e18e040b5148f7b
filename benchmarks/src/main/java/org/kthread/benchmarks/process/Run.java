package org.kthread.benchmarks.process;

import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;

/**
 * One life of a program, seen from outside.
 *
 * @param startMillis from the start of its JVM to the daemon's first instruction
 * @param stopMillis from SIGTERM to the end of the process
 * @param rssKiB the most memory it ever had, by then
 * @param heapKiB what of its heap is in use after a collection
 */
record Run(double startMillis, double stopMillis, long rssKiB, long heapKiB) {
    private static final double MILLI = 1e6;
    private static final int KIB = 1024;
    private static final int SIGTERM_STATUS = 128 + 15;
    private static final long SETTLE_MILLIS = 300;

    static Run of(Contestant contestant, List<Path> classpath) throws IOException, InterruptedException {
        String cp = classpath.stream().map(Path::toString).collect(Collectors.joining(File.pathSeparator));
        ProcessBuilder builder = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx256m",
                        "-cp",
                        cp,
                        contestant.main().getName())
                .redirectError(ProcessBuilder.Redirect.INHERIT);
        long began = System.nanoTime();
        Process process = builder.start();
        try (BufferedReader out = process.inputReader();
                OutputStream in = process.getOutputStream()) {
            expect(out, Job.UP, contestant);
            double start = (System.nanoTime() - began) / MILLI;
            process.waitFor(SETTLE_MILLIS, TimeUnit.MILLISECONDS); // it lives a little
            long rss = peak(process.pid());
            in.write('\n');
            in.flush();
            long heap = Long.parseLong(String.valueOf(out.readLine())) / KIB;
            began = System.nanoTime();
            process.toHandle().destroy(); // not process.destroy(), which closes the streams as well
            int status = process.waitFor();
            double stop = (System.nanoTime() - began) / MILLI;
            expect(out, Job.DOWN, contestant);
            if (status != SIGTERM_STATUS) {
                throw new IllegalStateException(contestant.name() + " ended with " + status);
            }
            return new Run(start, stop, rss, heap);
        } finally {
            process.destroyForcibly();
        }
    }

    private static void expect(BufferedReader out, String word, Contestant contestant) throws IOException {
        String line = out.readLine();
        if (!word.equals(line)) {
            throw new IllegalStateException(contestant.name() + " said '" + line + "', not '" + word + "'");
        }
    }

    /** {@code VmHWM}. */
    private static long peak(long pid) throws IOException {
        return Files.readAllLines(Path.of("/proc", Long.toString(pid), "status")).stream()
                .filter(line -> line.startsWith("VmHWM:"))
                .map(line -> line.replaceAll("\\D", ""))
                .mapToLong(Long::parseLong)
                .findFirst()
                .orElseThrow();
    }
}
