package org.kthread.examples.bufdaemon;

/** The bufdaemon program. */
public final class Bufdaemon {
    private Bufdaemon() {}

    public static void main(String[] args) {
        System.out.println("bufdaemon");
    }
}
