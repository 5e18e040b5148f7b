@NullMarked
package org.kthread.architecture.planted.sys;

import org.jspecify.annotations.NullMarked;
