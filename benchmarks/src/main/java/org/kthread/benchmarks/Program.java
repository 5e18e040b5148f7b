package org.kthread.benchmarks;

import java.util.List;

/** A measurement that is no operation to repeat: memory, a shutdown, a count of context switches. It runs in a JVM of its own. */
public interface Program {

    /**
     * A line of the table.
     *
     * @param what is measured
     * @param ours what ours takes
     * @param limit the limit, or a dash
     * @param ratio of the two, or a dash
     * @param peers what the peers take, or a dash
     * @param goal what is to be reached
     * @param met whether it is; null if there is nothing to reach
     */
    record Line(String what, String ours, String limit, String ratio, String peers, String goal, boolean met) {}

    /**
     * The oldest JDK that can.
     *
     * @return its feature version
     */
    default int minJdk() {
        return 17;
    }

    /**
     * What its JVM is started with.
     *
     * @return arguments
     */
    default List<String> jvmArgs() {
        return List.of("-Xmx4g");
    }

    /**
     * Measures.
     *
     * @return lines of the table
     * @throws Exception whatever goes wrong
     */
    List<Line> measure() throws Exception;
}
