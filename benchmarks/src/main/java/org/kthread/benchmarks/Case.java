package org.kthread.benchmarks;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * One benchmark class with its parameters: what is measured together, in one run, as pairs.
 *
 * @param type the benchmark class
 * @param params its parameters
 * @param threads how many threads do it at once
 * @param minJdk the oldest JDK that can
 * @param apart each operation in JVMs of its own, by turns: for what is too large to stand side by side in one
 * @param jvmArgs for the JVMs that measure
 */
public record Case(
        Class<?> type, Map<String, String> params, int threads, int minJdk, boolean apart, List<String> jvmArgs) {

    /**
     * A class without parameters, on one thread.
     *
     * @param type the benchmark class
     * @return the case
     */
    public static Case of(Class<?> type) {
        return new Case(type, Map.of(), 1, 17, false, List.of());
    }

    Case with(String param, Object value) {
        Map<String, String> more = new TreeMap<>(params);
        more.put(param, value.toString());
        return new Case(type, more, threads, minJdk, apart, jvmArgs);
    }

    Case virtual() {
        return new Case(type, params, threads, 24, apart, jvmArgs).with("virtual", true);
    }

    Case onThreads(int number) {
        return new Case(type, params, number, minJdk, apart, jvmArgs);
    }

    Case eachApart() {
        return new Case(type, params, threads, minJdk, true, jvmArgs);
    }

    Case jvm(String... args) {
        return new Case(type, params, threads, minJdk, apart, List.of(args));
    }

    boolean runsHere() {
        return Runtime.version().feature() >= minJdk;
    }

    boolean onKernelThread() {
        return type.isAnnotationPresent(KernelThread.class);
    }

    /** What the results call it. */
    String id() {
        StringBuilder id = new StringBuilder(type.getSimpleName());
        params.forEach(
                (param, value) -> id.append(' ').append(param).append('=').append(value));
        if (threads > 1) {
            id.append(" threads=").append(threads);
        }
        return id.toString();
    }
}
