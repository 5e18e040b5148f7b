package org.kthread.examples;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.URI;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@DisplayName("A directory that is made")
class DurableDirectoryTest {
    @TempDir
    private Path work;

    @Test
    @DisplayName("is there, with all above it; one that was there stays")
    void made() throws IOException {
        for (int i = 0; i < 2; i++) {
            DurableDirectory.make(work.resolve("a/../b/c"));
            assertTrue(Files.isDirectory(work.resolve("b/c")));
        }
    }

    @Test
    @DisplayName("is in the way of no file")
    void file() throws IOException {
        Path file = Files.createFile(work.resolve("file"));
        assertThrows(FileAlreadyExistsException.class, () -> DurableDirectory.make(file));
        assertThrows(FileAlreadyExistsException.class, () -> DurableDirectory.make(file.resolve("a/b")));
    }

    @Test
    @DisplayName(
            "is a failure where its name cannot be brought to disk, and nothing is left of it: the next try fails too")
    void notForced() throws IOException {
        try (FileSystem zip = FileSystems.newFileSystem(work.resolve("zip"), Map.of("create", "true"))) {
            for (int i = 0; i < 3; i++) {
                assertThrows(IOException.class, () -> DurableDirectory.make(zip.getPath("/a/b")));
                assertFalse(Files.exists(zip.getPath("/a")), "the name of /a came first");
            }
        }
    }

    @Test
    @DisplayName("is brought to disk also if it was there: who made it may have been killed before he could")
    void there() throws IOException {
        try (FileSystem zip = FileSystems.newFileSystem(work.resolve("zip"), Map.of("create", "true"))) {
            Files.createDirectory(zip.getPath("/a"));
            assertThrows(IOException.class, () -> DurableDirectory.make(zip.getPath("/a")));
            assertThrows(IOException.class, () -> DurableDirectory.make(zip.getPath("/a/b")));
            assertFalse(Files.exists(zip.getPath("/a/b")), "the name of /a came first");
            assertTrue(Files.isDirectory(zip.getPath("/a")));
        }
    }

    @Test
    @DisplayName("is no failure if it was there and nothing can be made beside it: it is from before")
    void readOnly() throws IOException {
        Path dir = Path.of(URI.create("jrt:/java.base"));
        assertThrows(UnsupportedOperationException.class, () -> DurableDirectory.force(dir.getParent()));
        DurableDirectory.make(dir);
    }
}
