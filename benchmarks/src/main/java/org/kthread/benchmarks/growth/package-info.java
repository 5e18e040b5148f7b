/** How costs grow with the number of daemons, handlers, steps, sleepers and lwps, and whether the largest numbers work at all. */
@org.jspecify.annotations.NullMarked
package org.kthread.benchmarks.growth;
