package org.kthread.sysinit;

import java.util.List;

/**
 * Gives the boot steps of one library or part of an application: our linker set. a {@link Boot} finds providers with
 * {@link java.util.ServiceLoader}; name yours in {@code META-INF/services/org.kthread.sysinit.SysinitProvider}, or in the
 * {@code provides} of its module.
 *
 * <p><b>Differences from BSD.</b> The linker collects records at link time, in the order of the object files; here the order
 * of the providers is that of the {@code ServiceLoader}.
 *
 * @see <a href="https://man.freebsd.org/cgi/man.cgi?query=SYSINIT&amp;sektion=9">SYSINIT(9)</a>
 */
public interface SysinitProvider {

    /**
     * The steps.
     *
     * @param boot the boot that they will be part of: it has the kernel, and steps may be added to it while it runs
     * @return the steps; among equal keys they run in this order
     */
    List<Sysinit> sysinits(Boot boot);
}
