package org.kthread.sys;

/**
 * Marks the throwable that takes a kernel thread from {@code CurThread.exit}, or from the place where a stop reached it,
 * down to the end of its stack.
 *
 * <p>It is no failure. Code that runs a list of things and collects what they throw finishes its list and then throws it
 * on; code that catches everything and goes on meets it again at the next check.
 */
public interface Unwind {}
