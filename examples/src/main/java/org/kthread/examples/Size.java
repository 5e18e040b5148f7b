package org.kthread.examples;

import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** A number of bytes on the command line: digits, and perhaps k, m, g or t for powers of 1024. */
public final class Size implements ITypeConverter<Long> {
    private static final Pattern FORM = Pattern.compile("(\\d{1,19})([kmgt]?)(i?b)?");

    @Override
    public Long convert(String value) {
        Matcher m = FORM.matcher(value.toLowerCase(Locale.ROOT));
        if (m.matches()) {
            try {
                int power = "kmgt".indexOf(m.group(2)) + (m.group(2).isEmpty() ? 0 : 1);
                return Math.multiplyExact(Long.parseLong(m.group(1)), 1L << (10 * power));
            } catch (ArithmeticException | NumberFormatException e) {
                throw new TypeConversionException("'" + value + "' is more bytes than fit 63 bits");
            }
        }
        throw new TypeConversionException("'" + value + "' is no size: expected bytes, as 4096, 64k or 16GiB");
    }
}
