@NullMarked
package org.kthread.architecture.planted.sleep;

import org.jspecify.annotations.NullMarked;
