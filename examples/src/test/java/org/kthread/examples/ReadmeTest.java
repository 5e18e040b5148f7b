package org.kthread.examples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

@DisplayName("The README, and what it leads to,")
class ReadmeTest {
    private static final Path ROOT = Path.of("").toAbsolutePath().endsWith("examples") ? Path.of("..") : Path.of("");

    @Test
    @DisplayName("shows the programs as they are")
    void showsThePrograms() throws IOException {
        String readme = Files.readString(ROOT.resolve("README.md"));
        Matcher shown = Pattern.compile("<!-- (\\S+\\.java) -->\\n```java\\n(.*?)```", Pattern.DOTALL)
                .matcher(readme);
        int programs = 0;
        while (shown.find()) {
            String source = Files.readString(ROOT.resolve(shown.group(1)));
            assertEquals(source.substring(source.indexOf("public final class")), shown.group(2), shown.group(1));
            programs++;
        }
        assertEquals(2, programs);
    }

    @Test
    @DisplayName("refers to files that are there")
    void refersToFiles() throws IOException {
        String readme = Files.readString(ROOT.resolve("README.md"));
        Matcher path = Pattern.compile("`((?:docs|examples)/[\\w./-]+)`|--iolog (\\S+)")
                .matcher(readme);
        while (path.find()) {
            String name = path.group(1) == null ? path.group(2) : path.group(1);
            assertTrue(Files.exists(ROOT.resolve(name)) || name.endsWith(".jar"), name);
        }
    }

    @Test
    @DisplayName("name checks that are there: docs/testing.md")
    void namesChecks() throws IOException {
        Set<String> there = new HashSet<>();
        for (String folder : List.of("docs", "kthread-core/src", "sysinit/src", "examples/src")) {
            try (Stream<Path> files = Files.walk(ROOT.resolve(folder))) {
                files.forEach(file -> there.add(file.getFileName().toString().replace(".java", "")));
            }
        }
        Matcher check = Pattern.compile("`(?:\\w+/)*(\\w+(?:Test|IT|\\.pml))`")
                .matcher(Files.readString(ROOT.resolve("docs/testing.md")));
        int checks = 0;
        for (; check.find(); checks++) {
            assertTrue(there.contains(check.group(1)), check.group(1) + " is not there");
        }
        assertTrue(checks > 50, checks + " checks");
    }
}
