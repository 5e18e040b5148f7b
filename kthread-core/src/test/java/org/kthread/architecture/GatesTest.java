package org.kthread.architecture;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.Objects.requireNonNull;
import static org.junit.jupiter.api.Assertions.assertAll;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Each planted violation is a module of its own under the project's parent POM, so that what is tested is the very
 * build and not a copy of its flags. One Maven run builds them all.
 */
@DisplayName("The gates of the build")
class GatesTest {
    private static final Path WORK = Path.of("target", "gates").toAbsolutePath();
    private static final String CLEAN = "Clean";
    private static String output = "";

    @BeforeAll
    static void build() throws IOException, InterruptedException {
        List<String> modules = new ArrayList<>();
        for (Gate gate : Gate.all()) {
            module(gate.name());
            write(gate.name(), gate.name(), gate.bad());
            write(CLEAN, gate.name(), gate.good());
            modules.add(gate.name());
        }
        module(CLEAN);
        modules.add(CLEAN);
        pom(WORK, "gates", "pom", "../../..", modules);
        output = verify();
    }

    @ParameterizedTest
    @MethodSource("org.kthread.architecture.Gate#all")
    @DisplayName("refuse a planted violation")
    void refuse(Gate gate) {
        assertAll(
                section(gate.name()),
                () -> assertTrue(closed(gate.name(), "FAILURE"), "the build of the violation must fail"),
                () -> assertTrue(section(gate.name()).contains(gate.message()), "and say " + gate.message()));
    }

    @Test
    @DisplayName("let the clean twins pass")
    void pass() {
        assertTrue(closed(CLEAN, "SUCCESS"), output);
    }

    private static boolean closed(String module, String status) {
        return Pattern.compile("\\[INFO\\] " + module + " \\.+ " + status)
                .matcher(output)
                .find();
    }

    /** What Maven printed while it built this module. */
    private static String section(String module) {
        int begin = output.indexOf("< org.kthread:" + module + " >");
        assertTrue(begin >= 0, output);
        int end = output.indexOf("< org.kthread:", begin + 1);
        return output.substring(begin, end);
    }

    private static void module(String name) throws IOException {
        pom(WORK.resolve(name), name, "jar", "../../../..", List.of());
        Files.writeString(source(name, "package-info"), """
                /** Planted. */
                @NullMarked
                package planted;

                import org.jspecify.annotations.NullMarked;
                """);
    }

    private static void write(String module, String name, String text) throws IOException {
        Files.writeString(source(module, name), "package planted;\n\n" + text);
    }

    private static Path source(String module, String name) throws IOException {
        Path dir = WORK.resolve(module).resolve("src/main/java/planted");
        return Files.createDirectories(dir).resolve(name + ".java");
    }

    private static void pom(Path dir, String name, String packaging, String root, List<String> modules)
            throws IOException {
        Files.createDirectories(dir);
        Files.writeString(dir.resolve("pom.xml"), """
                <project>
                  <modelVersion>4.0.0</modelVersion>
                  <parent>
                    <groupId>org.kthread</groupId>
                    <artifactId>kthread-parent</artifactId>
                    <version>%s</version>
                    <relativePath>%s/pom.xml</relativePath>
                  </parent>
                  <artifactId>%s</artifactId>
                  <name>%s</name>
                  <packaging>%s</packaging>
                  <modules>%s</modules>
                </project>
                """.formatted(
                property("gates.version"),
                root,
                name,
                name,
                packaging,
                String.join(
                        "",
                        modules.stream().map(m -> "<module>" + m + "</module>").toList())));
    }

    private static String verify() throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(property("gates.maven"), "bin", "mvn").toString(),
                "--batch-mode",
                "--no-transfer-progress",
                "--fail-at-end",
                "--file=" + WORK.resolve("pom.xml"),
                "-Dmaven.repo.local=" + property("gates.repository"),
                "-Dstyle.color=never"));
        if (property("gates.offline").endsWith("true")) {
            command.add("--offline");
        }
        command.add("clean");
        command.add("verify");
        Path log = WORK.resolve("build.log");
        ProcessBuilder builder =
                new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log.toFile());
        builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
        Process maven = builder.start();
        try {
            assertTrue(maven.waitFor(10, TimeUnit.MINUTES), () -> "Maven did not end, see " + log);
        } finally {
            maven.destroy();
        }
        return Files.readString(log, UTF_8);
    }

    private static String property(String name) {
        return requireNonNull(System.getProperty(name), name + " is set by Maven: run this test with it");
    }
}
