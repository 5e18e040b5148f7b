package org.kthread.proc;

/**
 * The main function of a kernel thread that takes an argument.
 *
 * @param <A> the argument
 */
@FunctionalInterface
public interface KthreadMain<A> {
    /**
     * Runs until the thread ends. It should end by {@link CurThread#exit}, rather than by returning.
     *
     * @param arg what the creator gave
     * @throws Exception ends the thread with status 70
     */
    void main(A arg) throws Exception;
}
