/** What it costs, beside its limits and its peers. */
@NullMarked
package org.kthread.benchmarks;

import org.jspecify.annotations.NullMarked;
