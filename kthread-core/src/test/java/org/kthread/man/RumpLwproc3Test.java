package org.kthread.man;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.kthread.lwp.Lwps.RUMP_RFCFDG;
import static org.kthread.lwp.Lwps.RUMP_RFFDG;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.kthread.Kernel;
import org.kthread.lwp.HostThread;
import org.kthread.lwp.LwpTest;
import org.kthread.lwp.Syscalls;
import org.kthread.proc.KthreadSpec;
import org.kthread.proc.Lwp;
import org.kthread.proc.Proc;
import org.kthread.proc.ProcState;
import org.kthread.proc.PsRow;
import org.kthread.shutdown.Howto;
import org.kthread.sys.Errno;
import org.kthread.sys.KernelPanic;

/** rump_lwproc(3), sentence by sentence, and the kernel's own test of it, with what that does not cover. */
@DisplayName("RUMP_LWPROC(3)")
class RumpLwproc3Test extends LwpTest {
    @TempDir
    private Path dir;

    private int open(String name) {
        return sys.open(dir.resolve(name).toString(), Syscalls.O_RDWR | Syscalls.O_CREAT);
    }

    @Nested
    @DisplayName("DESCRIPTION")
    class Description {
        @Test
        @DisplayName("Every lwp is associated with exactly one process, and a process with one or more lwps")
        void lwpsAndProcesses() {
            Lwp first = fork(0);
            Lwp second = newLwp(sys.getpid());

            assertSame(first.proc(), second.proc());
            assertEquals(List.of(first, second), first.proc().lwps());

            lwps.releaseLwp();
            release(first);
            assertEquals(List.of(), first.proc().lwps());
        }

        @Test
        @DisplayName("The current lwp determines which credentials, working directory and descriptor table are used")
        void currentLwpDeterminesTheProcess() {
            Lwp one = fork(RUMP_RFCFDG);
            sys.setgid(8);
            sys.setuid(7);
            sys.chdir(dir.toString());
            int fd = open("f");
            lwps.switchTo(null);
            Lwp other = fork(RUMP_RFCFDG);

            assertEquals(0, sys.getuid());
            assertEquals(0, sys.getgid());
            assertNotEquals(dir, sys.getcwd());
            assertErrno(Errno.EBADF, () -> sys.fstat(fd));

            lwps.switchTo(one);
            assertEquals(7, sys.getuid());
            assertEquals(8, sys.getgid());
            assertEquals(dir.toAbsolutePath(), sys.getcwd().toAbsolutePath());
            sys.fstat(fd);

            lwps.releaseLwp();
            release(other);
        }

        @Test
        @DisplayName("A host thread is bound to an lwp, or accesses the kernel with an implicit context of pid 1")
        void boundOrImplicit() {
            assertNull(lwps.curLwp());
            assertEquals(1, sys.getpid());
            assertEquals(0, sys.getppid());

            Lwp lwp = newLwp(1);
            assertEquals(1, sys.getpid());
            assertSame(lwp, lwps.curLwp());
            lwps.releaseLwp();
        }

        @Test
        @DisplayName("A new host thread is implicit, whatever its creator is bound to")
        void newHostThreadIsImplicit() {
            fork(0);
            try (HostThread host = new HostThread("host")) {
                assertNull(host.call(lwps::curLwp));
                assertEquals(1, host.call(sys::getpid));
            }
            lwps.releaseLwp();
        }

        @Test
        @DisplayName(
                "Any number of host threads are in the implicit context at once, and what they change in pid 1 stays")
        void implicitPersists() {
            try (HostThread host = new HostThread("host")) {
                int fd = host.call(() -> open("shared"));
                sys.fstat(fd);
                host.run(() -> sys.chdir(dir.toString()));
                assertEquals(dir.toAbsolutePath(), sys.getcwd().toAbsolutePath());
                host.run(() -> sys.setuid(7));
                assertEquals(7, sys.getuid());
                assertErrno(Errno.EPERM, () -> sys.setuid(0));
                sys.close(fd);
                assertErrno(Errno.EBADF, () -> host.call(() -> sys.fstat(fd)));
            }
        }

        @Test
        @DisplayName("Many lwps can be multiplexed on one host thread")
        void multiplexed() {
            List<Lwp> all = new ArrayList<>();
            for (int i = 0; i < 100; i++) {
                lwps.switchTo(null);
                all.add(fork(RUMP_RFCFDG));
                sys.setuid(i);
            }
            for (int i = 0; i < 100; i++) {
                lwps.switchTo(all.get(i));
                assertEquals(i, sys.getuid());
            }
            lwps.switchTo(null);
            all.forEach(RumpLwproc3Test.this::release);
        }

        @Test
        @DisplayName("There can be a host thread for every lwp; any host thread may switch to any that nobody runs")
        void anyHostThread() {
            Lwp lwp = fork(0);
            int pid = sys.getpid();
            lwps.switchTo(null);
            try (HostThread one = new HostThread("one");
                    HostThread two = new HostThread("two")) {
                one.run(() -> lwps.switchTo(lwp));
                assertEquals(pid, one.call(sys::getpid));
                one.run(() -> lwps.switchTo(null));
                two.run(() -> lwps.switchTo(lwp));
                assertEquals(pid, two.call(sys::getpid));
                two.run(lwps::releaseLwp);
            }
        }

        @Test
        @DisplayName("An lwp persists until it is explicitly released")
        void lwpPersists() {
            Lwp first = fork(0);
            Lwp second = fork(0);

            assertFalse(first.isReleased());
            lwps.switchTo(first);
            lwps.releaseLwp();
            assertTrue(first.isReleased());
            release(second);
        }

        @Test
        @DisplayName("A process persists until all its lwps are released, and is then released at once")
        void processPersists() {
            Lwp first = fork(0);
            int pid = sys.getpid();
            Lwp second = newLwp(pid);

            release(first);
            assertTrue(kernel.pfind(pid).isPresent());
            release(second);

            assertTrue(kernel.pfind(pid).isEmpty());
            assertErrno(Errno.ESRCH, () -> lwps.newLwp(pid));
        }
    }

    @Nested
    @DisplayName("rump_pub_lwproc_rfork")
    class Rfork {
        @ParameterizedTest
        @ValueSource(ints = {0, RUMP_RFFDG, RUMP_RFCFDG})
        @DisplayName("makes a process with one lwp, a child of the current one, and switches to it")
        void makesAndSwitches(int flags) {
            Lwp parent = fork(0);
            int pid = sys.getpid();
            Lwp child = fork(flags);

            assertNotSame(parent, child);
            assertNotEquals(pid, sys.getpid());
            assertEquals(pid, sys.getppid());
            assertTrue(child.isRunning());
            assertFalse(parent.isRunning());
            assertEquals(List.of(child), child.proc().lwps());

            lwps.releaseLwp();
            release(parent);
        }

        @Test
        @DisplayName("from the implicit context the parent is pid 1; when a parent goes first the child's becomes 1")
        void parents() {
            Lwp parent = fork(0);
            assertEquals(1, sys.getppid());
            Lwp child = fork(0);
            release(parent);
            lwps.switchTo(child);
            assertEquals(1, sys.getppid());
            lwps.releaseLwp();
        }

        @ParameterizedTest
        @ValueSource(ints = {RUMP_RFFDG | RUMP_RFCFDG, 4, 7, 8, 0x100, -1, Integer.MIN_VALUE})
        @DisplayName("EINVAL for both flags and for any other bit; the context is unchanged, bound or implicit")
        void invalidFlags(int flags) {
            assertErrno(Errno.EINVAL, () -> lwps.rfork(flags));
            assertNull(lwps.curLwp());
            Lwp lwp = fork(0);
            assertErrno(Errno.EINVAL, () -> lwps.rfork(flags));
            assertSame(lwp, lwps.curLwp());
            lwps.releaseLwp();
            assertEquals(22, Errno.EINVAL.number());
        }

        @Test
        @DisplayName(
                "RUMP_RFFDG copies the table: a close on one side does not show on the other; the offset is shared")
        void rffdg() {
            Lwp parent = fork(RUMP_RFCFDG);
            int fd = open("f");
            Lwp child = fork(RUMP_RFFDG);
            write(fd, "four");
            lwps.switchTo(parent);
            assertEquals(4, sys.lseek(fd, 0, Syscalls.SEEK_CUR));
            sys.close(fd);
            lwps.switchTo(child);
            assertEquals(4, sys.fstat(fd).size());
            lwps.releaseLwp();
            release(parent);
        }

        @Test
        @DisplayName("RUMP_RFCFDG begins with an empty table: the first open gives 0, a parent's descriptor is EBADF")
        void rfcfdg() {
            Lwp parent = fork(RUMP_RFCFDG);
            open("a");
            int fd = open("b");
            Lwp child = fork(RUMP_RFCFDG);
            assertErrno(Errno.EBADF, () -> sys.fstat(fd));
            assertEquals(0, open("c"));
            lwps.releaseLwp();
            release(parent);
            assertTrue(child.isReleased());
        }

        @Test
        @DisplayName("0 shares the table: an open or a close on either side shows on the other")
        void sharing() {
            Lwp parent = fork(RUMP_RFCFDG);
            Lwp child = fork(0);
            int fd = open("f");
            lwps.switchTo(parent);
            sys.fstat(fd);
            sys.close(fd);
            lwps.switchTo(child);
            assertErrno(Errno.EBADF, () -> sys.fstat(fd));
            lwps.releaseLwp();
            release(parent);
        }

        @Test
        @DisplayName("the new process inherits credentials, directory, limit and name, and changes its own only")
        void inherits() {
            Lwp parent = fork(0);
            sys.setgid(5);
            sys.setuid(6);
            sys.chdir(dir.toString());
            Path cwd = sys.getcwd();
            Lwp child = fork(RUMP_RFFDG);
            assertEquals(5, sys.getgid());
            assertEquals(6, sys.getuid());
            assertEquals(cwd, sys.getcwd());
            assertEquals(parent.proc().comm(), child.proc().comm());
            sys.chdir("/");
            lwps.switchTo(parent);
            assertEquals(cwd, sys.getcwd());
            lwps.releaseLwp();
            release(child);
        }

        @Test
        @DisplayName("pids are given in order, and a released one is not used again soon")
        void pids() {
            Set<Integer> seen = new HashSet<>();
            for (int i = 0; i < 10_000; i++) {
                lwps.rfork(0);
                assertTrue(seen.add(sys.getpid()));
                lwps.releaseLwp();
            }
        }
    }

    @Nested
    @DisplayName("rump_pub_lwproc_newlwp")
    class Newlwp {
        @Test
        @DisplayName("makes an lwp in the process of a pid and switches to it; the old one stays and is not running")
        void makesAndSwitches() {
            Lwp first = fork(0);
            Lwp second = newLwp(sys.getpid());
            assertNotSame(first, second);
            assertFalse(first.isRunning());
            assertTrue(second.isRunning());
            assertEquals(0, first.lid());
            assertEquals(1, second.lid());
            lwps.releaseLwp();
            release(first);
        }

        @ParameterizedTest
        @ValueSource(ints = {0, 1})
        @DisplayName("pid 0 and pid 1 may be joined")
        void kernelAndInit(int pid) {
            lwps.newLwp(pid);
            assertEquals(pid, sys.getpid());
            lwps.releaseLwp();
            assertTrue(kernel.pfind(pid).isPresent());
        }

        @ParameterizedTest
        @ValueSource(ints = {37, -1, 99_999, Integer.MAX_VALUE, Integer.MIN_VALUE})
        @DisplayName("ESRCH for a pid that is nobody's; the context is unchanged, bound or implicit")
        void unknownPid(int pid) {
            assertErrno(Errno.ESRCH, () -> lwps.newLwp(pid));
            assertEquals(3, Errno.ESRCH.number());
            Lwp lwp = fork(0);
            assertErrno(Errno.ESRCH, () -> lwps.newLwp(pid));
            assertSame(lwp, lwps.curLwp());
            lwps.releaseLwp();
        }

        @Test
        @DisplayName("EBUSY while the process is closing what it had open; ESRCH when it has")
        void closing() {
            lwps.rfork(RUMP_RFCFDG);
            int pid = sys.getpid();
            List<Throwable> inside = new ArrayList<>();
            sys.install(() -> {
                try {
                    lwps.newLwp(pid);
                } catch (RuntimeException e) {
                    inside.add(e);
                }
            });
            lwps.releaseLwp();
            assertEquals(1, inside.size());
            assertErrno(Errno.EBUSY, () -> {
                throw inside.get(0);
            });
            assertEquals(16, Errno.EBUSY.number());
            assertErrno(Errno.ESRCH, () -> lwps.newLwp(pid));
        }
    }

    @Nested
    @DisplayName("rump_pub_lwproc_switch")
    class Switch {
        @Test
        @DisplayName("switches to another lwp, and with it to its process")
        void switches() {
            Lwp one = fork(0);
            int pid = sys.getpid();
            Lwp two = fork(0);
            lwps.switchTo(one);
            assertSame(one, lwps.curLwp());
            assertEquals(pid, sys.getpid());
            assertFalse(two.isRunning());
            lwps.releaseLwp();
            release(two);
        }

        @Test
        @DisplayName("NULL sets the current lwp to the implicit context; the same lwp can be switched to again")
        void toNull() {
            Lwp lwp = fork(0);
            int pid = sys.getpid();
            lwps.switchTo(null);
            assertNull(lwps.curLwp());
            assertEquals(1, sys.getpid());
            lwps.switchTo(lwp);
            assertEquals(pid, sys.getpid());
            lwps.releaseLwp();
        }

        @Test
        @DisplayName("Switching to an already running lwp is a fatal error, with the kernel's text")
        void alreadyRunning() {
            Lwp lwp = fork(0);
            try (HostThread host = new HostThread("other")) {
                KernelPanic panic = host.call(() -> assertPanic("already running", () -> lwps.switchTo(lwp)));
                assertTrue(
                        Pattern.compile("^lwp 0x[0-9a-f]+ \\(" + sys.getpid() + ":0\\) already running")
                                .matcher(panic.getMessage())
                                .find(),
                        panic::getMessage);
            }
            assertSame(lwp, lwps.curLwp());
            lwps.releaseLwp();
        }
    }

    @Nested
    @DisplayName("rump_pub_lwproc_releaselwp")
    class Release {
        @Test
        @DisplayName("releases the current lwp and sets the context to implicit, not to the lwp before")
        void releases() {
            Lwp before = fork(0);
            fork(0);
            lwps.releaseLwp();
            assertNull(lwps.curLwp());
            assertEquals(1, sys.getpid());
            release(before);
        }

        @Test
        @DisplayName("of the first of several lwps: the process lives on, the others are not affected")
        void firstOfSeveral() {
            Lwp first = fork(0);
            int pid = sys.getpid();
            Lwp second = newLwp(pid);
            try (HostThread host = new HostThread("host")) {
                lwps.switchTo(null);
                host.run(() -> lwps.switchTo(second));
                release(first);
                assertEquals(pid, host.call(sys::getpid));
                assertSame(second, host.call(lwps::curLwp));
                host.run(lwps::releaseLwp);
            }
            assertTrue(kernel.pfind(pid).isEmpty());
        }

        @Test
        @DisplayName("of the last one closes what the process has open, before it returns")
        void closesAtOnce() {
            Lwp first = fork(RUMP_RFCFDG);
            List<String> closed = new ArrayList<>();
            sys.install(() -> closed.add("pipe"));
            Lwp second = newLwp(sys.getpid());
            release(first);
            assertEquals(List.of(), closed);
            release(second);
            assertEquals(List.of("pipe"), closed);
        }

        @Test
        @DisplayName("of one that shares its table closes nothing while another sharer lives, be it parent or child")
        void sharersKeepOpen() {
            Lwp parent = fork(RUMP_RFCFDG);
            List<String> closed = new ArrayList<>();
            sys.install(() -> closed.add("file"));
            Lwp child = fork(0);
            release(parent);
            assertEquals(List.of(), closed);
            release(child);
            assertEquals(List.of("file"), closed);
        }
    }

    @Nested
    @DisplayName("rump_pub_lwproc_curlwp")
    class Curlwp {
        @Test
        @DisplayName("gives the current lwp, or NULL in the implicit context")
        void current() {
            assertNull(lwps.curLwp());
            lwps.rfork(0);
            assertEquals(sys.getpid(), curLwp().proc().pid());
            lwps.releaseLwp();
            assertNull(lwps.curLwp());
        }
    }

    /** {@code t_lwproc.c}, case by case. */
    @Nested
    @DisplayName("t_lwproc")
    class Lwproc {
        @Test
        void makelwp() {
            Lwp zero = newLwp(0);
            assertErrno(Errno.ESRCH, () -> lwps.newLwp(37));
            Lwp before = curLwp();
            Lwp forked = fork(RUMP_RFCFDG);
            assertNotSame(before, forked);
            lwps.newLwp(sys.getpid());
            assertNotSame(forked, curLwp());
            assertTrue(sys.getpid() > 0);

            lwps.releaseLwp();
            release(forked);
            release(zero);
        }

        @Test
        void proccreds() {
            Lwp first = fork(RUMP_RFCFDG);
            Lwp l1 = newLwp(sys.getpid());
            Lwp l2 = fork(RUMP_RFCFDG);
            sys.setuid(22);
            assertEquals(22, sys.getuid());

            lwps.switchTo(l1);
            assertEquals(0, sys.getuid(), "a change in a child does not show in the parent");
            sys.setuid(11);
            assertEquals(11, sys.getuid());

            lwps.switchTo(l2);
            assertEquals(22, sys.getuid());
            Lwp l3 = newLwp(sys.getpid());
            assertEquals(22, sys.getuid());

            List.of(l3, l2, l1, first).forEach(RumpLwproc3Test.this::release0);
        }

        @Test
        void inherit() {
            Lwp parent = fork(RUMP_RFCFDG);
            sys.setuid(66);
            assertEquals(66, sys.getuid());
            lwps.rfork(RUMP_RFCFDG);
            assertEquals(66, sys.getuid());
            lwps.releaseLwp();
            assertEquals(0, sys.getuid());
            release(parent);
        }

        @Test
        void lwps() {
            Lwp orig = fork(RUMP_RFCFDG);
            sys.setuid(375);
            List<Lwp> all = new ArrayList<>();
            int mypid = sys.getpid();
            for (int i = 0; i < 128; i++) {
                assertEquals(mypid, sys.getpid());
                all.add(newLwp(mypid));
                assertEquals(375, sys.getuid());
            }
            lwps.switchTo(orig);
            lwps.releaseLwp();
            for (Lwp lwp : all) {
                lwps.switchTo(lwp);
                assertEquals(mypid, sys.getpid());
                assertEquals(375, sys.getuid());
                lwps.releaseLwp();
                assertEquals(1, sys.getpid());
                assertEquals(0, sys.getuid());
            }
            assertErrno(Errno.ESRCH, () -> lwps.newLwp(mypid));
        }

        @Test
        void nolwprelease() {
            assertPanic("releasing non-pertinent lwp", lwps::releaseLwp);
        }

        @Test
        void nolwp() {
            assertNull(lwps.curLwp());
        }

        @Test
        void nullswitch() {
            Lwp lwp = newLwp(0);
            lwps.switchTo(null);
            lwps.switchTo(lwp);
            lwps.releaseLwp();
        }

        @Test
        void rfork() {
            assertErrno(Errno.EINVAL, () -> lwps.rfork(RUMP_RFFDG | RUMP_RFCFDG));

            Lwp first = fork(0);
            int fd = open("file");
            Lwp empty = fork(RUMP_RFCFDG);
            assertErrno(Errno.EBADF, () -> write(fd, "1234"));

            lwps.switchTo(first);
            Lwp sharing = fork(0);
            assertEquals(4, write(fd, "1234"));
            assertEquals(4, sys.fstat(fd).size());
            lwps.switchTo(first);
            sys.close(fd);
            lwps.switchTo(sharing);
            assertErrno(Errno.EBADF, () -> sys.fstat(fd));
            lwps.releaseLwp();

            lwps.switchTo(first);
            int again = open("file");
            Lwp copying = fork(RUMP_RFFDG);
            assertEquals(4, write(again, "1234"));
            assertEquals(4, sys.fstat(again).size());
            lwps.switchTo(first);
            sys.close(again);
            lwps.switchTo(copying);
            assertEquals(4, sys.fstat(again).size());

            List.of(copying, empty, first).forEach(RumpLwproc3Test.this::release0);
        }
    }

    private void release0(Lwp lwp) {
        if (lwps.curLwp() != lwp) {
            lwps.switchTo(lwp);
        }
        lwps.releaseLwp();
    }

    /** What the kernel's own test leaves out. */
    @Nested
    @DisplayName("not covered by t_lwproc")
    class Uncovered {
        @Test
        @DisplayName("switch to oneself: panic, and nothing has changed")
        void switchToOneself() {
            Lwp lwp = fork(0);
            assertPanic("already running", () -> lwps.switchTo(lwp));
            assertSame(lwp, lwps.curLwp());
            lwps.releaseLwp();
        }

        @Test
        @DisplayName("switch to an lwp that is inside a call on another host thread: panic")
        void switchToBusy() {
            Lwp lwp = fork(RUMP_RFCFDG);
            List<Throwable> inside = new ArrayList<>();
            int fd = sys.install(() -> {
                try (HostThread host = new HostThread("other")) {
                    host.run(() -> lwps.switchTo(lwp));
                } catch (KernelPanic e) {
                    inside.add(e);
                }
            });
            sys.close(fd);
            assertTrue(inside.get(0).getMessage().contains("already running"));
            lwps.releaseLwp();
        }

        @Test
        @DisplayName("switch to null from the implicit context: nothing happens")
        void switchNullFromImplicit() {
            lwps.switchTo(null);
            assertNull(lwps.curLwp());
        }

        @Test
        @DisplayName("release of an lwp in process 0: the process stays")
        void releaseInProcessZero() {
            lwps.newLwp(0);
            lwps.releaseLwp();
            assertEquals(1, sys.getpid());
            lwps.newLwp(0);
            lwps.releaseLwp();
        }

        @Test
        @DisplayName("release twice: panic")
        void releaseTwice() {
            lwps.rfork(0);
            lwps.releaseLwp();
            assertPanic("releasing non-pertinent lwp", lwps::releaseLwp);
        }

        @Test
        @DisplayName("two host threads run two lwps of one process at once, and see the same process")
        void twoHostThreads() {
            Lwp one = fork(RUMP_RFCFDG);
            int pid = sys.getpid();
            try (HostThread host = new HostThread("host")) {
                host.run(() -> lwps.newLwp(pid));
                assertEquals(pid, host.call(sys::getpid));
                sys.setuid(9);
                assertEquals(9, host.call(sys::getuid));
                int fd = host.call(() -> open("f"));
                sys.fstat(fd);
                host.run(lwps::releaseLwp);
                sys.fstat(fd);
            }
            assertEquals(List.of(one), one.proc().lwps());
            lwps.releaseLwp();
        }

        @Test
        @DisplayName("use after release: panic, from a bound and from an implicit context, and nothing has changed")
        void useAfterRelease() {
            Lwp released = fork(0);
            lwps.releaseLwp();
            assertPanic("is released", () -> lwps.switchTo(released));
            Lwp bound = fork(0);
            assertPanic("is released", () -> lwps.switchTo(released));
            assertSame(bound, lwps.curLwp());
            lwps.releaseLwp();
        }

        @Test
        @DisplayName("an lwp of another kernel: panic, which names both; a second binding: the same")
        void twoKernels() {
            try (Kernel second = Kernel.start(config())) {
                Lwp here = fork(0);
                KernelPanic bound =
                        assertPanic(second.toString(), () -> second.lwps().rfork(0));
                assertTrue(bound.getMessage().contains(kernel.toString()), bound::getMessage);
                assertPanic(kernel.toString(), () -> second.lwps().newLwp(0));
                assertPanic(kernel.toString(), () -> second.lwps().switchTo(null));
                assertNull(second.lwps().curLwp(), "in the second kernel the caller is in the implicit context");
                assertEquals(1, second.syscalls().getpid());
                assertPanic("non-pertinent", () -> second.lwps().releaseLwp());

                lwps.switchTo(null);
                KernelPanic foreign =
                        assertPanic(second.toString(), () -> second.lwps().switchTo(here));
                assertTrue(foreign.getMessage().contains(kernel.toString()), foreign::getMessage);
                release(here);
            }
        }

        @Test
        @DisplayName("a host thread that ended while bound: the next switch takes its lwp over")
        void deadHostThread() {
            AtomicLwp cell = new AtomicLwp();
            HostThread.runAndEnd("mortal", () -> cell.lwp = fork(RUMP_RFCFDG));
            assertFalse(cell.lwp.isRunning());
            lwps.switchTo(cell.lwp);
            assertEquals(cell.lwp.proc().pid(), sys.getpid());
            lwps.switchTo(null);
            lwps.switchTo(cell.lwp);
            lwps.releaseLwp();
            assertTrue(kernel.pfind(cell.lwp.proc().pid()).isEmpty());
        }

        @Test
        @DisplayName(
                "newlwp into a daemon's process: any process may be joined, and it goes with the last lwp of any kind")
        void joinADaemon() {
            AtomicLwp cell = new AtomicLwp();
            Proc daemon = onKernelThread("daemon", () -> {
                int pid = sys.getpid();
                try (HostThread host = new HostThread("guest")) {
                    host.run(() -> {
                        cell.lwp = newLwp(pid);
                        lwps.switchTo(null);
                    });
                }
            });
            assertTrue(kernel.pfind(daemon.pid()).isPresent(), "the thread has ended, the container has not");
            release(cell.lwp);
            await().until(() -> kernel.pfind(daemon.pid()).isEmpty()); // init may still be joining
        }
    }

    @Nested
    @DisplayName("A process that was forked")
    class Forked {
        @Test
        @DisplayName("is no kernel process: suspend, hold and stop are EINVAL; ps shows it without a thread")
        void noKernelProcess() {
            Lwp lwp = fork(0);
            Proc proc = lwp.proc();
            assertErrno(Errno.EINVAL, () -> proc.suspend(LIMIT));
            assertErrno(Errno.EINVAL, proc::resume);
            assertErrno(Errno.EINVAL, () -> proc.stop(LIMIT));
            assertErrno(Errno.EINVAL, () -> proc.hold("me", LIMIT));
            assertErrno(
                    Errno.ESRCH,
                    () -> kernel.kthreads()
                            .kthreadAdd(proc, KthreadSpec.named("guest").main(() -> {})));
            PsRow row = kernel.ps().rows().stream()
                    .filter(each -> each.pid() == proc.pid())
                    .findFirst()
                    .orElseThrow();
            assertEquals('R', row.state());
            assertEquals(0, row.tid());
            lwps.releaseLwp();
        }

        @Test
        @DisplayName("can be joined by others until its last lwp is released; by its own: EDEADLK")
        void join() throws InterruptedException {
            Lwp lwp = fork(0);
            assertErrno(Errno.EDEADLK, () -> lwp.proc().join(LIMIT));
            lwps.switchTo(null);
            assertFalse(lwp.proc().join(Duration.ZERO));
            release(lwp);
            assertTrue(lwp.proc().join(LIMIT));
            assertEquals(ProcState.REAPED, lwp.proc().state());
        }

        @Test
        @DisplayName(
                "survives a quiesce of all, and can be released during and after the shutdown; rfork is ESHUTDOWN then")
        void shutdown() throws InterruptedException {
            Lwp lwp = fork(RUMP_RFCFDG);
            List<String> closed = new ArrayList<>();
            sys.install(() -> closed.add("file"));
            kernel.quiesce("me", Kernel.ALL, LIMIT).close();
            kernel.reboot(Howto.HALT);
            assertSame(lwp, lwps.curLwp());
            assertErrno(Errno.ESHUTDOWN, () -> lwps.rfork(0));
            lwps.newLwp(sys.getpid());
            lwps.releaseLwp();
            release(lwp);
            assertEquals(List.of("file"), closed);
        }
    }

    /** A field for a lambda. */
    private static final class AtomicLwp {
        volatile Lwp lwp;
    }
}
