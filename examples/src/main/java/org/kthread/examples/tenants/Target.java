package org.kthread.examples.tenants;

import java.io.ByteArrayOutputStream;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/**
 * What a request is about: {@code /t/TENANT/PATH}.
 *
 * @param tenant a name that fits {@link #requireName}
 * @param names of the path below the tenant's directory; empty for that itself
 * @param slash whether it ends in one: then it can only be a directory
 */
record Target(String tenant, List<String> names, boolean slash) {
    /** What begins like this is ours: uploads that are not complete. */
    static final String RESERVED = ".tenants-";

    /** Each directory on the way is looked up from the top, made, and synced: a path that is deep keeps a thread long. */
    static final int MOST_NAMES = 64;

    private static final Pattern NAME = Pattern.compile("[a-z0-9][a-z0-9._-]{0,62}");
    private static final int HEX = 16;

    /**
     * Reads a target. Nothing is normalized: what climbs is refused, however it is written.
     *
     * @throws Status 404 if it is no {@code /t/TENANT/}; 400 for a name that cannot be one; 414 for more than {@link #MOST_NAMES}
     */
    static Target of(URI uri) throws Status {
        String[] raw = rawPath(uri).split("/", -1);
        if (raw.length < 3 || !raw[0].isEmpty() || !raw[1].equals("t")) {
            throw new Status(Status.NOT_FOUND, "this is served: /t/TENANT/PATH");
        }
        boolean slash = raw[raw.length - 1].isEmpty();
        int end = raw.length - (slash ? 1 : 0);
        if (end - 3 > MOST_NAMES) {
            throw new Status(Status.URI_TOO_LONG, "a path has at most " + MOST_NAMES + " names");
        }
        List<String> names = new ArrayList<>();
        for (int i = 3; i < end; i++) {
            names.add(name(raw[i]));
        }
        return new Target(requireName(decode(raw[2])), List.copyOf(names), slash || raw.length == 3);
    }

    /** The last part of {@code /tenants/NAME}; empty for {@code /tenants} and {@code /tenants/}. */
    static String ofAdmin(URI uri) throws Status {
        String[] raw = rawPath(uri).split("/", -1);
        if (raw.length < 2 || raw.length > 3 || !raw[0].isEmpty() || !raw[1].equals("tenants")) {
            throw new Status(Status.NOT_FOUND, "this is served: /tenants and /tenants/NAME");
        }
        return raw.length == 2 || raw[2].isEmpty() ? "" : requireName(decode(raw[2]));
    }

    /** The name of a tenant, which is the name of its directory too. */
    static String requireName(String name) throws Status {
        if (!NAME.matcher(name).matches()) {
            throw new Status(
                    Status.BAD_REQUEST,
                    "no name of a tenant: it has 1 to 63 of a-z 0-9 . _ - and begins with a letter or digit");
        }
        return name;
    }

    private static String rawPath(URI uri) {
        String path = uri.getRawPath();
        return path == null ? "" : path;
    }

    private static String name(String raw) throws Status {
        String name = decode(raw);
        if (name.isEmpty() || name.equals(".") || name.equals("..")) {
            throw new Status(Status.BAD_REQUEST, "the path has an empty name, or . or ..");
        }
        if (name.chars().anyMatch(c -> c < ' ' || c == 0x7f || c == '/')) {
            throw new Status(Status.BAD_REQUEST, "a name in the path has a slash or a control character");
        }
        if (name.startsWith(RESERVED)) {
            throw new Status(Status.BAD_REQUEST, "names that begin with " + RESERVED + " are reserved");
        }
        return name;
    }

    /** Undoes percent encoding; the bytes must be UTF-8. */
    private static String decode(String raw) throws Status {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream(raw.length());
        for (int i = 0; i < raw.length(); i++) {
            char c = raw.charAt(i);
            if (c > 0x7f) {
                throw new Status(Status.BAD_REQUEST, "characters beyond ASCII have to be percent encoded");
            } else if (c == '%') {
                bytes.write(Integer.parseInt(raw.substring(i + 1, i + 3), HEX)); // URI has checked the digits
                i += 2;
            } else {
                bytes.write(c);
            }
        }
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes.toByteArray()))
                    .toString();
        } catch (CharacterCodingException e) {
            throw new Status(Status.BAD_REQUEST, "a name in the path is not UTF-8");
        }
    }

    /** The path, for calls inside the tenant. */
    String path() {
        return names.isEmpty() ? "." : String.join("/", names);
    }

    /** The path of the directory it is in. */
    String parent() {
        return names.size() < 2 ? "." : String.join("/", names.subList(0, names.size() - 1));
    }
}
