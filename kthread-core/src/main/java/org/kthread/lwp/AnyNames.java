package org.kthread.lwp;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NotDirectoryException;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.List;
import java.util.Set;

/** The names of a process that is not confined: any name, relative ones from its directory. */
record AnyNames(Path cwd) implements Namei {
    @Override
    public Found open(Path name, Set<OpenOption> options) throws IOException {
        Path path = cwd.resolve(name);
        return new Found(Namei.requireFile(Files.newByteChannel(path, options), path), path);
    }

    @Override
    public BasicFileAttributes attributes(Path name) throws IOException {
        return Files.readAttributes(cwd.resolve(name), BasicFileAttributes.class);
    }

    @Override
    public Path directory(Path name) throws IOException {
        Path dir = cwd.resolve(name).toRealPath();
        if (!Files.isDirectory(dir)) {
            throw new NotDirectoryException(dir.toString());
        }
        return dir;
    }

    @Override
    public List<String> list(Path name) throws IOException {
        Path dir = cwd.resolve(name);
        if (!attributes(name).isDirectory()) {
            throw new NotDirectoryException(dir.toString()); // to open a pipe might take for ever
        }
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(dir)) {
            return Namei.names(entries);
        }
    }

    @Override
    public void unlink(Path name) throws IOException {
        Path path = cwd.resolve(name);
        if (Files.isDirectory(path, LinkOption.NOFOLLOW_LINKS)) {
            throw new FileSystemException(path.toString(), null, "Is a directory");
        }
        Files.delete(path);
    }

    @Override
    public void rename(Path from, Path to) throws IOException {
        Files.move(cwd.resolve(from), cwd.resolve(to), StandardCopyOption.ATOMIC_MOVE);
    }
}
