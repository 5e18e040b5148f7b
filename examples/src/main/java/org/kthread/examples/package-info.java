/** Short programs, each a first look at one use of the library. */
@NullMarked
package org.kthread.examples;

import org.jspecify.annotations.NullMarked;
