package org.kthread.shutdown;

import java.time.Duration;

/** The line that tells how long the kernel was up. */
final class Uptime {
    private static final String LETTERS = "dhm";

    private Uptime() {}

    /** {@code Uptime: [Nd][Nh][Nm]Ns}: from the first unit on that is not zero. */
    static String line(Duration up) {
        StringBuilder text = new StringBuilder("Uptime: ");
        long[] units = {up.toDays(), up.toHoursPart(), up.toMinutesPart()};
        boolean shown = false;
        for (int i = 0; i < units.length; i++) {
            shown |= units[i] > 0;
            if (shown) {
                text.append(units[i]).append(LETTERS.charAt(i));
            }
        }
        return text.append(up.toSecondsPart()).append('s').toString();
    }
}
