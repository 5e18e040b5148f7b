package org.kthread.guard;

import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Collections;
import java.util.Deque;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import org.kthread.testing.Caller;
import org.kthread.testing.Door;

/**
 * Every monitor of the library that can be reached from something: its own objects, and the plain objects that it uses as
 * locks. A call that takes one of them cannot go on while {@link #whileHeld} has them all.
 */
final class Locks {
    private final List<Object> all;

    private Locks(List<Object> all) {
        this.all = all;
    }

    /** All that these lead to, through fields, arrays and collections. */
    static Locks of(Object... roots) {
        Set<Object> seen = Collections.newSetFromMap(new IdentityHashMap<>());
        Deque<Object> left = new ArrayDeque<>(List.of(roots));
        List<Object> locks = new ArrayList<>();
        while (!left.isEmpty()) {
            Object object = left.remove();
            if (!seen.add(object)) {
                continue;
            }
            if (object instanceof Object[] array) {
                addAll(left, Arrays.asList(array));
            } else if (object instanceof Collection<?> collection) {
                addAll(left, collection);
            } else if (object instanceof Map<?, ?> map) {
                addAll(left, map.values());
            } else if (object.getClass() == Object.class) {
                locks.add(object);
            } else if (object.getClass().getName().startsWith("org.kthread.")) {
                locks.add(object);
                addAll(left, fields(object));
            }
        }
        return new Locks(locks);
    }

    private static void addAll(Deque<Object> left, Collection<?> more) {
        for (Object one : more) {
            if (one != null) {
                left.add(one);
            }
        }
    }

    private static List<Object> fields(Object object) {
        List<Object> values = new ArrayList<>();
        for (Class<?> type = object.getClass(); type != Object.class; type = type.getSuperclass()) {
            for (Field field : type.getDeclaredFields()) {
                if (!Modifier.isStatic(field.getModifiers())
                        && !field.getType().isPrimitive()
                        && type.getName().startsWith("org.kthread.")) {
                    try {
                        field.setAccessible(true);
                        values.add(field.get(object));
                    } catch (IllegalAccessException e) {
                        throw new AssertionError(field.toString(), e);
                    }
                }
            }
        }
        return values;
    }

    int size() {
        return all.size();
    }

    /** Does something on the calling thread while another one holds them all. */
    <T> T whileHeld(Callable<T> call) throws Exception {
        Door held = new Door();
        Door release = new Door();
        Caller<Boolean> holder = Caller.run(
                "holder",
                () -> hold(0, () -> {
                    held.open();
                    release.await();
                }));
        held.await();
        try {
            return call.call();
        } finally {
            release.open();
            holder.result();
        }
    }

    private void hold(int from, Runnable then) {
        if (from == all.size()) {
            then.run();
            return;
        }
        synchronized (all.get(from)) {
            hold(from + 1, then);
        }
    }
}
