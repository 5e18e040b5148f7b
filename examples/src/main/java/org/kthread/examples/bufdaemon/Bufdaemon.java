package org.kthread.examples.bufdaemon;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.kthread.examples.Size;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The bufdaemon program: its command line. What it runs is in {@link Run}. */
@Command(
        name = "bufdaemon",
        mixinStandardHelpOptions = true,
        versionProvider = Bufdaemon.Version.class,
        sortOptions = false,
        usageHelpAutoWidth = true,
        exitCodeOnInvalidInput = Outcome.BAD_INPUT,
        exitCodeOnExecutionException = Bufdaemon.EX_SOFTWARE,
        description = {
            "Replays a disk trace of fio (iolog version 2 or 3) against a write-back buffer cache over real files,"
                    + " checks every read, and shuts down without losing a byte.",
            "The k-th write of the trace puts at position p of its file the byte"
                    + " ((k * 2654435761 + p * 2246822519) >>> 24) & 0xff."
        },
        footerHeading = "%n",
        footer = {
            "SIGINT and SIGTERM shut down in order: the daemons are parked, everything written is synced, and the exit"
                    + " code says how that went, 0 if nothing is left behind. A second signal changes nothing;"
                    + " after kill -9 every promise of the journal holds.",
            "With --report json standard output is one JSON object; the trace of the boot and the console go to"
                    + " standard error."
        },
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:done, and everything written is on disk",
            "1:bad arguments or a bad trace; nothing was touched",
            "2:a read did not return what was written (panic: nothing more was synced)",
            "3:the shutdown left something behind; the report says what and where",
            "4:an I/O failure; what is durable is said, nothing else is promised",
            "70:a fault of this program"
        })
public final class Bufdaemon implements Callable<Integer> {
    static final int EX_SOFTWARE = 70;
    private static final int MAX_BLOCK = 16 << 20;

    /** Of the heap, for buffers. */
    private static final double HEAP_SHARE = 0.75;

    /** How fast to replay. */
    enum Rate {
        max,
        real
    }

    /** How to print the reports. */
    enum Format {
        text,
        json
    }

    @Option(names = "--iolog", paramLabel = "FILE", required = true, description = "The trace.")
    private Path iolog = Path.of("");

    @Option(
            names = "--dir",
            paramLabel = "DIR",
            required = true,
            description =
                    "Where the files of the trace are made, by the last part of their names. Nothing else is touched.")
    private Path dir = Path.of("");

    @Option(names = "--overwrite", description = "Empty files that exist, and the journal.")
    private boolean overwrite;

    @Option(names = "--buffers", paramLabel = "N", description = "Buffers in memory. Default: ${DEFAULT-VALUE}.")
    private int buffers = 1024;

    @Option(
            names = "--block",
            paramLabel = "BYTES",
            converter = Size.class,
            description = "Size of a buffer. Default: ${DEFAULT-VALUE}.")
    private long block = 16384;

    @Option(
            names = "--rate",
            paramLabel = "max|real",
            description = "As fast as possible, or at the trace's own pace. Default: ${DEFAULT-VALUE}.")
    private Rate rate = Rate.max;

    @Option(names = "--loop", paramLabel = "N", description = "Replay the trace N times; the writes are numbered on.")
    private long loop = 1;

    @Option(names = "--virtual", description = "Run the daemons on virtual threads (JDK 21 and later).")
    private boolean virtual;

    @Option(
            names = "--journal",
            paramLabel = "FILE",
            description = "Append 'durable FILE k=K' when all writes of FILE up to K are on disk.")
    private @Nullable Path journal;

    @Option(
            names = "--budget",
            paramLabel = "SECONDS",
            description = "For the whole shutdown. Default: ${DEFAULT-VALUE}.")
    private int budget = 60;

    @Option(names = "--report", paramLabel = "text|json", description = "Default: ${DEFAULT-VALUE}.")
    private Format report = Format.text;

    @Option(
            names = "--max-file",
            paramLabel = "SIZE",
            converter = Size.class,
            defaultValue = "16GiB",
            description = "Refuse a trace that reaches beyond it in any file. Default: ${DEFAULT-VALUE}.")
    private long maxFile;

    @Spec
    private CommandSpec spec = CommandSpec.create();

    /** Runs the program and exits. */
    public static void main(String[] args) {
        System.exit(run(args));
    }

    static int run(String... args) {
        return new CommandLine(new Bufdaemon())
                .setCaseInsensitiveEnumValuesAllowed(true)
                .setParameterExceptionHandler((e, ignored) -> {
                    System.err.println("bufdaemon: " + e.getMessage());
                    System.err.println("Try 'bufdaemon --help'.");
                    return Outcome.BAD_INPUT;
                })
                .execute(args);
    }

    @Override
    public Integer call() throws Exception {
        atLeast("--buffers", buffers, 1);
        atLeast("--block", block, 1);
        atLeast("--loop", loop, 1);
        atLeast("--budget", budget, 1);
        if (block > MAX_BLOCK) {
            throw refused("--block " + block + ": at most " + MAX_BLOCK);
        }
        long most = (long) (Runtime.getRuntime().maxMemory() * HEAP_SHARE);
        if (buffers > most / block) {
            throw refused(String.format(
                    "--buffers %d of %d bytes do not fit: at most %d with this heap (java -Xmx)",
                    buffers, block, most / block));
        }
        if (virtual && Runtime.version().feature() < 21) {
            throw refused("--virtual: this Java (" + Runtime.version().feature() + ") has no virtual threads, 21 has");
        }
        Iolog trace = readTrace();
        @Nullable String problem = new Preflight(dir, iolog, journal, overwrite).problem(trace);
        if (problem != null) {
            throw refused(problem);
        }
        Machine.Config config =
                new Machine.Config(trace, dir, journal, buffers, (int) block, rate == Rate.real, loop, virtual);
        PrintStream chatter = report == Format.json ? System.err : System.out;
        return new Run(config, Duration.ofSeconds(budget), report == Format.json, chatter).call();
    }

    private Iolog readTrace() throws IOException {
        try {
            Iolog trace = Iolog.read(iolog, maxFile);
            if (loop > 1 && trace.writes() > Long.MAX_VALUE / loop) {
                throw refused("--loop " + loop + ": the numbers of the writes do not fit 63 bits");
            }
            if (trace.waits() > 0) {
                System.err.println("bufdaemon: " + iolog + ": " + trace.waits()
                        + " lines say wait, which version 3 does not know: ignored, as fio does");
            }
            return trace;
        } catch (IologException e) {
            throw refused(iolog + ": " + e.getMessage());
        } catch (NoSuchFileException e) {
            throw refused(iolog + ": no such file");
        } catch (IOException e) {
            throw refused(iolog + ": cannot be read: " + e);
        }
    }

    private void atLeast(String option, long value, long least) {
        if (value < least) {
            throw refused(option + " " + value + ": at least " + least);
        }
    }

    private ParameterException refused(String why) {
        return new ParameterException(spec.commandLine(), why);
    }

    /** What --version prints. */
    static final class Version implements CommandLine.IVersionProvider {
        @Override
        public String[] getVersion() {
            String version = Bufdaemon.class.getPackage().getImplementationVersion();
            return new String[] {"bufdaemon " + (version == null ? "(not packaged)" : version)};
        }
    }
}
