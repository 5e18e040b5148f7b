@NullMarked
package org.kthread.architecture.planted.proc;

import org.jspecify.annotations.NullMarked;
