package org.kthread.sysinit.architecture.planted;

import org.awaitility.Awaitility;

final class Planted {
    Planted() {}

    void foreign() {
        Awaitility.reset();
    }

    void print() {
        System.out.println();
    }

    Thread thread(Runnable body) {
        return new Thread(body);
    }

    long time() {
        return System.nanoTime();
    }
}
