package org.kthread.examples;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** Directories whose names are on disk: a file whose name is not is as lost as one whose data is not. */
public final class DurableDirectory {
    private DurableDirectory() {}

    /** Makes a directory, and what is missing above it. */
    public static void make(Path dir) throws IOException {
        Path path = dir.toAbsolutePath();
        Path parent = path.getParent();
        if (parent != null && !Files.isDirectory(path)) {
            make(parent);
            Files.createDirectories(path); // another may have made it meanwhile
            force(parent);
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
