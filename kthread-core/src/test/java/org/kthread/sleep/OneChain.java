package org.kthread.sleep;

import java.util.AbstractMap;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.kthread.sys.KernelClock;

/**
 * Sleep queues whose channels all fall on one chain: full of collisions, and fit for the model checker, which does not
 * survive an {@code IdentityHashMap} in what it checks (it uses that class itself).
 */
public final class OneChain {
    private OneChain() {}

    public static SleepQueues of(KernelClock clock) {
        return new SleepQueues(clock, new SleepChain(new IdentityList<>()));
    }

    /** As much of an identity map as a chain needs. */
    private static final class IdentityList<V> extends AbstractMap<Object, V> {
        private final List<Entry<Object, V>> entries = new ArrayList<>();

        private @Nullable Entry<Object, V> find(Object key) {
            for (Entry<Object, V> entry : entries) {
                if (entry.getKey() == key) {
                    return entry;
                }
            }
            return null;
        }

        @Override
        public @Nullable V get(Object key) {
            Entry<Object, V> entry = find(key);
            return entry == null ? null : entry.getValue();
        }

        @Override
        public @Nullable V putIfAbsent(Object key, V value) {
            V there = get(key);
            if (there == null) {
                entries.add(Map.entry(key, value));
            }
            return there;
        }

        @Override
        public @Nullable V remove(Object key) {
            Entry<Object, V> entry = find(key);
            entries.remove(entry);
            return entry == null ? null : entry.getValue();
        }

        @Override
        public boolean isEmpty() {
            return entries.isEmpty();
        }

        @Override
        public Set<Entry<Object, V>> entrySet() {
            throw new UnsupportedOperationException();
        }
    }
}
