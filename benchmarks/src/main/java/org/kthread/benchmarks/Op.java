package org.kthread.benchmarks;

/**
 * One operation of a case.
 *
 * @param method of the benchmark class
 * @param label what the report calls it
 */
public record Op(String method, String label) {}
