package org.kthread.models;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Runs one configuration of a model: {@code spin -a}, {@code gcc}, {@code pan}, as child processes in a folder of their own. */
final class Spin {
    static final String REMEDY = "the models need Spin 6.5 and gcc: apt-get install spin gcc";

    private static final int SPIN_SECONDS = 60;
    private static final int GCC_SECONDS = 180;
    private static final int PAN_SECONDS = 600;
    private static final int MEGABYTES = 900;

    private static final Pattern ERRORS = Pattern.compile("errors: (\\d+)");
    private static final Pattern STATES = Pattern.compile("(\\d+) states, stored");
    private static final Pattern INCOMPLETE =
            Pattern.compile("max search depth too small|out of memory|reached -DMEMLIM|VECTORSZ|aborting");

    /** What came of it. */
    record Outcome(int spurious, boolean rejected, long states, double seconds) {}

    private final Path folder;

    Spin(Path folder) {
        this.folder = folder;
    }

    /** Fails, saying what to install, if a tool is missing. */
    static void requireTools(Path folder) throws IOException, InterruptedException {
        Spin spin = new Spin(folder);
        for (String tool : List.of("spin -V", "gcc --version")) {
            try {
                spin.call(SPIN_SECONDS, List.of(tool.split(" ")));
            } catch (IOException e) {
                throw new IOException("cannot run " + tool + "; " + REMEDY, e);
            }
        }
    }

    Outcome run(Configuration configuration, int spurious) throws IOException, InterruptedException {
        long began = System.nanoTime();
        List<String> spin = new ArrayList<>(List.of("spin", "-a"));
        spin.addAll(configuration.arguments(spurious));
        spin.add(configuration.model().toAbsolutePath().toString());
        String said = call(SPIN_SECONDS, spin);
        if (said.contains("Error:") || said.contains("error:")) {
            throw new IOException(spin + ": " + said);
        }
        List<String> gcc = new ArrayList<>(List.of("gcc", "-w", "-DCOLLAPSE", "-DMEMLIM=" + MEGABYTES, "-o", "pan"));
        gcc.add(configuration.large() ? "-O2" : "-O0");
        gcc.addAll(configuration.isLive() ? List.of("-DNFAIR=3") : List.of("-DSAFETY"));
        gcc.add("pan.c");
        call(GCC_SECONDS, gcc);
        List<String> pan = new ArrayList<>(List.of("./pan", "-E", "-m1000000", "-w22"));
        pan.addAll(configuration.isLive() ? List.of("-a", "-f") : List.of());
        String found = call(PAN_SECONDS, pan);
        return new Outcome(
                spurious,
                number(ERRORS, found, configuration) > 0,
                number(STATES, found, configuration),
                (System.nanoTime() - began) / 1e9);
    }

    private static long number(Pattern pattern, String output, Configuration configuration) throws IOException {
        Matcher matcher = pattern.matcher(output);
        if (!matcher.find() || INCOMPLETE.matcher(output).find()) {
            throw new IOException(configuration + ": the search was not completed:\n" + output);
        }
        return Long.parseLong(matcher.group(1));
    }

    private String call(int seconds, List<String> command) throws IOException, InterruptedException {
        Path output = folder.resolve("output");
        Process process = new ProcessBuilder(command)
                .directory(folder.toFile())
                .redirectErrorStream(true)
                .redirectOutput(output.toFile())
                .start();
        try {
            if (!process.waitFor(seconds, TimeUnit.SECONDS)) {
                throw new IOException(command + " took more than " + seconds + " seconds");
            }
        } finally {
            process.destroyForcibly().waitFor();
        }
        String said = Files.readString(output);
        if (process.exitValue() != 0 && !command.get(0).equals("./pan")) {
            throw new IOException(command + " failed: " + said);
        }
        return said;
    }

    /** A new folder for one run, in another. */
    static Spin in(Path folder) {
        try {
            return new Spin(Files.createTempDirectory(folder, "pan"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
