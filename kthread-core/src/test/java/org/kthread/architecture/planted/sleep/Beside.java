package org.kthread.architecture.planted.sleep;

public final class Beside {}
