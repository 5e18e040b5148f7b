/** A class that breaks the rules of the house; that they refuse it is what is tested. */
package org.kthread.sysinit.architecture.planted;
