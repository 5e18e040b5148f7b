package org.kthread.testing;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Judges PIT's report of this module: run by the profile {@code pit}, after PIT. */
public class MutationCheck {
    private static final Path CLASSES = Path.of("target", "classes");
    private static final Path REPORT = Path.of("target", "pit-reports", "mutations.xml");
    private static final Path LIST = Path.of("src", "test", "pit", "equivalent.txt");

    /** For JUnit. */
    public MutationCheck() {}

    @Test
    void whatSurvivesIsEquivalent() throws Exception {
        String mutated = System.getProperty("pit.package");
        if (!Files.isDirectory(CLASSES.resolve(mutated.replace('.', '/')))) {
            return; // a package of another module
        }
        Set<String> equivalent = Mutations.list(LIST);
        try (InputStream report = Files.newInputStream(REPORT)) {
            Mutations mutations = Mutations.of(report);
            System.out.println(String.join("\n", mutations.figures(equivalent)));
            assertEquals(List.of(), mutations.complaints(equivalent), () -> "see " + REPORT + " and " + LIST);
        }
    }
}
