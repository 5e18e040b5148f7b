/** The shutdown sequence: kern_reboot(9). */
@NullMarked
package org.kthread.shutdown;

import org.jspecify.annotations.NullMarked;
