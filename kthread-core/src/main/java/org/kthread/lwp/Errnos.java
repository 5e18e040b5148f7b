package org.kthread.lwp;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import org.jspecify.annotations.Nullable;
import org.kthread.sys.Errno;
import org.kthread.sys.KernelException;

/**
 * Which errno a failure of the JDK's file calls is. Where the JDK tells it only in words, they are the system's, in the
 * language of the JVM's locale: what is not English is EIO. Words cannot be asked for by number, and to learn them by making
 * calls fail would need devices that not every system has.
 */
final class Errnos {
    private Errnos() {}

    static KernelException of(String call, IOException e) {
        return new KernelException(errno(e), call + ": " + e.getMessage(), e);
    }

    private static Errno errno(IOException e) {
        if (e instanceof NoSuchFileException) {
            return Errno.ENOENT;
        } else if (e instanceof FileAlreadyExistsException) {
            return Errno.EEXIST;
        } else if (e instanceof AccessDeniedException) {
            return Errno.EACCES;
        } else if (e instanceof NotDirectoryException) {
            return Errno.ENOTDIR;
        } else if (e instanceof DirectoryNotEmptyException) {
            return Errno.ENOTEMPTY;
        }
        return byReason(e instanceof FileSystemException f ? f.getReason() : e.getMessage());
    }

    private static Errno byReason(@Nullable String reason) {
        return switch (reason == null ? "" : reason) {
            case "Is a directory" -> Errno.EISDIR;
            case "Not a directory" -> Errno.ENOTDIR;
            case "No such file or directory" -> Errno.ENOENT;
            case "Operation not permitted" -> Errno.EPERM;
            case "Permission denied" -> Errno.EACCES;
            case "Too many levels of symbolic links" -> Errno.ELOOP;
            case "Too many levels of symbolic links (NOFOLLOW_LINKS specified)" -> Errno.ELOOP;
            case "Too many levels of symbolic links or unable to access attributes of symbolic link" -> Errno.ELOOP;
            case "File name too long" -> Errno.ENAMETOOLONG;
            case "File too large" -> Errno.EFBIG;
            case "Disk quota exceeded" -> Errno.EDQUOT;
            case "No space left on device" -> Errno.ENOSPC;
            case "Directory not empty" -> Errno.ENOTEMPTY;
            case "Device or resource busy" -> Errno.EBUSY;
            case "Illegal seek" -> Errno.ESPIPE;
            case "Invalid argument" -> Errno.EINVAL;
            default -> Errno.EIO;
        };
    }
}
