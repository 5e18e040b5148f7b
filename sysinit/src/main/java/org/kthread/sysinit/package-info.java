/** Boot steps in order: SYSINIT(9). */
@NullMarked
package org.kthread.sysinit;

import org.jspecify.annotations.NullMarked;
