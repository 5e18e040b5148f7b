package org.kthread.examples.bufdaemon;

import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import org.kthread.examples.DurableDirectory;

/** Looks at the directory and the files before anything starts, so that a refusal leaves everything as it was. */
final class Preflight {
    private final Path dir;
    private final Path iolog;
    private final @Nullable Path journal;
    private final boolean overwrite;

    Preflight(Path dir, Path iolog, @Nullable Path journal, boolean overwrite) {
        this.dir = dir;
        this.iolog = iolog;
        this.journal = journal;
        this.overwrite = overwrite;
    }

    /** What is wrong, in a sentence; null if the run may begin. */
    @Nullable
    String problem(Iolog trace) {
        @Nullable String problem = journal == null ? null : problemOfJournal(journal);
        for (int i = 0; problem == null && i < trace.files().size(); i++) {
            problem = problemOf(trace.files().get(i).name());
        }
        return problem == null ? problemOfDir() : problem;
    }

    private @Nullable String problemOfDir() {
        try {
            DurableDirectory.make(dir);
        } catch (FileAlreadyExistsException e) {
            return "--dir " + dir + ": is not a directory";
        } catch (IOException e) {
            return "--dir " + dir + ": cannot be made: " + e;
        }
        try {
            Files.delete(Files.createTempFile(dir, ".bufdaemon", ".tmp"));
        } catch (IOException e) {
            return "--dir " + dir + ": is not writable: " + e;
        }
        return null;
    }

    /** An old journal would promise what this run has emptied. */
    private @Nullable String problemOfJournal(Path file) {
        try {
            Path parent = file.toAbsolutePath().getParent();
            if (Files.isDirectory(file)) {
                return "--journal " + file + ": is a directory";
            } else if (parent == null || !Files.isDirectory(parent)) {
                return "--journal " + file + ": its directory does not exist";
            } else if (Files.exists(file) && Files.isSameFile(file, iolog)) {
                return "--journal " + file + ": is the trace";
            } else if (Files.isRegularFile(file) && Files.size(file) > 0 && !overwrite) {
                return "--journal " + file + ": exists; --overwrite empties it";
            } else if (!Files.isWritable(Files.exists(file) ? file : parent)) {
                return "--journal " + file + ": is not writable";
            }
            return null;
        } catch (IOException e) {
            return "--journal " + file + ": " + e;
        }
    }

    private @Nullable String problemOf(String name) {
        try {
            Path file = dir.resolve(name);
            if (journal != null
                    && journal.toAbsolutePath()
                            .normalize()
                            .equals(file.toAbsolutePath().normalize())) {
                return "--journal " + journal + ": is a file of the trace";
            } else if (!Files.exists(file, LinkOption.NOFOLLOW_LINKS)) {
                return null;
            } else if (Files.isSymbolicLink(file) || !Files.isRegularFile(file)) {
                return file + ": is no regular file";
            } else if (Files.isSameFile(file, iolog)
                    || (journal != null && Files.exists(journal) && Files.isSameFile(file, journal))) {
                return file + ": is the trace or the journal, and would be emptied";
            } else if (!overwrite) {
                return file + ": exists; --overwrite empties it";
            } else if (links(file) > 1) {
                return file + ": has another name, perhaps outside of " + dir;
            } else if (!Files.isWritable(file)) {
                return file + ": is not writable";
            }
            return null;
        } catch (InvalidPathException | IOException e) {
            return dir + ": cannot hold \"" + IologException.shown(name) + "\": " + e.getMessage();
        }
    }

    private static int links(Path file) throws IOException {
        try {
            return Files.getAttribute(file, "unix:nlink") instanceof Integer n ? n : 1;
        } catch (UnsupportedOperationException | IllegalArgumentException e) {
            return 1; // no such thing on this system
        }
    }
}
