/** Tests of the rules of the house, as far as they concern this module. */
@NullMarked
package org.kthread.sysinit.architecture;

import org.jspecify.annotations.NullMarked;
