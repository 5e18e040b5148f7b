/** Tests of the house rules: which package may use which, and that every gate of the build can fail. */
@NullMarked
package org.kthread.architecture;

import org.jspecify.annotations.NullMarked;
