package org.kthread.proc;

import java.util.List;

/**
 * How the stop of one process went.
 *
 * @param proc the process
 * @param asked when it was told, in nanoseconds of the kernel's clock
 * @param ended when it had ended; -1: it has not
 * @param stuck its threads that had not ended
 */
public record StopRecord(Proc proc, long asked, long ended, List<Diagnosis> stuck) {}
