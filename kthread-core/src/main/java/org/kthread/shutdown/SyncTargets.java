package org.kthread.shutdown;

import java.util.List;
import java.util.Objects;
import java.util.concurrent.CopyOnWriteArrayList;

/** What the shutdown of one kernel brings to disk, in the order of registration. Any thread may call any method. */
public final class SyncTargets {
    private final List<SyncTarget> targets = new CopyOnWriteArrayList<>();

    /** No targets. */
    public SyncTargets() {}

    /**
     * Adds a target.
     *
     * @param target what to sync
     */
    public void register(SyncTarget target) {
        targets.add(Objects.requireNonNull(target, "target"));
    }

    /**
     * Takes a target out; one that is not in is no error.
     *
     * @param target as it was registered
     */
    public void deregister(SyncTarget target) {
        targets.remove(Objects.requireNonNull(target, "target"));
    }

    List<SyncTarget> all() {
        return targets;
    }
}
