package org.kthread.examples.bufdaemon;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.kthread.examples.bufdaemon.IoOp.Action;

class IologTest {
    private static final long MAX_FILE = 1 << 20;
    private static final String V2 = "fio version 2 iolog\n";
    private static final String V3 = "fio version 3 iolog\n";
    private static final String OPENED = V2 + "/x/a add\n/x/a open\n";

    private static Iolog read(String text) throws Exception {
        return Iolog.read(new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8)), MAX_FILE);
    }

    private static String refused(String text) {
        return assertThrows(IologException.class, () -> read(text)).getMessage();
    }

    @Nested
    class Accepted {
        @Test
        @DisplayName("version 2: files by base name, operations by file, writes counted over all files")
        void version2() throws Exception {
            Iolog iolog = read(V2 + "/x/a add\n/x/b add\n/x/a open\n/x/b open\n/x/a write 0 4096\n"
                    + "/x/b write 100 1\n/x/a read 0 8\n/x/a sync 0 0\n/x/b datasync 0 0\n/x/a trim 0 512\n"
                    + "/x/a write 5 0\n/x/a close\n");

            assertEquals(2, iolog.version());
            assertEquals(List.of("a", "b"), names(iolog));
            assertEquals(12, iolog.operations());
            assertEquals(3, iolog.writes());
            assertEquals(
                    List.of(
                            Action.ADD,
                            Action.OPEN,
                            Action.WRITE,
                            Action.READ,
                            Action.SYNC,
                            Action.TRIM,
                            Action.WRITE,
                            Action.CLOSE),
                    operations(iolog, 0).stream().map(IoOp::action).toList());
            assertEquals(
                    new IoOp(7, 0, Action.WRITE, 100, 1, 2),
                    operations(iolog, 1).get(2));
            assertEquals(3, operations(iolog, 0).get(6).k());
        }

        @Test
        @DisplayName("version 3: each line begins with its time in microseconds; going back is no delay")
        void version3() throws Exception {
            Iolog iolog = read(V3 + "12 /x/a add\n40 /x/a open\n900 /x/a write 0 8\n800 /x/a read 0 8\n");

            assertEquals(
                    List.of(12L, 40L, 900L, 900L),
                    operations(iolog, 0).stream().map(IoOp::micros).toList());
            assertEquals(900, iolog.micros());
        }

        @Test
        @DisplayName("a wait moves what follows it, of every file; below 100 microseconds it is dropped")
        void waits() throws Exception {
            Iolog iolog = read(OPENED + "/x/a wait 5000 0\n/x/b add\n/x/a wait 99 0\n/x/a wait 100 0\n/x/a read 0 8\n");

            assertEquals(5000, operations(iolog, 1).get(0).micros());
            assertEquals(5100, iolog.micros());
        }

        @Test
        @DisplayName("a wait in version 3 is counted and has no effect, as in fio")
        void waitInVersion3() throws Exception {
            Iolog iolog = read(V3 + "1 /x/a add\n2 /x/a open\n3 /x/a wait 5000 0\n4 /x/a read 0 1\n");

            assertEquals(1, iolog.waits());
            assertEquals(4, iolog.micros());
        }

        @Test
        @DisplayName(
                "tabs, several blanks, ends of line of Windows, no end of line at the end, files added or opened again")
        void loose() throws Exception {
            Iolog iolog = read("fio version 2 iolog\r\n/x/a  add\r\n/x/a\topen\r\n/x/a open\n/x/a add\n /x/a read 0 1");

            assertEquals(5, iolog.operations());
        }

        @ParameterizedTest
        @CsvSource({"db-v2.iolog, 2, 3, 1699, 959", "mail-v3.iolog, 3, 5, 1785, 1133"})
        @DisplayName("the traces shipped with the program")
        void shipped(String name, int version, int files, long operations, long writes) throws Exception {
            Iolog iolog = Iolog.read(Path.of("traces", name), 1L << 34);

            assertEquals(version, iolog.version());
            assertEquals(files, iolog.files().size());
            assertEquals(operations, iolog.operations());
            assertEquals(writes, iolog.writes());
        }
    }

    @Nested
    class Refused {
        @ParameterizedTest
        @ValueSource(
                strings = {
                    "",
                    "\n",
                    "fio version 1 iolog\n",
                    "fio version 4 iolog\n",
                    "fio version 22 iolog\n",
                    "/x/a add\n"
                })
        @DisplayName("what does not begin as version 2 or 3")
        void header(String text) {
            assertTrue(refused(text).contains("expected \"fio version 2 iolog\" or \"fio version 3 iolog\""), text);
        }

        @Test
        @DisplayName("a trace without an operation")
        void noOperations() {
            assertEquals("the trace is empty: expected operations after the first line", refused(V2));
        }

        @ParameterizedTest
        @CsvSource(
                delimiter = '|',
                value = {
                    "/x/a|FILE ACTION [OFFSET LENGTH]",
                    "''|FILE ACTION [OFFSET LENGTH]",
                    "/x/a read 0|FILE ACTION [OFFSET LENGTH]",
                    "/x/a read 0 1 2|FILE ACTION [OFFSET LENGTH]",
                    "/x/a read|read OFFSET LENGTH",
                    "/x/a sync|sync OFFSET LENGTH",
                    "/x/a open 0 0|open and nothing after it",
                    "/x/a punch 0 0|an action: add, open, close, read, write, sync, datasync, trim or wait",
                    "/x/a READ 0 1|an action: add, open, close, read, write, sync, datasync, trim or wait",
                    "/x/a read -1 1|an offset as a whole number, not negative",
                    "/x/a read 1 -1|a length as a whole number, not negative",
                    "/x/a read 1.5 1|an offset as a whole number, not negative",
                    "/x/a read 0x10 1|an offset as a whole number, not negative",
                    "/x/a read 9223372036854775808 1|an offset of at most 9223372036854775807",
                    "/x/a read 0 99999999999999999999999|a length of at most 9223372036854775807",
                    "/x/a read 9223372036854775807 2|an offset and a length that end at or before 1048576 (--max-file)",
                    "/x/a write 1048576 1|an offset and a length that end at or before 1048576 (--max-file)",
                    "/x/a trim 0 1048577|an offset and a length that end at or before 1048576 (--max-file)",
                    "/x/b write 0 1|\"add\" of this file before \"write\"",
                    "/x/b open|\"add\" of this file before \"open\"",
                    "fio version 2 iolog|one trace in a file: fio appends to a log that exists",
                    "/x/.. add|a path that ends in the name of a file",
                    "/x/ add|a path that ends in the name of a file",
                    ". add|a path that ends in the name of a file",
                })
        @DisplayName("a malformed line, with its number, the line, and what was expected")
        void line(String line, String expected) {
            assertEquals("line 4: \"" + line + "\": expected " + expected, refused(OPENED + line + "\n"));
        }

        @Test
        @DisplayName("a write before open, and after close")
        void notOpen() {
            String expected = "expected \"open\" of this file before \"write\"";

            assertEquals("line 3: \"/x/a write 0 1\": " + expected, refused(V2 + "/x/a add\n/x/a write 0 1\n"));
            assertEquals("line 5: \"/x/a write 0 1\": " + expected, refused(OPENED + "/x/a close\n/x/a write 0 1\n"));
            assertEquals(
                    "line 3: \"/x/a close\": expected \"open\" of this file before \"close\"",
                    refused(V2 + "/x/a add\n/x/a close\n"));
        }

        @Test
        @DisplayName("a name no file system takes")
        void longName() {
            assertTrue(refused(V2 + "/x/" + "\u00e9".repeat(128) + " add\n").contains("a name of at most 255 bytes"));
        }

        @Test
        @DisplayName("two paths with the same last part")
        void collision() {
            assertEquals(
                    "line 4: \"/y/a add\": expected another name: only the last part of a path is used,"
                            + " and \"/x/a\" has the same",
                    refused(OPENED + "/y/a add\n"));
        }

        @ParameterizedTest
        @ValueSource(strings = {"/x/a add", "x /x/a add", "-1 /x/a add", "99999999999999999999 /x/a add", "5"})
        @DisplayName("version 3 without a time in front")
        void noTimestamp(String line) {
            assertTrue(refused(V3 + line + "\n").startsWith("line 2: \"" + line + "\": expected "), line);
        }

        @Test
        @DisplayName("waits that add up to more than fits")
        void tooLong() {
            String wait = "/x/a wait " + Long.MAX_VALUE + " 0\n";

            assertTrue(refused(OPENED + wait + wait).startsWith("line 5: "));
        }

        @Test
        @DisplayName("binary: control characters are escaped in the message, long lines cut, endless ones not read")
        void binary() {
            assertTrue(refused(OPENED + "\u001b[2J\u0007 \"x\"\n").contains("\"\\u001b[2J\\u0007 \\\"x\\\"\""));
            String longLine = refused(OPENED + "a".repeat(2000) + "\n");
            assertTrue(longLine.length() < 300 && longLine.contains("aaa...\""), longLine);
            assertTrue(refused(OPENED + "a".repeat(100_000)).contains("a line of at most 4096 bytes"));
            byte[] latin = IntStream.of('f', 0xe9, '\n')
                    .collect(java.io.ByteArrayOutputStream::new, java.io.ByteArrayOutputStream::write, (a, b) -> {})
                    .toByteArray();
            assertTrue(assertThrows(IologException.class, () -> Iolog.read(new ByteArrayInputStream(latin), MAX_FILE))
                    .getMessage()
                    .contains("text in UTF-8"));
        }
    }

    private static List<String> names(Iolog iolog) {
        return iolog.files().stream().map(Iolog.TracedFile::name).toList();
    }

    private static List<IoOp> operations(Iolog iolog, int file) {
        return iolog.files().get(file).operations();
    }
}
