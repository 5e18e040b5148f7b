package org.kthread.lwp;

import java.io.Closeable;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.NotLinkException;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.SecureDirectoryStream;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributeView;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.kthread.sys.Errno;
import org.kthread.sys.KernelException;

/**
 * The names of a process that is confined to a directory ({@code O_RESOLVE_BENEATH}): nothing leads out of it, also when
 * somebody swaps a link in meanwhile.
 *
 * <p>Each component is looked up in the open directory before it, and never followed by the system. Links are followed here:
 * what one says is walked like any other name. So a swap can make a walk fail or end elsewhere, but only beneath the root.
 * Only the top, the first directory of all that it was confined to, is opened by its path. The root is walked to from there: who
 * is confined to the top may rename it, and put a link in its place.
 */
record NamesBeneath(Path top, Path root, Path cwd) implements Namei {
    private static final int MAXSYMLINKS = 32;
    private static final int PATH_MAX = 1024; // one is for the NUL of BSD
    private static final int DEPTH_MAX = PATH_MAX / 2; // each directory on the way costs a descriptor of the system's
    private static final Path DOT = Path.of(".");

    @Override
    public Found open(Path name, Set<OpenOption> options) throws IOException {
        Set<OpenOption> nofollow = new HashSet<>(options);
        nofollow.add(LinkOption.NOFOLLOW_LINKS);
        try (Walk walk = new Walk(name)) {
            Path last = walk.toLast(!options.contains(StandardOpenOption.CREATE_NEW)); // a link is there already
            Path path = last == null ? walk.path() : walk.path().resolve(last);
            return new Found(Namei.requireFile(walk.dir().newByteChannel(orDot(last), nofollow), path), path);
        }
    }

    @Override
    public BasicFileAttributes attributes(Path name) throws IOException {
        try (Walk walk = new Walk(name)) {
            Path last = walk.toLast(true);
            return walk.attributes(orDot(last));
        }
    }

    /** The name, in the directory a walk has come to, of what it means. */
    private static Path orDot(@Nullable Path last) {
        return last == null ? DOT : last;
    }

    @Override
    public Path directory(Path name) throws IOException {
        try (Walk walk = new Walk(name)) {
            walk.toDirectory();
            return walk.path();
        }
    }

    @Override
    public List<String> list(Path name) throws IOException {
        try (Walk walk = new Walk(name)) {
            walk.toDirectory();
            return Namei.names(walk.dir());
        }
    }

    @Override
    public void unlink(Path name) throws IOException {
        try (Walk walk = new Walk(name)) {
            Path last = requireEntry(walk.toLast(false), name);
            walk.dir().deleteFile(last);
        }
    }

    @Override
    public void rename(Path from, Path to) throws IOException {
        try (Walk source = new Walk(from);
                Walk target = new Walk(to)) {
            Path old = requireEntry(source.toLast(false), from);
            Path last = requireEntry(target.toLast(false), to);
            source.dir().move(old, target.dir(), last);
        }
    }

    private static Path requireEntry(@Nullable Path last, Path name) {
        if (last == null) {
            throw new KernelException(Errno.EINVAL, "\"" + name + "\" names a directory by . or ..");
        }
        return last;
    }

    /** Only relative to an open directory can names be kept beneath it; another stream is closed. */
    @SuppressWarnings("unchecked") // what is secure is so for the paths it was asked for
    static SecureDirectoryStream<Path> secure(DirectoryStream<Path> stream, Path name) throws IOException {
        if (stream instanceof SecureDirectoryStream<?>) {
            return (SecureDirectoryStream<Path>) stream;
        }
        stream.close();
        throw new KernelException(
                Errno.EOPNOTSUPP,
                name + ": this platform has no secure directory streams, so names cannot be kept beneath a directory");
    }

    /** On the way from the top by the root to what a name means. */
    private final class Walk implements Closeable {
        private final Deque<SecureDirectoryStream<Path>> dirs = new ArrayDeque<>(); // from the top to where we are
        private final List<Path> names = new ArrayList<>(); // of all but the top
        private final Deque<Path> todo = new ArrayDeque<>(); // from the root on
        private int links;

        @SuppressWarnings("StreamResourceLeak") // closed with the walk
        Walk(Path name) throws IOException {
            requireBeneath(name);
            int length = name.toString().length();
            if (length >= PATH_MAX) {
                throw new KernelException(
                        Errno.ENAMETOOLONG,
                        "a name of " + length + " characters is not below PATH_MAX, which is " + PATH_MAX);
            }
            push(name);
            push(root.relativize(cwd));
            dirs.push(secure(Files.newDirectoryStream(top), top));
        }

        SecureDirectoryStream<Path> dir() {
            return dirs.element();
        }

        Path path() {
            Path path = top;
            for (Path name : names) {
                path = path.resolve(name);
            }
            return path;
        }

        /** Walks on until one component is left, and tells it; null: the name means the directory we are in. */
        @Nullable
        Path toLast(boolean follow) throws IOException {
            toRoot();
            while (!todo.isEmpty()) {
                Path step = todo.pop();
                String text = step.toString();
                if (text.equals("..")) {
                    leave(step);
                } else if (!text.isEmpty() && !text.equals(".")) {
                    boolean last = todo.isEmpty();
                    if (last && !follow) {
                        return step;
                    } else if (isLink(step)) {
                        follow(step);
                    } else if (last) {
                        return step;
                    } else {
                        enter(step);
                    }
                }
            }
            return null;
        }

        /** By no link: who is confined further up may have put one there. */
        private void toRoot() throws IOException {
            for (int i = top.getNameCount(); i < root.getNameCount(); i++) {
                enter(root.getName(i));
            }
        }

        void toDirectory() throws IOException {
            Path last = toLast(true);
            if (last != null) {
                enter(last);
            }
        }

        private void enter(Path step) throws IOException {
            if (!attributes(step).isDirectory()) {
                throw new NotDirectoryException(path().resolve(step).toString()); // to open a pipe might take for ever
            }
            if (names.size() == DEPTH_MAX) {
                throw new KernelException(
                        Errno.ENAMETOOLONG,
                        path().resolve(step) + " is more than " + DEPTH_MAX + " directories beneath " + top);
            }
            dirs.push(secure(dir().newDirectoryStream(step, LinkOption.NOFOLLOW_LINKS), step));
            names.add(step);
        }

        private void leave(Path step) throws IOException {
            if (names.size() == root.getNameCount() - top.getNameCount()) {
                requireBeneath(root.resolve(step));
            }
            dirs.pop().close();
            names.remove(names.size() - 1);
        }

        /** Of an entry of the directory we are in, of a link itself. */
        BasicFileAttributes attributes(Path step) throws IOException {
            return dir().getFileAttributeView(step, BasicFileAttributeView.class, LinkOption.NOFOLLOW_LINKS)
                    .readAttributes();
        }

        private boolean isLink(Path step) throws IOException {
            try {
                return attributes(step).isSymbolicLink();
            } catch (NoSuchFileException e) {
                return false; // it may be about to be created; else the open tells
            }
        }

        /** The JDK reads a link by its path only. Whatever it reads, it is a name to walk. */
        private void follow(Path step) throws IOException {
            links++;
            if (links > MAXSYMLINKS) {
                throw new KernelException(Errno.ELOOP, path().resolve(step) + " leads from link to link");
            }
            Path target;
            try {
                target = Files.readSymbolicLink(path().resolve(step));
            } catch (NotLinkException e) {
                target = step; // not any more: once more
            }
            requireBeneath(target);
            push(target);
        }

        private void push(Path name) {
            List<Path> steps = new ArrayList<>();
            name.forEach(steps::add);
            for (int i = steps.size() - 1; i >= 0; i--) {
                todo.push(steps.get(i));
            }
        }

        private void requireBeneath(Path name) {
            if (name.isAbsolute()) {
                throw new KernelException(
                        Errno.ENOTCAPABLE,
                        "\"" + name + "\" leads out of " + root + ", to which the process is confined");
            }
        }

        @Override
        public void close() throws IOException {
            for (SecureDirectoryStream<Path> dir : dirs) {
                dir.close();
            }
        }
    }
}
