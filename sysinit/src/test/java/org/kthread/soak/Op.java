package org.kthread.soak;

import java.util.Random;

/** What a daemon may do in one round, and how often. */
enum Op {
    WORK(200),
    PAUSE(120),
    SLEEP(100),
    WAKEUP(60),
    REGION(60),
    SUSPEND(60),
    HOLD(30),
    QUIESCE(1),
    RESUME(20),
    ABANDON(2),
    INTERRUPT(15),
    STOP(6),
    JOIN(10),
    CREATE(80),
    ADD(30),
    FILE(40),
    HOP(40),
    EVENT(10),
    PS(1),
    EXIT(12),
    EXIT_PROC(6),
    RETURN(4),
    THROW(4),
    OVERFLOW(1);

    private static final int ALL;

    static {
        int sum = 0;
        for (Op op : values()) {
            sum += op.weight;
        }
        ALL = sum;
    }

    private final int weight;

    Op(int weight) {
        this.weight = weight;
    }

    static Op pick(Random random) {
        int dice = random.nextInt(ALL);
        for (Op op : values()) {
            dice -= op.weight;
            if (dice < 0) {
                return op;
            }
        }
        throw new AssertionError("the weights do not add up");
    }
}
