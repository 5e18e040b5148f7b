package org.kthread.testing;

import java.lang.management.ManagementFactory;
import java.lang.reflect.Method;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Set;

/** The virtual threads that are alive. The JDK lists them in a thread dump only. */
final class VirtualThreads {
    private VirtualThreads() {}

    /** One line of the dump for each, with its number and name; none on a JDK without virtual threads. */
    static Set<String> alive() throws Exception {
        Set<String> alive = new HashSet<>();
        if (Runtime.version().feature() < 21) {
            return alive;
        }
        Path directory = Files.createTempDirectory("threads");
        Path dump = directory.resolve("dump.txt");
        try {
            dumpTo(dump);
            for (String line : Files.readAllLines(dump)) {
                if (line.startsWith("#") && line.contains("\" virtual")) {
                    alive.add(line.substring(0, line.indexOf("\" virtual") + 1));
                }
            }
        } finally {
            Files.deleteIfExists(dump);
            Files.delete(directory);
        }
        return alive;
    }

    /** {@code HotSpotDiagnosticMXBean.dumpThreads(file, TEXT_PLAIN)}: JDK 21, and these are JDK 17 sources. */
    private static void dumpTo(Path file) throws Exception {
        Class<?> type = Class.forName("com.sun.management.HotSpotDiagnosticMXBean");
        Class<?> format = Class.forName("com.sun.management.HotSpotDiagnosticMXBean$ThreadDumpFormat");
        Object text = format.getField("TEXT_PLAIN").get(null);
        Method dump = type.getMethod("dumpThreads", String.class, format);
        Object bean =
                ManagementFactory.getPlatformMXBean(type.asSubclass(java.lang.management.PlatformManagedObject.class));
        dump.invoke(bean, file.toString(), text);
    }
}
