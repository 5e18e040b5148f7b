package org.kthread.shutdown;

import org.kthread.event.EventList;

/**
 * The events of the shutdown. Their handlers run one after another, by priority, on a thread of the shutdown's, with nothing
 * of ours held; one that throws stops nobody; one that outlives its phase is interrupted, left behind and named.
 *
 * <pre>{@code
 * // This process needs to be suspended prior to shutdown sync.
 * kernel.shutdownEvents().preSync().register(KprocShutdown.of(bufdaemon), ShutdownEvents.SHUTDOWN_PRI_LAST);
 * }</pre>
 *
 * @see <a href="https://man.freebsd.org/kern_reboot/9">kern_reboot(9)</a>
 */
public final class ShutdownEvents {
    /** The first handlers. */
    public static final int SHUTDOWN_PRI_FIRST = EventList.PRI_FIRST;
    /** Handlers without a reason to be first or last. */
    public static final int SHUTDOWN_PRI_DEFAULT = EventList.PRI_ANY;
    /** The last handlers; any int is allowed, also a higher one. */
    public static final int SHUTDOWN_PRI_LAST = EventList.PRI_LAST;

    private final EventList<Howto> preSync = new EventList<>("shutdown_pre_sync");
    private final EventList<Howto> postSync = new EventList<>("shutdown_post_sync");
    private final EventList<Howto> finalEvent = new EventList<>("shutdown_final");

    /** Events without handlers. */
    public ShutdownEvents() {}

    /**
     * Before the sync: stop the making of new work, park the daemons.
     *
     * @return {@code shutdown_pre_sync}
     */
    public EventList<Howto> preSync() {
        return preSync;
    }

    /**
     * After the sync: release what the sync needed.
     *
     * @return {@code shutdown_post_sync}
     */
    public EventList<Howto> postSync() {
        return postSync;
    }

    /**
     * When every kernel thread has ended.
     *
     * @return {@code shutdown_final}
     */
    public EventList<Howto> finalEvent() {
        return finalEvent;
    }
}
