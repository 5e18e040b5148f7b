package org.kthread.benchmarks.process;

import java.util.List;

/**
 * A program that does the job, and the jars it needs.
 *
 * @param name what it is called
 * @param main its class
 * @param jars how the names of its jars begin, its dependencies included
 */
record Contestant(String name, Class<?> main, List<String> jars) {
    static final List<Contestant> ALL = List.of(
            new Contestant("bare thread", BareProgram.class, List.of()),
            new Contestant(
                    "kthread",
                    KthreadProgram.class,
                    List.of("kthread-core-", "kthread-sysinit-", "guava-", "failureaccess-", "jspecify-")),
            new Contestant(
                    "Guava ServiceManager", GuavaProgram.class, List.of("guava-", "failureaccess-", "jspecify-")),
            new Contestant(
                    "Spring SmartLifecycle",
                    SpringProgram.class,
                    List.of(
                            "spring-",
                            "commons-logging-",
                            "micrometer-observation-",
                            "micrometer-commons-",
                            "jspecify-")));
}
