/** The kernel: the only place that wires the subsystems together. */
@NullMarked
package org.kthread;

import org.jspecify.annotations.NullMarked;
