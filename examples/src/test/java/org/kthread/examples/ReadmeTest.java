package org.kthread.examples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

@DisplayName("The README")
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
}
