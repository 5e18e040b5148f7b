@NullMarked
package org.kthread.architecture.planted.event;

import org.jspecify.annotations.NullMarked;
