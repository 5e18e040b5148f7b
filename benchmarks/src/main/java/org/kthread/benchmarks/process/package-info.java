/** What a whole program costs that has one daemon: how soon it runs, how soon it is over, how much memory, how large the jars. */
@org.jspecify.annotations.NullMarked
package org.kthread.benchmarks.process;
