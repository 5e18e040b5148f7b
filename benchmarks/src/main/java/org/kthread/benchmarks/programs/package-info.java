/** Measurements that are programs of their own: memory, a shutdown, a count of context switches. */
@NullMarked
package org.kthread.benchmarks.programs;

import org.jspecify.annotations.NullMarked;
