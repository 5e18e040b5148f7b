package org.kthread.architecture.planted.sys;

import org.kthread.architecture.planted.proc.HostThreads;

public final class UsesAbove {
    HostThreads above = new HostThreads();
}
