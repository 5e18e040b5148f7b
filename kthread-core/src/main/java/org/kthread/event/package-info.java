/** Callbacks in order of priority: EVENTHANDLER(9). */
@NullMarked
package org.kthread.event;

import org.jspecify.annotations.NullMarked;
