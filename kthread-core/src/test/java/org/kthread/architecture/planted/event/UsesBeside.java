package org.kthread.architecture.planted.event;

import org.kthread.architecture.planted.sleep.Beside;

public final class UsesBeside {
    Beside beside = new Beside();
}
