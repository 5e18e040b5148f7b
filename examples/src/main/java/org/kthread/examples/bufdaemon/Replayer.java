package org.kthread.examples.bufdaemon;

import static org.kthread.sleep.SleepPriority.PWAIT;
import static org.kthread.sleep.SleepPriority.SUSPENDABLE;

import java.io.IOException;
import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;
import org.kthread.examples.bufdaemon.Iolog.TracedFile;
import org.kthread.proc.CurThread;
import org.kthread.sleep.SleepQueues;
import org.kthread.sys.Errno;
import org.kthread.sys.KernelClock;

/** Replays the operations of one file, in order, against the cache, and checks what it reads. One kernel process a file. */
final class Replayer {
    /** What a replayer shares with the others. */
    record Context(
            BufferCache cache,
            SleepQueues sleepQueues,
            KernelClock clock,
            Journal journal,
            Outcome outcome,
            Progress progress,
            boolean atItsPace,
            Passes passes) {}

    /** How often the trace is replayed, and what numbers and times grow by from one pass to the next. */
    record Passes(long count, long writes, long micros) {}

    /** Done so far, by all replayers, and how many of them have not come to the end. */
    static final class Progress {
        final AtomicInteger running;
        final LongAdder operations = new LongAdder();
        final LongAdder readBytes = new LongAdder();
        final LongAdder writtenBytes = new LongAdder();

        Progress(int replayers) {
            running = new AtomicInteger(replayers);
        }
    }

    private static final long NANOS_PER_MICRO = 1000;

    private final TracedFile file;
    private final Vnode vnode;
    private final Context ctx;
    private final Expected expected = new Expected();

    Replayer(TracedFile file, Vnode vnode, Context ctx) {
        this.file = file;
        this.vnode = vnode;
        this.ctx = ctx;
    }

    void main() {
        CurThread.ready();
        long start = ctx.clock().nanoTime();
        for (long pass = 0; pass < ctx.passes().count(); pass++) {
            for (IoOp op : file.operations()) {
                CurThread.suspendCheck();
                if (ctx.atItsPace()) {
                    awaitTurn(start, pass, op);
                }
                try {
                    replay(op, op.k() + pass * ctx.passes().writes());
                } catch (IOException e) {
                    ctx.outcome().ioFailed(e);
                    throw CurThread.exit(Errno.EIO.number());
                }
                ctx.progress().operations.increment();
            }
        }
        if (ctx.progress().running.decrementAndGet() == 0) {
            ctx.outcome().end();
        }
        throw CurThread.exit(0); // a kernel process does not return from main
    }

    private void awaitTurn(long start, long pass, IoOp op) {
        double nanos = ((double) pass * ctx.passes().micros() + op.micros()) * NANOS_PER_MICRO;
        long due = start + (long) Math.min(nanos, Long.MAX_VALUE / 2.0);
        for (long left = due - ctx.clock().nanoTime();
                left > 0;
                left = due - ctx.clock().nanoTime()) {
            ctx.sleepQueues().pause(PWAIT | SUSPENDABLE, "replay", Duration.ofNanos(left));
        }
    }

    private void replay(IoOp op, long k) throws IOException {
        switch (op.action()) {
            case ADD, WAIT -> {} // a wait has moved the time of what follows it
            case OPEN -> vnode.open();
            case CLOSE -> vnode.lastUsed = 0; // vnlru takes it first
            case READ -> {
                read(op);
                ctx.progress().readBytes.add(op.length());
            }
            case WRITE -> {
                change(op.offset(), op.offset() + op.length(), k);
                expected.write(op.offset(), op.length(), k);
                ctx.cache().written(vnode, k);
                ctx.progress().writtenBytes.add(op.length());
            }
            case TRIM -> {
                // Beyond the end all is zeros already, and stays beyond the end.
                change(
                        op.offset(),
                        Math.min(op.offset() + op.length(), ctx.cache().size(vnode)),
                        0);
                expected.trim(op.offset(), op.length());
            }
            case SYNC, DATASYNC -> ctx.journal().durable(vnode.name, ctx.cache().fsync(vnode));
        }
    }

    /** Puts write k, or zeros for k = 0, into the cache, block by block. It can be parked between two blocks. */
    private void change(long from, long end, long k) throws IOException {
        BufferCache cache = ctx.cache();
        int size = cache.blockSize;
        for (long at = from; at < end; ) {
            CurThread.suspendCheck();
            int offset = (int) (at % size);
            int length = (int) Math.min(size - offset, end - at);
            cache.bwillwrite();
            Buf buf = cache.getblk(vnode, at / size, length == size);
            if (k > 0) {
                Pattern.fill(buf.data, offset, length, k, at);
            } else {
                Arrays.fill(buf.data, offset, offset + length, (byte) 0);
            }
            cache.bdwrite(buf, at + length);
            at += length;
        }
    }

    private void read(IoOp op) throws IOException {
        BufferCache cache = ctx.cache();
        int size = cache.blockSize;
        long end = op.offset() + op.length();
        for (long at = op.offset(); at < end; ) {
            CurThread.suspendCheck();
            int offset = (int) (at % size);
            int length = (int) Math.min(size - offset, end - at);
            Buf buf = cache.getblk(vnode, at / size, false);
            @Nullable String wrong = expected.mismatch(buf.data, offset, length, at);
            cache.brelse(buf);
            if (wrong != null) {
                ctx.outcome().mismatched(vnode.name + ": " + op + ": " + wrong);
                throw CurThread.exit(Errno.EIO.number()); // main panics
            }
            at += length;
        }
    }
}
