/** Wait channels: sleep(9). */
@NullMarked
package org.kthread.sleep;

import org.jspecify.annotations.NullMarked;
