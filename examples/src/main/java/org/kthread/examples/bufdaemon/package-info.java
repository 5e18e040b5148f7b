/** A write-back buffer cache over real files, driven by disk traces. */
@NullMarked
package org.kthread.examples.bufdaemon;

import org.jspecify.annotations.NullMarked;
