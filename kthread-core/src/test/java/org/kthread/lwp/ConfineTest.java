package org.kthread.lwp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.kthread.lwp.Syscalls.O_CREAT;
import static org.kthread.lwp.Syscalls.O_EXCL;
import static org.kthread.lwp.Syscalls.O_RDONLY;
import static org.kthread.lwp.Syscalls.O_RDWR;

import java.io.IOException;
import java.nio.file.ClosedDirectoryStreamException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.kthread.proc.Lwp;
import org.kthread.proc.Rlimit;
import org.kthread.sys.Errno;
import org.kthread.sys.KernelException;

@DisplayName("A confined process")
class ConfineTest extends LwpTest {
    private static final int SWAPS = Integer.getInteger("org.kthread.lwp.swaps", 3_000);

    @TempDir
    private Path temp;

    private Path root;
    private Path outside;
    private Lwp mine;

    @BeforeEach
    void confine() throws IOException {
        root = Files.createDirectory(temp.toRealPath().resolve("root"));
        outside = Files.createDirectory(temp.toRealPath().resolve("outside"));
        Files.createDirectories(root.resolve("a/b"));
        Files.writeString(root.resolve("a/b/f"), "inside");
        Files.writeString(root.resolve("top"), "top");
        Files.writeString(outside.resolve("secret"), "secret");
        mine = fork(Lwps.RUMP_RFCFDG);
        sys.confine(root.toString());
    }

    @AfterEach
    void leave() {
        if (lwps.curLwp() != mine) {
            lwps.switchTo(mine);
        }
        lwps.releaseLwp();
    }

    private void link(String name, String target) throws IOException {
        Files.createSymbolicLink(root.resolve(name), Path.of(target));
    }

    private String cat(String name) {
        int fd = sys.open(name, O_RDONLY);
        try {
            return read(fd, 100);
        } finally {
            sys.close(fd);
        }
    }

    @Test
    @DisplayName("begins its names at the directory, and reaches what is beneath")
    void beneath() {
        assertEquals(root, sys.getcwd());
        assertEquals("inside", cat("a/b/f"));
        assertEquals("inside", cat("./a/../a/./b/f"));
        assertEquals("top", cat("a/b/../../top"));
        sys.chdir("a/b");
        assertEquals(root.resolve("a/b"), sys.getcwd());
        assertEquals("inside", cat("f"));
        assertEquals("top", cat("../../top"));
        sys.chdir("..");
        assertEquals(root.resolve("a"), sys.getcwd());
        assertEquals(List.of("b"), sys.readdir("."));
        assertEquals(List.of("a", "top"), sys.readdir(".."));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "..",
                "../outside/secret",
                "a/../../outside/secret",
                "a/b/../../../outside/secret",
                "./../root/top",
                "/",
                "/etc/passwd",
                "a/b/../../.."
            })
    @DisplayName("is not let out by a name that climbs or is absolute: ENOTCAPABLE, in every call that takes a name")
    void climbing(String name) {
        assertErrno(Errno.ENOTCAPABLE, () -> sys.open(name, O_RDONLY));
        assertErrno(Errno.ENOTCAPABLE, () -> sys.open(name, O_RDWR | O_CREAT));
        assertErrno(Errno.ENOTCAPABLE, () -> sys.chdir(name));
        assertErrno(Errno.ENOTCAPABLE, () -> sys.confine(name));
        assertErrno(Errno.ENOTCAPABLE, () -> sys.readdir(name));
        assertErrno(Errno.ENOTCAPABLE, () -> sys.unlink(name));
        assertErrno(Errno.ENOTCAPABLE, () -> sys.rename(name, "x"));
        assertErrno(Errno.ENOTCAPABLE, () -> sys.rename("top", name));
        assertEquals(93, Errno.ENOTCAPABLE.number());
        assertTrue(Files.exists(outside.resolve("secret")));
    }

    @Test
    @DisplayName("cannot climb from a directory further down")
    void climbingFromBelow() {
        sys.chdir("a/b");
        assertErrno(Errno.ENOTCAPABLE, () -> sys.open("../../../outside/secret", O_RDONLY));
        assertErrno(Errno.ENOTCAPABLE, () -> sys.chdir("../../.."));
    }

    @Test
    @DisplayName("is not let out by a symbolic link, be it a file's or a directory's, relative or absolute")
    void linksOut() throws IOException {
        link("abs", outside.resolve("secret").toString());
        link("rel", "../outside/secret");
        link("absdir", outside.toString());
        link("reldir", "a/../../outside");
        link("inabs", root.resolve("top").toString());
        link("chain", "a/b/next");
        link("a/b/next", "../../rel");
        for (String name : List.of("abs", "rel", "absdir/secret", "reldir/secret", "chain", "inabs")) {
            assertErrno(Errno.ENOTCAPABLE, () -> sys.open(name, O_RDONLY));
            assertErrno(Errno.ENOTCAPABLE, () -> sys.open(name, O_RDWR | O_CREAT));
        }
        assertErrno(Errno.ENOTCAPABLE, () -> sys.chdir("absdir"));
        assertErrno(Errno.ENOTCAPABLE, () -> sys.readdir("reldir"));
        assertErrno(Errno.ENOTCAPABLE, () -> sys.unlink("reldir/secret"));
        assertErrno(Errno.ENOTCAPABLE, () -> sys.rename("absdir/secret", "stolen"));
        assertErrno(Errno.ENOTCAPABLE, () -> sys.rename("top", "absdir/planted"));
        assertFalse(Files.exists(outside.resolve("planted")));
    }

    @Test
    @DisplayName("follows links that stay beneath; a circle of them is ELOOP; unlink takes the link itself")
    void linksInside() throws IOException {
        link("in", "a/b/f");
        link("dir", "a");
        link("a/up", "../top");
        link("one", "two");
        link("two", "one");
        link("new", "a/created");
        assertEquals("inside", cat("in"));
        assertEquals("inside", cat("dir/b/f"));
        assertEquals("top", cat("dir/up"));
        assertErrno(Errno.ELOOP, () -> cat("one"));
        sys.chdir("dir/b");
        assertEquals(root.resolve("a/b"), sys.getcwd(), "the directory's name has no links");
        sys.chdir("../..");
        sys.close(sys.open("new", O_RDWR | O_CREAT));
        assertTrue(Files.exists(root.resolve("a/created")));
        sys.unlink("in");
        assertEquals("inside", cat("a/b/f"));
    }

    @Test
    @DisplayName("creates nothing exclusively where a link is, though it leads nowhere: EEXIST")
    void exclusive() throws IOException {
        link("nowhere", "a/none");
        link("dir", "a");
        assertErrno(Errno.EEXIST, () -> sys.open("nowhere", O_RDWR | O_CREAT | O_EXCL));
        assertFalse(Files.exists(root.resolve("a/none")));
        sys.close(sys.open("dir/none", O_RDWR | O_CREAT | O_EXCL));
        assertTrue(Files.exists(root.resolve("a/none")));
    }

    @Test
    @DisplayName("follows 32 links for one name, and no more")
    void manyLinks() throws IOException {
        link("l1", "top");
        for (int i = 2; i <= 33; i++) {
            link("l" + i, "l" + (i - 1));
        }
        assertEquals("top", cat("l32"));
        assertErrno(Errno.ELOOP, () -> cat("l33"));
    }

    @Test
    @DisplayName("walks no name that is longer than 1,023, and no further down than such a name leads: ENAMETOOLONG")
    void longNames() throws IOException {
        String most = "./".repeat(510) + "top";
        assertEquals(1_023, most.length());
        assertEquals("top", cat(most));
        assertErrno(Errno.ENAMETOOLONG, () -> cat("./" + most));
        assertErrno(Errno.ENAMETOOLONG, () -> sys.rename("top", "./" + most));

        Path deep = root;
        for (int i = 0; i < 512; i++) {
            deep = Files.createDirectory(deep.resolve("d"));
        }
        Files.writeString(deep.resolve("f"), "deep");
        String half = "d/".repeat(256);
        link("half", half);
        sys.chdir("half");
        sys.chdir(half);
        assertEquals("deep", cat("f"));
        Files.createDirectory(deep.resolve("d"));
        assertErrno(Errno.ENAMETOOLONG, () -> sys.chdir("d"));
        assertErrno(Errno.ENAMETOOLONG, () -> sys.stat("d/f"));
        assertEquals(List.of(), openBeneath(temp));
    }

    @Test
    @DisplayName("leaves no directory open that it has walked through, be the name good or bad")
    void nothingStaysOpen() throws IOException {
        link("absdir", outside.toString());
        assertEquals("inside", cat("a/b/../../a/b/f"));
        sys.chdir("a/b");
        sys.chdir("../..");
        sys.readdir("a");
        sys.stat("a/b/f");
        sys.rename("a/b/f", "a/g");
        sys.unlink("a/g");
        assertErrno(Errno.ENOENT, () -> cat("a/b/none"));
        assertErrno(Errno.ENOTCAPABLE, () -> cat("a/../absdir/secret"));
        assertErrno(Errno.ENOTCAPABLE, () -> cat("a/b/../../.."));
        assertEquals(List.of(), openBeneath(temp));
    }

    @Test
    @DisplayName("is refused where directories cannot be walked securely: EOPNOTSUPP")
    void insecure() throws IOException {
        try (FileSystem zip = FileSystems.newFileSystem(temp.resolve("zip"), Map.of("create", "true"))) {
            Path top = zip.getPath("/");
            Namei names = new NamesBeneath(top, top, top);
            assertErrno(Errno.EOPNOTSUPP, () -> names.directory(Path.of(".")));
            try (DirectoryStream<Path> stream = Files.newDirectoryStream(top)) {
                assertErrno(Errno.EOPNOTSUPP, () -> NamesBeneath.secure(stream, top));
                assertThrows(ClosedDirectoryStreamException.class, stream::iterator);
            }
        }
    }

    @Test
    @DisplayName("creates, renames and removes beneath")
    void changes() throws IOException {
        int fd = sys.open("a/new", O_RDWR | O_CREAT | O_EXCL);
        write(fd, "text");
        assertErrno(Errno.EEXIST, () -> sys.open("a/new", O_RDWR | O_CREAT | O_EXCL));
        sys.rename("a/new", "top");
        assertEquals("text", Files.readString(root.resolve("top")));
        assertErrno(Errno.ENOENT, () -> sys.rename("a/new", "top"));
        sys.unlink("top");
        assertErrno(Errno.ENOENT, () -> sys.unlink("top"));
        assertErrno(Errno.EISDIR, () -> sys.unlink("a"));
        assertErrno(Errno.EINVAL, () -> sys.unlink("a/.."));
        assertErrno(Errno.ENOTDIR, () -> sys.chdir("a/b/f"));
        assertErrno(Errno.ENOTDIR, () -> sys.open("a/b/f/x", O_RDONLY));
        assertErrno(Errno.EISDIR, () -> sys.open(".", O_RDWR));
        int dot = sys.open(".", O_RDONLY);
        sys.fsync(dot); // what was renamed and removed is on disk
        sys.close(dot);
        assertErrno(Errno.EINVAL, () -> sys.open("a\0b", O_RDONLY));
        assertErrno(Errno.ENOENT, () -> sys.open("", O_RDONLY));
        assertErrno(Errno.ENAMETOOLONG, () -> sys.open("x".repeat(300), O_RDONLY));
    }

    @Test
    @DisplayName("confines its children, and may confine itself further; it is never undone")
    void inherited() {
        Lwp child = fork(Lwps.RUMP_RFCFDG);
        assertErrno(Errno.ENOTCAPABLE, () -> sys.open("/etc/passwd", O_RDONLY));
        sys.confine("a");
        assertErrno(Errno.ENOTCAPABLE, () -> sys.open("../top", O_RDONLY));
        assertEquals("inside", cat("b/f"));
        sys.chdir("b");
        sys.confine(".");
        assertEquals(root.resolve("a/b"), sys.getcwd());
        assertErrno(Errno.ENOTCAPABLE, () -> sys.readdir(".."));
        assertEquals("inside", cat("f"));
        lwps.switchTo(mine);
        assertEquals("top", cat("top"));
        release(child);
        lwps.switchTo(mine);
    }

    @Test
    @DisplayName("keeps its limits: EMFILE, and nothing stays open behind it")
    void limit() {
        sys.setrlimit(Syscalls.RLIMIT_NOFILE, new Rlimit(1, 1));
        sys.open("top", O_RDONLY);
        assertErrno(Errno.EMFILE, () -> sys.open("top", O_RDONLY));
    }

    @Test
    @DisplayName("that is confined again is not let out of the first directory by who puts a link where the second was")
    void swappedRoot() throws IOException {
        link("out", outside.toString());
        Files.createDirectory(root.resolve("sub"));
        Files.writeString(root.resolve("sub/secret"), "inside");
        Lwp child = fork(Lwps.RUMP_RFCFDG);
        sys.confine("sub");
        assertEquals("inside", cat("secret"));
        lwps.switchTo(mine);
        sys.rename("sub", "old");
        sys.rename("out", "sub");
        lwps.switchTo(child);
        assertErrno(Errno.ENOTDIR, () -> sys.open("secret", O_RDONLY));
        assertErrno(Errno.ENOTDIR, () -> sys.readdir("."));
        lwps.switchTo(mine);
        sys.rename("sub", "out");
        sys.rename("old", "sub");
        lwps.switchTo(child);
        assertEquals("inside", cat("secret"));
        assertErrno(Errno.ENOTCAPABLE, () -> sys.open("../top", O_RDONLY));
        assertEquals(List.of(), openBeneath(temp));
        lwps.releaseLwp();
    }

    @Test
    @DisplayName("is not let out by a directory that turns into a link between check and use")
    void swappedDirectory() throws Exception {
        Files.createDirectory(root.resolve("real"));
        Files.writeString(root.resolve("real/secret"), "inside");
        Path swapped = root.resolve("d");
        AtomicBoolean over = new AtomicBoolean();
        try (HostThread attacker = new HostThread("attacker")) {
            Future<Integer> swaps = attacker.start(() -> {
                int count = 0;
                for (; !over.get(); count++) {
                    Path next = root.resolve("next");
                    if (count % 2 == 0) {
                        Files.createSymbolicLink(next, outside);
                        if (Files.isDirectory(swapped, LinkOption.NOFOLLOW_LINKS)) {
                            Files.move(swapped, root.resolve("real"));
                        }
                        Files.move(next, swapped, StandardCopyOption.ATOMIC_MOVE);
                    } else {
                        Files.delete(swapped);
                        Files.move(root.resolve("real"), swapped);
                    }
                }
                if (Files.isSymbolicLink(swapped)) {
                    Files.delete(swapped);
                }
                return count;
            });
            try {
                assertRefusedAtTimes("d/secret");
            } finally {
                over.set(true);
            }
            assertTrue(swaps.get() > 0);
        }
    }

    @Test
    @DisplayName("is not let out by a file that turns into a link between check and use")
    void swappedFile() throws Exception {
        Path file = root.resolve("f");
        AtomicBoolean over = new AtomicBoolean();
        try (HostThread attacker = new HostThread("attacker")) {
            Future<Integer> swaps = attacker.start(() -> {
                int count = 0;
                for (; !over.get(); count++) {
                    Path next = root.resolve("next");
                    if (count % 2 == 0) {
                        Files.createSymbolicLink(next, outside.resolve("secret"));
                    } else {
                        Files.writeString(next, "inside");
                    }
                    Files.move(next, file, StandardCopyOption.ATOMIC_MOVE);
                }
                return count;
            });
            try {
                assertRefusedAtTimes("f");
            } finally {
                over.set(true);
            }
            assertTrue(swaps.get() > 0);
        }
        assertEquals("secret", Files.readString(outside.resolve("secret")));
    }

    /** What is read is always the file inside; else the name is refused. */
    private void assertRefusedAtTimes(String name) {
        int refused = 0;
        for (int i = 0; i < SWAPS || refused == 0; i++) {
            try {
                assertEquals("inside", cat(name));
            } catch (KernelException e) {
                assertTrue(
                        List.of(Errno.ENOTCAPABLE, Errno.ENOENT, Errno.ELOOP, Errno.ENOTDIR)
                                .contains(e.errno()),
                        e::toString);
                refused++;
            }
        }
    }
}
