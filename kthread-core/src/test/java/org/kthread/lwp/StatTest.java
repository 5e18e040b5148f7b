package org.kthread.lwp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.kthread.sys.Errno;

@DisplayName("stat by name, and directories opened to sync them")
class StatTest extends LwpTest {
    @TempDir
    private Path dir;

    private Path inside;

    @BeforeEach
    void enter() throws IOException {
        inside = Files.createDirectories(dir.resolve("root/sub")).getParent();
        Files.writeString(inside.resolve("file"), "12345");
        Files.writeString(dir.resolve("secret"), "secret");
        Files.createSymbolicLink(inside.resolve("in"), Path.of("file"));
        Files.createSymbolicLink(inside.resolve("out"), Path.of("../secret"));
        fork(Lwps.RUMP_RFCFDG);
    }

    @AfterEach
    void leave() {
        lwps.releaseLwp();
    }

    private void go(boolean confined) {
        if (confined) {
            sys.confine(inside.toString());
        } else {
            sys.chdir(inside.toString());
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    @DisplayName("tells files from what is none, through links too")
    void kinds(boolean confined) {
        go(confined);
        assertEquals(new Stat("file", true, 5), sys.stat("file"));
        assertEquals(new Stat("in", true, 5), sys.stat("in"));
        assertFalse(sys.stat("sub").regular());
        assertFalse(sys.stat(".").regular());
        assertFalse(sys.stat("sub/..").regular());
        assertErrno(Errno.ENOENT, () -> sys.stat("none"));
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    @DisplayName("a pipe without a writer holds up nobody")
    void pipe(boolean confined) throws Exception {
        mkfifo(inside.resolve("pipe"));
        go(confined);
        assertFalse(sys.stat("pipe").regular());
        assertErrno(Errno.ENOTDIR, () -> sys.readdir("pipe"));
        assertErrno(Errno.ENOTDIR, () -> sys.chdir("pipe"));
    }

    @Test
    @DisplayName("a file or a pipe on the way is no directory")
    void onTheWay() throws Exception { // where names are not confined, newer JDKs say ENOENT
        mkfifo(inside.resolve("pipe"));
        go(true);
        assertErrno(Errno.ENOTDIR, () -> sys.stat("file/x"));
        assertErrno(Errno.ENOTDIR, () -> sys.stat("pipe/x"));
    }

    @Test
    @DisplayName("does not look at what is outside")
    void beneath() {
        go(true);
        assertErrno(Errno.ENOTCAPABLE, () -> sys.stat("out"));
        assertErrno(Errno.ENOTCAPABLE, () -> sys.stat("../secret"));
        assertErrno(Errno.ENOTCAPABLE, () -> sys.stat(dir.resolve("secret").toString()));
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    @DisplayName("a directory can be opened to sync it, also the one the process is confined to; never to write it")
    void directories(boolean confined) {
        go(confined);
        for (String name : new String[] {".", "sub", "sub/.."}) {
            int fd = sys.open(name, Syscalls.O_RDONLY);
            sys.fsync(fd);
            sys.close(fd);
            assertErrno(Errno.EISDIR, () -> sys.open(name, Syscalls.O_WRONLY));
        }
        assertTrue(Files.isDirectory(inside.resolve("sub")));
    }
}
