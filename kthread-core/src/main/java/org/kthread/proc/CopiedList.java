package org.kthread.proc;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;

/** Changes of short lists that are nearly always empty: a change makes a new one, and an empty one takes no room. */
final class CopiedList {
    private CopiedList() {}

    static <E> List<E> plus(List<E> list, E more) {
        List<E> grown = new ArrayList<>(list);
        grown.add(more);
        return List.copyOf(grown);
    }

    static <E> List<E> without(List<E> list, Predicate<? super E> gone) {
        List<E> left = new ArrayList<>(list);
        left.removeIf(gone);
        return List.copyOf(left);
    }
}
