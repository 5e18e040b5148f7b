package org.kthread.lwp;

import java.io.IOException;
import java.lang.reflect.Proxy;
import java.net.URI;
import java.nio.channels.FileChannel;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.AccessMode;
import java.nio.file.CopyOption;
import java.nio.file.DirectoryStream;
import java.nio.file.FileStore;
import java.nio.file.FileSystem;
import java.nio.file.LinkOption;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.PathMatcher;
import java.nio.file.WatchService;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.FileAttributeView;
import java.nio.file.attribute.UserPrincipalLookupService;
import java.nio.file.spi.FileSystemProvider;
import java.util.Map;
import java.util.Set;
import org.kthread.proc.HostThreads;
import org.kthread.sys.Errno;
import org.kthread.sys.KernelException;

/**
 * Makes a file channel of the JDK's uninterruptible: an interrupt of a thread that uses it does not close it.
 *
 * <p>The JDK does so itself with each channel it wraps in a stream, in {@link FileSystemProvider#newInputStream}: that
 * asks the provider of a path for a channel, and marks it. So we hand it a provider that knows one channel, drop the stream,
 * and keep the channel. See {@code docs/adr/0010-uninterruptible-channels.md}.
 */
final class Uninterruptible {
    private volatile boolean proven; // an interrupt was seen to leave a channel open

    /** Marks the channel; the first one is also tried. On failure it is not closed, or an interrupt has closed it. */
    void guard(FileChannel channel, Path path) throws IOException {
        mark(channel);
        if (!proven && !proves(channel)) {
            throw new KernelException(
                    Errno.EOPNOTSUPP,
                    "open " + path
                            + ": in this JVM an interrupt closes a file that others share, and we cannot prevent it");
        }
        proven = true;
    }

    /** Marks the channel. Nothing is read. */
    @SuppressWarnings("StreamResourceLeak") // the stream has nothing but the channel, which stays open
    static void mark(FileChannel channel) throws IOException {
        OneChannel provider = new OneChannel(channel);
        provider.newInputStream(provider.path);
    }

    /** Whether an interrupt leaves the channel open: tried on a thread that has no other purpose. */
    static boolean proves(FileChannel channel) {
        Thread probe = HostThreads.kernelThread("uninterruptible", () -> {
            Thread.currentThread().interrupt();
            try {
                channel.size();
            } catch (IOException e) {
                // then it is closed, and that is the answer
            }
        });
        probe.start();
        HostThreads.join(probe);
        return channel.isOpen();
    }

    private static UnsupportedOperationException no() {
        return new UnsupportedOperationException("this file system is one channel");
    }

    /** A provider whose only path leads to one channel. What {@code newInputStream} does not call is refused. */
    static final class OneChannel extends FileSystemProvider {
        final Path path;
        private final FileChannel channel;

        OneChannel(FileChannel channel) {
            this.channel = channel;
            FileSystem system = new OnePath(this);
            this.path = (Path) Proxy.newProxyInstance(
                    Uninterruptible.class.getClassLoader(), new Class<?>[] {Path.class}, (proxy, method, args) -> {
                        if (method.getName().equals("getFileSystem")) {
                            return system;
                        }
                        throw no();
                    });
        }

        @Override
        public SeekableByteChannel newByteChannel(
                Path of, Set<? extends OpenOption> options, FileAttribute<?>... attrs) {
            return channel;
        }

        @Override
        public String getScheme() {
            throw no();
        }

        @Override
        public FileSystem newFileSystem(URI uri, Map<String, ?> env) {
            throw no();
        }

        @Override
        public FileSystem getFileSystem(URI uri) {
            throw no();
        }

        @Override
        public Path getPath(URI uri) {
            throw no();
        }

        @Override
        public DirectoryStream<Path> newDirectoryStream(Path dir, DirectoryStream.Filter<? super Path> filter) {
            throw no();
        }

        @Override
        public void createDirectory(Path dir, FileAttribute<?>... attrs) {
            throw no();
        }

        @Override
        public void delete(Path of) {
            throw no();
        }

        @Override
        public void copy(Path source, Path target, CopyOption... options) {
            throw no();
        }

        @Override
        public void move(Path source, Path target, CopyOption... options) {
            throw no();
        }

        @Override
        public boolean isSameFile(Path one, Path other) {
            throw no();
        }

        @Override
        public boolean isHidden(Path of) {
            throw no();
        }

        @Override
        public FileStore getFileStore(Path of) {
            throw no();
        }

        @Override
        public void checkAccess(Path of, AccessMode... modes) {
            throw no();
        }

        @Override
        public <V extends FileAttributeView> V getFileAttributeView(Path of, Class<V> type, LinkOption... options) {
            throw no();
        }

        @Override
        public <A extends BasicFileAttributes> A readAttributes(Path of, Class<A> type, LinkOption... options) {
            throw no();
        }

        @Override
        public Map<String, Object> readAttributes(Path of, String attributes, LinkOption... options) {
            throw no();
        }

        @Override
        public void setAttribute(Path of, String attribute, Object value, LinkOption... options) {
            throw no();
        }
    }

    /** The file system between the path and its provider. All else is refused. */
    private static final class OnePath extends FileSystem {
        private final FileSystemProvider provider;

        OnePath(FileSystemProvider provider) {
            this.provider = provider;
        }

        @Override
        public FileSystemProvider provider() {
            return provider;
        }

        @Override
        public void close() {
            throw no();
        }

        @Override
        public boolean isOpen() {
            throw no();
        }

        @Override
        public boolean isReadOnly() {
            throw no();
        }

        @Override
        public String getSeparator() {
            throw no();
        }

        @Override
        public Iterable<Path> getRootDirectories() {
            throw no();
        }

        @Override
        public Iterable<FileStore> getFileStores() {
            throw no();
        }

        @Override
        public Set<String> supportedFileAttributeViews() {
            throw no();
        }

        @Override
        public Path getPath(String first, String... more) {
            throw no();
        }

        @Override
        public PathMatcher getPathMatcher(String syntaxAndPattern) {
            throw no();
        }

        @Override
        public UserPrincipalLookupService getUserPrincipalLookupService() {
            throw no();
        }

        @Override
        public WatchService newWatchService() {
            throw no();
        }
    }
}
