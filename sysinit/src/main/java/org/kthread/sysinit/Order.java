package org.kthread.sysinit;

import com.google.common.collect.ImmutableSortedMap;

/**
 * The orders of steps within one subsystem, with the names and values of {@code sys/kernel.h}.
 *
 * @see <a href="https://man.freebsd.org/cgi/man.cgi?query=SYSINIT&amp;sektion=9">SYSINIT(9)</a>
 */
public final class Order {

    /** First. */
    public static final int SI_ORDER_FIRST = 0;
    /** Second. */
    public static final int SI_ORDER_SECOND = 1;
    /** Third. */
    public static final int SI_ORDER_THIRD = 2;
    /** Fourth. */
    public static final int SI_ORDER_FOURTH = 3;
    /** Fifth. */
    public static final int SI_ORDER_FIFTH = 4;
    /** Sixth. */
    public static final int SI_ORDER_SIXTH = 5;
    /** Seventh. */
    public static final int SI_ORDER_SEVENTH = 6;
    /** Eighth. */
    public static final int SI_ORDER_EIGHTH = 7;
    /** Somewhere in the middle. */
    public static final int SI_ORDER_MIDDLE = 0x1000000;
    /** Last, for those who do not care. */
    public static final int SI_ORDER_ANY = 0xfffffff;

    private static final ImmutableSortedMap<Integer, String> NAMES = Key.constants(Order.class, "SI_ORDER_");

    private Order() {}

    /**
     * An order as a person would write it.
     *
     * @param order any int
     * @return the name without {@code SI_ORDER_}, such as {@code FIRST} or {@code ANY-128}; hex where none is near
     */
    public static String nameOf(int order) {
        return Key.read(order, NAMES, NAMES);
    }
}
