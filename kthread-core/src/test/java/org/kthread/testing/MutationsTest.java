package org.kthread.testing;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@DisplayName("The check of PIT's report")
class MutationsTest {
    private static final String SURVIVOR = "p.C | m | Negate | negated conditional | 2";

    private static String mutant(String type, int index, String status) {
        return "<mutation status='" + status + "'><mutatedClass>" + type + "</mutatedClass>"
                + "<mutatedMethod>m</mutatedMethod><mutator>pit.Negate</mutator><indexes><index>" + index
                + "</index></indexes><description>negated conditional</description></mutation>";
    }

    private static List<String> complaints(String mutants, String... equivalent) throws Exception {
        String xml = "<mutations>" + mutants + "</mutations>";
        return Mutations.of(new ByteArrayInputStream(xml.getBytes(UTF_8))).complaints(Set.of(equivalent));
    }

    /** Ten that are killed, the place of each before or behind the survivor's. */
    private static String most() {
        StringBuilder all = new StringBuilder(mutant("p.C", 30, "TIMED_OUT"));
        all.append(mutant("p.C", 7, "KILLED"));
        for (int i = 0; i < 8; i++) {
            all.append(mutant("p.D", i, "KILLED"));
        }
        return all.toString();
    }

    @Test
    @DisplayName("refuses a survivor that is not on the list, and takes one that is, by its place in the method")
    void survivor() throws Exception {
        String report = mutant("p.C", 20, "SURVIVED") + most();
        assertEquals(List.of("SURVIVED and not on the list: " + SURVIVOR), complaints(report));
        assertEquals(List.of(), complaints(report, SURVIVOR));
        assertEquals(2, complaints(report, SURVIVOR.replace("2", "4")).size());
    }

    @Test
    @DisplayName("counts what no test covers as a survivor")
    void uncovered() throws Exception {
        assertEquals(
                List.of("NO_COVERAGE and not on the list: " + SURVIVOR),
                complaints(mutant("p.C", 20, "NO_COVERAGE") + most()));
    }

    @Test
    @DisplayName("refuses a line of the list for which there is no mutant, unless its class was not mutated this time")
    void stale() throws Exception {
        String gone = "p.D | m | Negate | negated conditional | 9";
        assertEquals(List.of("on the list, and there is no such mutant: " + gone), complaints(most(), gone));
        assertEquals(List.of(), complaints(most(), gone.replace("p.D", "q.D")));
    }

    @Test
    @DisplayName("refuses a package of which less than nine in ten are killed, whatever is listed")
    void few() throws Exception {
        String report = mutant("p.C", 20, "SURVIVED") + mutant("p.C", 7, "KILLED");
        assertEquals(List.of("p: 1 of 2 are killed, which is less than 90 %"), complaints(report, SURVIVOR));
    }

    @Test
    @DisplayName("reads a list in which each line has a reason")
    void list(@TempDir Path dir) throws Exception {
        Path file = dir.resolve("equivalent.txt");
        Files.writeString(file, "# why\n\n" + SURVIVOR + " | it is the same\n");
        assertEquals(Set.of(SURVIVOR), Mutations.list(file));
        Files.writeString(file, SURVIVOR + "\n");
        assertTrue(assertThrows(IOException.class, () -> Mutations.list(file))
                .getMessage()
                .contains("reason"));
    }
}
