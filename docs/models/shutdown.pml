/*
 * shutdown.pml - the shutdown of one kernel: the sequence, what is not ours beside it, the daemons, a panic, and the time.
 *
 * The classes are ShutdownSequence, PhaseRunner, KprocShutdown, Panic and Budget; the gates of the daemons are those of
 * gate.inc. A coordinator goes through the phases; each handler, sync and undo is a task that a worker runs up to a deadline;
 * who does not return is interrupted and left behind, and the next task gets a new worker. The two daemons have one
 * priority: both are asked in the first turn, and each is waited for in its own, up to one deadline.
 *
 * Properties, in words. The number is the first argument of MUST, what must hold the second.
 *   P1  A daemon that has acknowledged does no more work, whoever resumes it; after EXITED it does nothing at all.
 *   P20 The shutdown ends: whatever handlers and daemons do, all phases have their turn and the report is there.
 *   P21 Every caller gets the report; a kernel thread unwinds instead; inside a handler the answer comes at once.
 *   P22 The phases come in order; a handler runs once at most, in its phase, and is not begun when it was given up.
 *   P23 A thread that was left behind gets no other task, and no task meets an interrupt that was meant for another.
 *   P24 Many stuck daemons of one priority cost the time of one.
 *   P25 Once the kernel has panicked nobody waits for a daemon.
 *   P26 When the final handlers run, every kernel thread has ended, or its time was over, or the kernel has panicked.
 *   P27 The first call fixes howto and budget.
 *
 * Time is a number that goes through the deadlines of Budget when nothing else can run, which is what "costs time" means; and
 * at any moment while the EVIL task runs, unless -DLAZY. Not in it: the console; the report's contents; the rounds of the sync, which is one task; a JVM
 * that refuses a thread in the middle (the task then runs on the coordinator, without a limit).
 *
 * Options (-D)
 *   CALLERS=1 or 2 callers of reboot from outside, one of which may be interrupted   KREBOOT a daemon calls it   PANIC somebody
 *   panics   RESUME somebody resumes the daemons   EVIL=n time races with task n: 1, 2 the turns of
 *   the daemons, 3 pre_sync, 4 sync, 5 post_sync, 6 final, 7 undo, which then do the worst, 8 the stop
 *   FAILS the coordinator fails while task n runs (lack of memory)   STUCK0, STUCK1 the daemon does not check   EXITS daemons may end   LAZY   SPURIOUS=n wakeups without reason   BUG=n   ONLY=n
 *
 * Configurations. In each, nobody must break a property (large: worth an optimizing compiler):
 *   clean     -DCALLERS=1 -DEVIL=3
 *   large     -DCALLERS=1 -DEVIL=1 -DSTUCK1
 *   clean     -DCALLERS=1 -DEVIL=2 -DSTUCK0 -DPANIC
 *   large     -DCALLERS=1 -DEVIL=4 -DEXITS
 *   clean     -DCALLERS=1 -DEVIL=5 -DSTUCK0 -DSTUCK1
 *   clean     -DCALLERS=1 -DEVIL=6 -DKREBOOT
 *   clean     -DCALLERS=1 -DEVIL=7
 *   clean     -DCALLERS=1 -DEVIL=7 -DFAILS
 *   clean     -DCALLERS=1 -DEVIL=8 -DSTUCK0
 *   clean     -DCALLERS=2 -DSTUCK0 -DSTUCK1 -DRESUME -DLAZY
 *   clean     -DCALLERS=1 -DSTUCK0 -DSTUCK1 -DPANIC -DLAZY
 * The bugs: number, the property that must reject it, configuration; numbers are one row over all models.
 *   bug 70 P20  -DCALLERS=1 -DEVIL=3             : a handler is waited for without a limit
 *   bug 71 P20  -DCALLERS=1 -DEVIL=7             : the runner is closed by joining also who was left behind
 *   bug 72 P21  -DCALLERS=2                      : the report is told to one caller
 *   bug 73 P27  -DCALLERS=2                      : whether it has begun is tested outside of the monitor
 *   bug 74 P22  -DCALLERS=1 -DEVIL=3             : a worker that was closed begins the task it finds
 *   bug 75 P23  -DCALLERS=1 -DEVIL=3             : a worker that was left behind gets the next task
 *   bug 76 P23  -DCALLERS=1 -DEVIL=3 -DLAZY      : an interrupt that a handler leaves behind stays
 *   bug 77 P24  -DCALLERS=1 -DSTUCK0 -DSTUCK1 -DLAZY      : each daemon is asked in its own turn, and waited for from then on
 *   bug 78 P1   -DCALLERS=1 -DRESUME             : the shutdown asks without owner
 *   bug 79 P25  -DCALLERS=1 -DPANIC -DSTUCK0 -DLAZY       : a panic does not interrupt who waits
 *   bug 81 P25  -DCALLERS=1 -DPANIC -DSTUCK0 -DLAZY       : who is about to wait looks for a panic before, not while, it says so
 *   bug 82 P26  -DCALLERS=1                      : the threads are stopped and not waited for
 *   bug 83 P21  -DCALLERS=1 -DKREBOOT            : a kernel thread waits for the report as anybody does
 *   bug 84 P21  -DCALLERS=1 -DEVIL=3 -DLAZY      : inside a handler reboot waits for the report
 *   bug 85 P22  -DCALLERS=1                      : the threads are stopped before post_sync
 *   bug 87 P20  -DCALLERS=1 -DEVIL=7 -DFAILS     : the runner is closed by joining who is busy, which nobody gave up
 */
#define ASKS 1
#include "gate.inc"
Gate gate[2];

/* Deadlines, in the order in which they come. */
#define T_GROUP 1                       /* of the priority of the daemons */
#define T_PRE 2
#define T_SLACK 3                       /* of the turns of the daemons: the phase's, and time to write down who is stuck */
#define T_SYNC 4
#define T_POST 5
#define T_GRACE 6                       /* of those who were told to stop */
#define T_STOP 7
#define T_FINAL 8
#define T_UNDO 9
/* Tasks: 1 and 2 are the turns of the daemons. */
#define PRE 3
#define SYNC 4
#define POST 5
#define FINAL 6
#define UNDO 7
#define STOP 8
#ifndef EVIL
#define EVIL 0
#endif
#define WORKERS 4
#define COORDINATOR WORKERS

typedef Monitor { byte monitor = NOBODY; short waitset }
typedef Worker {
  byte monitor = NOBODY; short waitset;
  byte task;                            /* 0: nothing to run */
  bool closed, flag, alive;
  bool leftBehind;                      /* ghost */
}
byte now;
Monitor sequence; bool begun, report;
byte budget;                            /* whose call fixed it */
Worker worker[WORKERS]; byte current, made = 1;
bool flagOfCoordinator;
bool panicked; byte waiting = NOBODY;   /* of Panic: who waits for a daemon */
/* Ghosts. */
byte phase, finished, first;
byte last, past;                        /* the last task that was begun; the coordinator is past this one */
byte racing;                            /* time may pass at any moment up to then */
bool insideWaits;

/* A wait in a loop; cut: what ends the wait beside a notification. The monitor is free before and after. */
inline waitUntil(g, done, cut) {
  do
  :: atomic { g.monitor == NOBODY && (done) -> break }
  :: atomic { g.monitor == NOBODY && !(done) -> g.waitset = g.waitset | ME }
     atomic {
       if
       :: !(g.waitset & ME)
       :: (g.waitset & ME) && (cut)
       :: (g.waitset & ME) && spurious > 0 -> spurious--
       fi;
       g.waitset = g.waitset & ~ME
     }
  od
}

/* ---- Those who want it. ---- */

inline begin(me) {
  if
  :: BUG == 73 && !begun -> atomic { begun = true; budget = me; if :: first == 0 -> first = me :: else fi; notifyAll(sequence) }
  :: else ->
     atomic { if :: !begun -> begun = true; budget = me; first = me; notifyAll(sequence) :: else fi }
  fi
}
inline awaitOver(cut) { waitUntil(sequence, report || (cut), cut) }
inline declare() {
  atomic {
    if
    :: !panicked ->
       panicked = true;
       if
       :: BUG == 79 || waiting == NOBODY
       :: BUG != 79 && waiting == COORDINATOR -> flagOfCoordinator = true
       :: else -> worker[waiting].flag = true
       fi
    :: else
    fi
  }
}
proctype caller(byte me; bool mayLeave) {
  bool interrupted;
  if :: true :: mayLeave -> interrupted = true fi;
  begin(me); awaitOver(interrupted);
  finished++
}
proctype panicker() { declare(); begin(3); finished++ }
proctype resumer() {
  byte i, d;
  for (d : 0 .. 1) {
    atomic { enter(gate[d]); if :: BUG == 78 && gate[d].ask[0].inForce -> withdraw(gate[d], 0) :: else fi; leave(gate[d]) }
  }
  finished++
}

/* ---- The runner: a task on a thread that can be left behind. ---- */

#define TERMS(d) (BUG == 77 && d == 1 -> T_PRE : T_GROUP)

inline waitForDaemon(d) {               /* KprocShutdown.handle */
  if
  :: BUG == 81 -> patient = !panicked; atomic { if :: patient -> waiting = w :: else fi }
  :: else -> atomic { patient = !panicked; if :: patient -> waiting = w :: else fi }
  fi;
  if
  :: patient ->
     waitUntil(gate[d],
       gate[d].ask[0].verdict != NONE || now >= TERMS(d) || worker[w].flag, now >= TERMS(d) || worker[w].flag);
     atomic { waiting = NOBODY; if :: panicked -> worker[w].flag = false :: else fi }
  :: else
  fi
}
inline doEvil() {
  if
  :: true                               /* returns, or throws */
  :: true -> worker[w].flag = true      /* interrupts itself, and returns */
  :: true -> worker[w].flag             /* blocks until it is interrupted */
  :: true -> false                      /* does not return */
  :: true -> begin(4); if :: BUG == 84 -> insideWaits = true; awaitOver(false) :: else fi
  :: true -> declare(); begin(3)
  fi
}
proctype work(byte w) {
  byte task; bool patient;
  do
  :: do
     :: atomic { worker[w].task == 0 && !worker[w].closed -> worker[w].waitset = ME }
        atomic {
          if
          :: !(worker[w].waitset & ME)
          :: (worker[w].waitset & ME) && spurious > 0 -> spurious--
          fi;
          worker[w].waitset = worker[w].waitset & ~ME
        }
     :: atomic { worker[w].closed && (worker[w].task == 0 || BUG != 74) -> goto over }
     :: atomic {
          worker[w].task != 0 && (!worker[w].closed || BUG == 74) -> task = worker[w].task;
          MUST(22, task > last && task > past && phase == (task < PRE -> PRE : task));
          MUST(23, !worker[w].flag && !worker[w].leftBehind);
          last = task; break
        }
     od;
     if
     :: task == 1 -> waitForDaemon(0)
     :: task == 2 -> waitForDaemon(1)
     :: task == EVIL -> doEvil()
     :: else
     fi;
     atomic {                           /* done */
       if :: BUG != 76 -> worker[w].flag = false :: else fi;
       worker[w].task = 0; task = 0; notifyAll(worker[w])
     }
  od;
over:
  worker[w].alive = false
}
inline closeWorker() { atomic { worker[current].closed = true; notifyAll(worker[current]) } }
inline runTask(t, deadline) {
  if
  :: now >= deadline                    /* NOT_RUN */
  :: else ->
     if :: t == EVIL -> racing = deadline :: else fi;
     if :: current == NOBODY -> atomic { current = made; made++; worker[current].alive = true; run work(current) } :: else fi;
     atomic { worker[current].task = t; notifyAll(worker[current]) }  /* begin: none but one that is free */
#ifdef FAILS
     if :: t == EVIL -> goto failed :: true fi;
#endif
     waitUntil(worker[current], worker[current].task == 0 || now >= deadline && BUG != 70, now >= deadline && BUG != 70);
     if
     :: worker[current].task == 0
     :: else ->                         /* interrupted, and left behind */
        if
        :: BUG != 75 -> atomic { closeWorker(); past = t; worker[current].leftBehind = true }
        :: else -> worker[current].leftBehind = true
        fi;
        worker[current].flag = true;
        if :: BUG != 75 && BUG != 71 -> current = NOBODY :: else fi;
        if :: BUG == 71 && t != UNDO -> current = NOBODY :: else fi
     fi
  fi;
  atomic { racing = 0; last = t; past = t }
}

/* ---- The coordinator. ---- */

inline beginPhase(p) { atomic { MUST(22, phase == p - 1 || p == PRE); phase = p } }
inline askAll(from, to) {
  for (d : from .. to) { atomic { enter(gate[d]); add(gate[d], 0); leave(gate[d]) } }
}
#define STOP_CUT(d) (flagOfCoordinator || now >= (d < 2 -> T_GRACE : T_STOP))

inline stopAll() {
  atomic { patient = !panicked && BUG != 82; if :: patient -> waiting = COORDINATOR :: else fi }
  for (d : 0 .. 1) { atomic { enter(gate[d]); stop(gate[d]); leave(gate[d]) } interrupt(gate[d], false) }
  if :: EVIL == STOP -> racing = T_STOP :: else fi;
  if
  :: patient ->
     for (d : 0 .. 3) {                 /* first up to the end of the grace, then to the deadline */
       waitUntil(gate[d % 2], gate[d % 2].isGone || STOP_CUT(d), STOP_CUT(d));
       if :: d < 2 && !flagOfCoordinator -> interrupt(gate[d % 2], true) :: else fi
     }
  :: else
  fi;
  atomic { d = 0; racing = 0; waiting = NOBODY; if :: panicked -> flagOfCoordinator = false :: else fi }
}
proctype coordinate() {
  byte i, d; bool patient;
  waitUntil(sequence, begun, false);
  beginPhase(PRE);
  if :: !panicked -> askAll(0, (BUG == 77 -> 0 : 1)); runTask(1, T_SLACK) :: else fi;
  if :: !panicked && BUG == 77 -> askAll(1, 1) :: else fi;
  if :: !panicked -> runTask(2, T_SLACK) :: else fi;
#ifdef LAZY
  MUST(24, EVIL != 0 || now <= T_GROUP);
#endif
  runTask(PRE, T_PRE);
  beginPhase(SYNC);
  if :: !panicked -> runTask(SYNC, T_SYNC) :: else fi;
  if :: BUG == 85 -> phase = FINAL; stopAll() :: else fi;
  beginPhase(POST); runTask(POST, T_POST);
  stopAll();
  MUST(26, gate[0].isGone && gate[1].isGone || now >= T_STOP || panicked);
  beginPhase(FINAL); runTask(FINAL, T_FINAL);
  beginPhase(UNDO); runTask(UNDO, T_UNDO);
failed:                                 /* the last thing that fails is as good as any */
  if
  :: current != NOBODY ->               /* PhaseRunner.close: who waits is joined */
     closeWorker();
     if :: worker[current].task == 0 || BUG == 87 || BUG == 71 -> !worker[current].alive :: else fi
  :: else
  fi;
  MUST(27, budget == first);
  atomic {                              /* publish */
    report = true;
    if :: BUG == 72 -> sequence.waitset = sequence.waitset & (sequence.waitset - 1) :: else -> notifyAll(sequence) fi
  }
}

/* ---- The daemons. ---- */

inline doWork(g) { atomic { MUST(1, !PROMISED(g) && !g.isGone) } }
proctype daemon(byte d; bool stuck) {
  byte i; mtype why = NONE; bool dead;
  doWork(gate[d]);
  if
  :: stuck && true -> false             /* for ever */
  :: stuck && true -> gate[d].flag; goto unwind         /* until it is interrupted */
  :: !stuck -> true
#ifdef KREBOOT
  :: d == 1 ->
     begin(5);
     if
     :: BUG == 83 -> awaitOver(false)
     :: else -> enterRegion(gate[d]); awaitOver(gate[d].flag); leaveRegion(gate[d], false)
     fi;
     MUST(21, false)                    /* it does not come back */
#endif
  fi;
  do
  :: gate[d].pending != 0 -> check(gate[d]); doWork(gate[d])
#ifdef EXITS
  :: goto unwind                        /* by itself, at any time */
#endif
  od;
unwind:
  MUST(1, !gate[d].isGone && ((gate[d].pending & STOPPED) || !PROMISED(gate[d])));
  ending(gate[d]);
  gone(gate[d])
}

/* ---- Time, and the end. ---- */

proctype clock() {
  do
#ifndef LAZY
  :: now < racing -> now++
#endif
  :: timeout && now < T_UNDO -> atomic { MUST(25, !panicked || waiting == NOBODY); MUST(21, !insideWaits || report); now++ }
  :: now == T_UNDO -> break
  od
}
proctype audit(byte actors) {           /* when nothing else can run */
  (timeout && now == T_UNDO) -> atomic {
    MUST(20, report);
    MUST(21, finished == actors || !report)
  }
}
init {
  byte n = CALLERS;
  atomic {
    gate[0].still = 0; gate[1].still = 0;               /* they are past their birth */
    run coordinate(); worker[0].alive = true; run work(0);
#ifdef STUCK0
    run daemon(0, true);
#else
    run daemon(0, false);
#endif
#ifdef STUCK1
    run daemon(1, true);
#else
    run daemon(1, false);
#endif
    run clock();
    run caller(1, false);
#if CALLERS > 1
    run caller(2, true);
#endif
#ifdef PANIC
    run panicker(); n++;
#endif
#ifdef RESUME
    run resumer(); n++;
#endif
    run audit(n)
  }
}
