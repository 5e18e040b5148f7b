package org.kthread.proc;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * Where the names of a process begin. Wiring; shared until one of the sharers changes it.
 *
 * @param top the first directory it, or who forked it, was confined to; null: none. The only one that is found by its path:
 *     what is beneath may be renamed by others who are confined to it
 * @param root the directory it is confined to, beneath the top; null: none
 * @param cwd its working directory; beneath the root, and without symbolic links from there on
 */
public record Pwd(@Nullable Path top, @Nullable Path root, Path cwd) {
    /**
     * Of a process that is not confined.
     *
     * @param cwd its working directory
     */
    public Pwd(Path cwd) {
        this(null, null, cwd);
    }

    /**
     * Elsewhere.
     *
     * @param dir the new working directory
     * @return a new one
     */
    public Pwd chdir(Path dir) {
        return new Pwd(top, root, dir);
    }

    /**
     * Confined, or further.
     *
     * @param dir the new root, and working directory
     * @return a new one
     */
    public Pwd confine(Path dir) {
        return new Pwd(top == null ? dir : top, dir, dir);
    }
}
