package org.kthread.proc;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * Where the names of a process begin. Wiring; shared until one of the sharers changes it.
 *
 * @param root the directory it is confined to; null: none
 * @param cwd its working directory; beneath the root, and without symbolic links from there on
 */
public record Pwd(@Nullable Path root, Path cwd) {}
