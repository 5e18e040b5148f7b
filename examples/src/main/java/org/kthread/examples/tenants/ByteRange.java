package org.kthread.examples.tenants;

import java.math.BigInteger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Which bytes of a file to send.
 *
 * @param first position
 * @param length how many
 * @see <a href="https://www.rfc-editor.org/rfc/rfc9110#name-range-requests">RFC 9110, section 14</a>
 */
record ByteRange(long first, long length) {
    private static final Pattern FORM =
            Pattern.compile("bytes=[ \t]*(\\d{0,40})-(\\d{0,40})[ \t]*", Pattern.CASE_INSENSITIVE);
    private static final BigInteger MOST = BigInteger.valueOf(Long.MAX_VALUE);

    /**
     * Reads a Range header. As the RFC allows, several ranges are ignored, and so is what is malformed or of another unit.
     *
     * @param header its value; null if there is none
     * @param size of the file
     * @return null: the whole file
     * @throws Status 416 if it is a range, and no byte of the file is in it
     */
    static @Nullable ByteRange of(@Nullable String header, long size) throws Status {
        Matcher m = FORM.matcher(header == null ? "" : header);
        if (!m.matches() || (m.group(1).isEmpty() && m.group(2).isEmpty())) {
            return null;
        }
        if (m.group(1).isEmpty()) {
            return suffix(new BigInteger(m.group(2)), size);
        }
        BigInteger first = new BigInteger(m.group(1));
        BigInteger last = m.group(2).isEmpty() ? first.max(MOST) : new BigInteger(m.group(2));
        if (last.compareTo(first) < 0) {
            return null; // backwards is malformed
        }
        if (first.compareTo(BigInteger.valueOf(size)) >= 0) {
            throw unsatisfiable(size);
        }
        long from = first.longValueExact();
        return new ByteRange(from, last.min(BigInteger.valueOf(size - 1)).longValueExact() - from + 1);
    }

    private static @Nullable ByteRange suffix(BigInteger length, long size) throws Status {
        if (length.signum() == 0) {
            throw unsatisfiable(size);
        }
        if (size == 0) {
            return null; // satisfiable, but there is no Content-Range for it
        }
        long sent = length.min(BigInteger.valueOf(size)).longValueExact();
        return new ByteRange(size - sent, sent);
    }

    private static Status unsatisfiable(long size) {
        return new Status(Status.RANGE_NOT_SATISFIABLE, "the file has " + size + " bytes, and none of these");
    }

    /** The value of Content-Range. */
    String contentRange(long size) {
        return "bytes " + first + "-" + (first + length - 1) + "/" + size;
    }
}
