package org.kthread.architecture.planted;

import com.google.common.collect.ImmutableList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;

public final class Planted {
    private Planted() {}

    static final class Prints {
        void print() {
            System.out.println();
        }
    }

    static final class MakesThread {
        Thread make(Runnable body) {
            return new Thread(body);
        }
    }

    static final class RefersToThread {
        ThreadFactory make() {
            return Thread::new;
        }
    }

    static final class MakesPool {
        ExecutorService make() {
            return Executors.newCachedThreadPool();
        }
    }

    static final class Waits {
        private boolean done;

        synchronized void await() throws InterruptedException {
            while (!done) {
                wait(1);
            }
        }

        synchronized void done() {
            done = true;
            notifyAll();
        }
    }

    static final class Sleeps {
        void pause() throws InterruptedException {
            Thread.sleep(1);
        }
    }

    static final class Notifies {
        synchronized void one() {
            notify();
        }
    }

    static final class ReadsTime {
        long now() {
            return System.nanoTime();
        }
    }

    static final class Locks {
        Lock lock() {
            return new ReentrantLock();
        }
    }

    static final class Awaits {
        void signal(Lock lock) {
            lock.newCondition();
        }
    }

    static final class Parks {
        void park() {
            LockSupport.park(this);
        }
    }

    public static final class ShowsGuava {
        public ImmutableList<String> list() {
            return ImmutableList.of();
        }
    }

    /** The lock of a user, and Guava where no user sees it. */
    public static final class Allowed {
        private final List<String> list = ImmutableList.of();

        public int holds(Lock lock) {
            lock.lock();
            try {
                return lock instanceof ReentrantLock reentrant ? reentrant.getHoldCount() : list.size();
            } finally {
                lock.unlock();
            }
        }
    }
}
