package org.kthread.benchmarks;

import com.google.gson.Gson;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.kthread.benchmarks.programs.ContextSwitches;
import org.kthread.benchmarks.programs.DaemonHeap;
import org.kthread.benchmarks.programs.LwpMemory;
import org.kthread.benchmarks.programs.Million;
import org.kthread.benchmarks.programs.StuckShutdown;

/** The measurements that are programs, and the main of their JVMs. */
public final class Programs {
    private Programs() {}

    static List<Program> all() {
        return List.of(new ContextSwitches(), new DaemonHeap(), new Million(), new LwpMemory(), new StuckShutdown());
    }

    /** Arguments: the class of a program, and where its lines go. */
    public static void main(String... args) throws Exception {
        Program program = Class.forName(args[0])
                .asSubclass(Program.class)
                .getConstructor()
                .newInstance();
        Files.writeString(Path.of(args[1]), new Gson().toJson(program.measure()));
        System.exit(0); // whatever threads are left
    }
}
