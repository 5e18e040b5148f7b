package org.kthread.lwp;

import java.util.Objects;

/**
 * What is known of something open, or of what a name leads to.
 *
 * @param name what it is called: for an open file the path it was opened by
 * @param regular whether it is a file that can be read and written; else it is an object that was installed, or a name led to
 *     a directory, a pipe, a device
 * @param size of the file in bytes; 0 for anything else
 * @see <a href="https://man.netbsd.org/fstat.2">fstat(2)</a>
 */
public record Stat(String name, boolean regular, long size) {
    /**
     * Refuses what is missing.
     *
     * @param name what it is called: for an open file the path it was opened by
     * @param regular whether it is a file that can be read and written
     * @param size of the file in bytes; 0 for anything else
     */
    public Stat {
        Objects.requireNonNull(name, "name");
    }
}
