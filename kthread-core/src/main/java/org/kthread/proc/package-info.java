/** Kernel processes and threads: kthread(9). */
@NullMarked
package org.kthread.proc;

import org.jspecify.annotations.NullMarked;
