package org.kthread.examples.bufdaemon;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A fio iolog, version 2 or 3, as {@code fio --write_iolog} leaves it.
 *
 * @param version  2 or 3; the lines of version 3 begin with a time in microseconds
 * @param files    each file with its operations, in the order in which the trace names them first
 * @param writes   the number of writes: what k grows by from one pass to the next
 * @param micros   how long the trace takes at its own pace
 * @param waits    how many lines of a version 3 trace say wait; they have no meaning there, and fio ignores them too
 */
record Iolog(int version, List<TracedFile> files, long writes, long micros, int waits) {
    /** More would not fit an ordinary heap: an operation takes about 60 bytes. */
    static final int MAX_OPERATIONS = 2_000_000;

    private static final int MAX_LINE = 4096;

    /** One file of the trace: its base name, and what is done to it. */
    record TracedFile(String name, List<IoOp> operations) {}

    long operations() {
        return files.stream().mapToLong(f -> f.operations().size()).sum();
    }

    /**
     * Reads the trace.
     *
     * @param maxFile no operation may reach beyond this offset
     */
    static Iolog read(Path iolog, long maxFile) throws IOException, IologException {
        if (Files.isDirectory(iolog)) {
            throw new IologException("is a directory, not a trace");
        }
        try (InputStream in = new BufferedInputStream(Files.newInputStream(iolog), 1 << 16)) {
            return read(in, maxFile);
        }
    }

    static Iolog read(InputStream in, long maxFile) throws IOException, IologException {
        String header = line(in, 1);
        if (header == null) {
            throw new IologException(
                    "the trace is empty: expected \"fio version 2 iolog\" or \"fio version 3 iolog\" first");
        }
        IologParser parser = new IologParser(header, maxFile);
        int number = 2;
        for (String line = line(in, number); line != null; line = line(in, ++number)) {
            parser.parse(number, line);
        }
        return parser.finish();
    }

    /** The next line without its end, null at the end of the trace. A line that never ends is not read into memory. */
    private static @Nullable String line(InputStream in, int number) throws IOException, IologException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        int b = in.read();
        if (b < 0) {
            return null;
        }
        for (; b >= 0 && b != '\n'; b = in.read()) {
            if (bytes.size() == MAX_LINE) {
                throw new IologException(
                        number,
                        bytes.toString(StandardCharsets.ISO_8859_1),
                        "a line of at most " + MAX_LINE + " bytes");
            }
            bytes.write(b);
        }
        try {
            String text = StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes.toByteArray()))
                    .toString();
            return text.endsWith("\r") ? text.substring(0, text.length() - 1) : text;
        } catch (CharacterCodingException e) {
            throw new IologException(number, bytes.toString(StandardCharsets.ISO_8859_1), "text in UTF-8");
        }
    }
}
