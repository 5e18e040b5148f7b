package org.kthread.lwp;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.InvalidPathException;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.kthread.proc.Pwd;
import org.kthread.sys.Errno;
import org.kthread.sys.KernelException;

/** From names to files, as one process sees them ({@code namei}). */
interface Namei {
    /** What a name led to. */
    record Found(FileChannel channel, Path path) {}

    /** How a process that begins its names there sees them. */
    static Namei of(Pwd pwd) {
        return pwd.top() == null || pwd.root() == null
                ? new AnyNames(pwd.cwd())
                : new NamesBeneath(pwd.top(), pwd.root(), pwd.cwd());
    }

    /** Opens a file; links are followed, but the last one not where a file is to be made that was not there. */
    Found open(Path name, Set<OpenOption> options) throws IOException;

    /** What is known of what a name leads to; links are followed. */
    BasicFileAttributes attributes(Path name) throws IOException;

    /** A directory; links are followed, and the answer has none. */
    Path directory(Path name) throws IOException;

    /** What is in a directory, sorted. */
    List<String> list(Path name) throws IOException;

    /** Removes a file, or a link, not what it leads to. */
    void unlink(Path name) throws IOException;

    /** Renames in one step, in place of what was there. */
    void rename(Path from, Path to) throws IOException;

    /** A name as the system understands it. */
    static Path parse(String name) {
        return parse(name, "name");
    }

    /** The same, of what a call knows as this parameter. */
    static Path parse(String name, String parameter) {
        Objects.requireNonNull(name, parameter);
        try {
            if (!name.isEmpty()) {
                return Path.of(name);
            }
        } catch (InvalidPathException e) {
            throw new KernelException(Errno.EINVAL, "\"" + e.getInput() + "\" is no name: " + e.getReason(), e);
        }
        throw new KernelException(Errno.ENOENT, "the empty name leads nowhere");
    }

    /** The names of what is in an open directory, sorted. */
    static List<String> names(DirectoryStream<Path> entries) throws IOException {
        List<String> names = new ArrayList<>();
        try {
            entries.forEach(entry -> names.add(entry.getFileName().toString()));
        } catch (DirectoryIteratorException e) {
            throw e.getCause();
        }
        names.sort(null);
        return names;
    }

    /** Only a file channel keeps the promises we make. */
    static FileChannel requireFile(SeekableByteChannel channel, Path path) throws IOException {
        if (channel instanceof FileChannel file) {
            return file;
        }
        channel.close();
        throw new KernelException(Errno.EOPNOTSUPP, path + ": its file system has no file channels");
    }
}
