package org.kthread.examples;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** Directories whose names are on disk: a file whose name is not is as lost as one whose data is not. */
public final class DurableDirectory {
    private DurableDirectory() {}

    /** Makes a directory, and what is missing above it. One whose name cannot be brought to disk is not left there. */
    public static void make(Path dir) throws IOException {
        Path path = dir.toAbsolutePath();
        Path parent = path.getParent();
        if (parent == null) {
            return;
        }
        if (!Files.isDirectory(path)) {
            make(parent);
            makeIn(parent, path);
        } else if (Files.isReadable(parent) && Files.isWritable(parent)) {
            force(parent); // who made it may have been killed before; where we may not write it was not us
        }
    }

    private static void makeIn(Path parent, Path path) throws IOException {
        boolean made = create(path);
        boolean forced = false;
        try {
            force(parent);
            forced = true;
        } finally {
            if (made && !forced) {
                Files.delete(path);
            }
        }
    }

    /** Returns false if another has made it meanwhile. */
    private static boolean create(Path path) throws IOException {
        try {
            Files.createDirectory(path);
            return true;
        } catch (FileAlreadyExistsException e) {
            if (!Files.isDirectory(path)) {
                throw e;
            }
            return false;
        }
    }

    /** Brings the names in a directory to disk. */
    public static void force(Path dir) throws IOException {
        try (FileChannel names = FileChannel.open(dir, StandardOpenOption.READ)) {
            names.force(true);
        } catch (IOException e) {
            if (!System.getProperty("os.name", "").startsWith("Windows")) {
                throw e; // Windows cannot open a directory, and needs no such call.
            }
        }
    }
}
