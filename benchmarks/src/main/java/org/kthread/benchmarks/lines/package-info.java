/** The benchmarks: ours, its limit and its peers, each operation written once, as a method for JMH that {@code Paired} runs too. */
@NullMarked
package org.kthread.benchmarks.lines;

import org.jspecify.annotations.NullMarked;
