package org.kthread.examples.tenants;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.Callable;
import org.kthread.examples.DurableDirectory;
import org.kthread.examples.Size;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The tenants program: its command line. What it runs is in {@link Run}. */
@Command(
        name = "tenants",
        mixinStandardHelpOptions = true,
        versionProvider = Tenants.Version.class,
        sortOptions = false,
        usageHelpAutoWidth = true,
        exitCodeOnInvalidInput = Run.BAD_INPUT,
        exitCodeOnExecutionException = Tenants.EX_SOFTWARE,
        description = {
            "A file service over HTTP for many tenants. Each is a process with an own directory, an own uid and an own"
                    + " limit on open files; a few host threads serve all of them by switching.",
            "Files:   GET, HEAD, PUT, DELETE /t/TENANT/PATH; a directory is listed in JSON.",
            "Tenants: GET /tenants; GET, PUT, DELETE /tenants/NAME with 'Authorization: Bearer TOKEN', from this"
                    + " machine only. PUT /tenants/NAME?nofile=N sets the limit on open files."
        },
        footerHeading = "%n",
        footer = {
            "SIGINT and SIGTERM shut down in order: new requests are refused, those that run may finish for a quarter of"
                    + " the budget, and are broken off then; everything is synced and closed.",
            "Who can reach the port can read and write the files of every tenant whose name he knows: put in front what"
                    + " decides who may."
        },
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:shut down by a signal; everything is on disk",
            "1:bad arguments, token file or directory; nothing was started",
            "3:the shutdown left something behind; the report says what",
            "4:the boot failed, perhaps because a port is in use; it is undone",
            "70:a fault of this program"
        })
public final class Tenants implements Callable<Integer> {
    static final int EX_SOFTWARE = 70;
    private static final int MOST_PORTS = 65_535;
    private static final int MOST_THREADS = 1024;
    private static final int MOST_TOKEN = 4096;

    /** How much of a refused body is read, so that the client gets to reading why. */
    private static final int DRAIN = 1 << 20;

    @Option(names = "--port", paramLabel = "N", required = true, description = "Where files are served; 0: a free one.")
    private int port;

    @Option(
            names = "--admin-port",
            paramLabel = "N",
            required = true,
            description = "Where tenants are made and destroyed, for this machine only; 0: a free one.")
    private int adminPort;

    @Option(
            names = "--token-file",
            paramLabel = "FILE",
            required = true,
            description = "Its text is the token of the administration.")
    private Path tokenFile = Path.of("");

    @Option(
            names = "--root",
            paramLabel = "DIR",
            required = true,
            description = "Where the tenants' directories are, by their names. Made if it is missing.")
    private Path root = Path.of("");

    @Option(
            names = "--bind",
            paramLabel = "ADDRESS",
            description = "Which address files are served on; 0.0.0.0 for all. Default: ${DEFAULT-VALUE}.")
    private String bind = "127.0.0.1";

    @Option(names = "--threads", paramLabel = "N", description = "That serve files. Default: ${DEFAULT-VALUE}.")
    private int threads = 4;

    @Option(
            names = "--nofile",
            paramLabel = "N",
            description = "Files a tenant may have open, unless told otherwise. Default: ${DEFAULT-VALUE}.")
    private int nofile = 64;

    @Option(
            names = "--max-body",
            paramLabel = "SIZE",
            converter = Size.class,
            defaultValue = "1GiB",
            description = "The largest file. Default: ${DEFAULT-VALUE}.")
    private long maxBody;

    @Option(
            names = "--timeout",
            paramLabel = "SECONDS",
            description = "For a request to come in, and again for its answer to be taken. Default: ${DEFAULT-VALUE}.")
    private int timeout = 300;

    @Option(
            names = "--budget",
            paramLabel = "SECONDS",
            description = "For the whole shutdown. Default: ${DEFAULT-VALUE}.")
    private int budget = 30;

    @Spec
    private CommandSpec spec = CommandSpec.create();

    /** Runs the program and exits. */
    public static void main(String[] args) {
        System.exit(run(args));
    }

    static int run(String... args) {
        return new CommandLine(new Tenants())
                .setParameterExceptionHandler((e, ignored) -> {
                    System.err.println("tenants: " + e.getMessage());
                    System.err.println("Try 'tenants --help'.");
                    return Run.BAD_INPUT;
                })
                .execute(args);
    }

    @Override
    public Integer call() throws Exception {
        between("--port", port, 0, MOST_PORTS);
        between("--admin-port", adminPort, 0, MOST_PORTS);
        between("--threads", threads, 1, MOST_THREADS);
        between("--nofile", nofile, 1, AdminHandler.MOST_FILES);
        between("--timeout", timeout, 1, Integer.MAX_VALUE / 1000);
        between("--budget", budget, 1, Integer.MAX_VALUE);
        InetSocketAddress address = new InetSocketAddress(bind, port);
        if (address.isUnresolved()) {
            throw refused("--bind " + bind + ": unknown host");
        }
        String token = readToken();
        prepareRoot();
        configureServer();
        return new Run(new Run.Config(
                        address,
                        adminPort,
                        token,
                        root.toRealPath(),
                        threads,
                        nofile,
                        new Upload.Limits(maxBody),
                        Duration.ofSeconds(budget)))
                .call();
    }

    /** The JDK's server is configured by system properties, before its first use. */
    private void configureServer() {
        System.setProperty("sun.net.httpserver.nodelay", "true");
        System.setProperty("sun.net.httpserver.drainAmount", Integer.toString(DRAIN));
        System.setProperty("sun.net.httpserver.maxReqTime", Integer.toString(timeout));
        System.setProperty("sun.net.httpserver.maxRspTime", Integer.toString(timeout));
    }

    private String readToken() {
        try {
            if (Files.isRegularFile(tokenFile) && Files.size(tokenFile) > MOST_TOKEN) {
                throw refused("--token-file " + tokenFile + ": has more than " + MOST_TOKEN + " bytes");
            }
            String token = Files.readString(tokenFile).strip();
            if (token.isEmpty()) {
                throw refused("--token-file " + tokenFile + ": is empty");
            } else if (token.chars().anyMatch(c -> c <= ' ' || c > '~')) {
                throw refused("--token-file " + tokenFile + ": a token is one word of printable ASCII");
            }
            return token;
        } catch (NoSuchFileException e) {
            throw refused("--token-file " + tokenFile + ": no such file");
        } catch (IOException e) {
            throw refused("--token-file " + tokenFile + ": cannot be read: " + e.getMessage());
        }
    }

    private void prepareRoot() {
        try {
            DurableDirectory.make(root);
            Files.delete(Files.createTempFile(root, ".tenants-", ".tmp"));
        } catch (FileAlreadyExistsException e) {
            throw refused("--root " + root + ": is not a directory");
        } catch (AccessDeniedException e) {
            throw refused("--root " + root + ": is not writable");
        } catch (IOException e) {
            throw refused("--root " + root + ": cannot be used: " + e);
        }
    }

    private void between(String option, int value, int least, int most) {
        if (value < least || value > most) {
            throw refused(option + " " + value + ": from " + least + " to " + most);
        }
    }

    private ParameterException refused(String why) {
        return new ParameterException(spec.commandLine(), why);
    }

    /** What --version prints. */
    static final class Version implements CommandLine.IVersionProvider {
        @Override
        public String[] getVersion() {
            String version = Tenants.class.getPackage().getImplementationVersion();
            return new String[] {"tenants " + (version == null ? "(not packaged)" : version)};
        }
    }
}
