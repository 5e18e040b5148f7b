/** What every subsystem needs: errno, panic, the clock, and the current thread. */
@NullMarked
package org.kthread.sys;

import org.jspecify.annotations.NullMarked;
