package org.kthread.architecture.planted.unmarked;

/** In a package that is neither null-marked nor in the graph. */
final class Unknown {}
