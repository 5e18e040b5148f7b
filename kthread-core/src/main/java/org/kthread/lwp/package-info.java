/** Host threads hop between many contexts, and the calls of the process they are in: rump_lwproc(3). */
@NullMarked
package org.kthread.lwp;

import org.jspecify.annotations.NullMarked;
