package org.kthread.sys;

/** Keeps this package from being empty; goes with the first real class. */
final class Skeleton {}
