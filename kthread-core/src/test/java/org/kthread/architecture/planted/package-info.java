/** Classes that break the rules of the house; that the rules refuse them is what is tested. */
@NullMarked
package org.kthread.architecture.planted;

import org.jspecify.annotations.NullMarked;
