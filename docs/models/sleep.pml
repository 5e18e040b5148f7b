/*
 * sleep.pml - sleep and wakeup: two threads on one channel, the user's lock, those who wake them, and what else ends a sleep.
 *
 * The classes are SleepQueues and SleepChain, in queues.inc, and the sleeper's half of SuspendGate, in gate.inc: await, then
 * the queue decides whether it was woken, then settle. Two wakers put one item each, under the lock, and then wake; who is
 * back takes one if there is one, and sleeps again if it was woken for nothing.
 *
 * Properties, in words. The number is the first argument of MUST, what must hold the second.
 *   P1  What comes after a suspendable sleep does not run while an ask answered SUSPENDED is in force.
 *   P6  A wakeup given to a sleeper is told as AWAKENED, never as a timeout, an interrupt or a stop; a sleeper that
 *       wakeupOne has chosen and that unwinds, or gave a lock it does not hold, hands it on.
 *   P9  Who sleeps or is parked does not hold the lock.
 *   P10 No interrupt is eaten: it ends a PCATCH sleep, or stands when the sleep is over.
 *   P11 No lost wakeup: nobody who could run stays asleep beside an item of which nobody was told.
 *   P12 wakeupOne wakes one, and none who was woken already.
 *   P13 No sleep ends without a reason.
 *   P14 The lock is held again after the sleep, also when it unwinds; with PDROP it is not.
 *   P15 Every sleeper is answered: a wakeup, the time, a stop, and with PCATCH an interrupt end its sleep; every waker returns.
 *   P16 wakeupOne does not choose a suspended sleeper while there is one that is not.
 *
 * Not in it: more than one channel on a chain (the queue of a channel is a list in a map); the queues lent from node to
 * node, which SleepChainTest has; threads that are no kernel threads have the gate too, and nobody asks them. The time of a
 * sleep may be over at any moment.
 *
 * Options (-D)
 *   KIND0=k KIND1=k of the two sleepers: 0 plain, 1 SUSPENDABLE, 2 PCATCH, 3 both   SAME both have the same priority
 *   WAKERS=n, else 2   WAKEUP they use wakeup, not wakeupOne   TIMED sleeps have a limit   DROP PDROP   BADLOCK the first
 *   sleeper begins with a lock it does not hold   HOLD the first sleeper is held   STOP it is stopped   INTR it is interrupted
 *   SPURIOUS=n wakeups without reason, all together   BUG=n a planted bug   ONLY=n only the assertions of property n
 *
 * Configurations. In each, nobody must break a property (large: worth an optimizing compiler):
 *   clean     -DKIND0=0 -DKIND1=0
 *   clean     -DKIND0=0 -DKIND1=0 -DWAKEUP
 *   clean     -DKIND0=0 -DKIND1=2 -DTIMED -DINTR
 *   clean     -DKIND0=2 -DKIND1=0 -DINTR -DSTOP
 *   clean     -DKIND0=2 -DKIND1=2 -DINTR -DDROP
 *   clean     -DKIND0=1 -DKIND1=1 -DHOLD -DSAME
 *   large     -DKIND0=1 -DKIND1=0 -DHOLD -DSTOP
 *   large     -DKIND0=1 -DKIND1=0 -DHOLD -DTIMED -DWAKEUP
 *   large     -DKIND0=3 -DKIND1=0 -DHOLD -DINTR
 *   clean     -DKIND0=3 -DKIND1=0 -DINTR -DSTOP
 *   large     -DKIND0=2 -DKIND1=0 -DHOLD -DINTR
 *   clean     -DKIND0=0 -DKIND1=0 -DBADLOCK -DTIMED
 * The bugs: number, the property that must reject it, configuration; numbers are one row over all models.
 *   bug 14 P11  -DKIND0=0 -DKIND1=0               : the lock is released before the sleeper is queued
 *   bug 16 P6   -DKIND0=0 -DKIND1=0 -DTIMED       : the clock, not the queue, decides between AWAKENED and TIMED_OUT
 *   bug 20 P9   -DKIND0=1 -DKIND1=0 -DHOLD        : the lock is taken before the park
 *   bug 35 P6   -DKIND0=1 -DKIND1=0 -DSTOP        : a stopped sleeper keeps the wakeup that was given to it
 *   bug 35 P11  -DKIND0=1 -DKIND1=0 -DSTOP -DWAKERS=1     : the same
 *   bug 41 P10  -DKIND0=0 -DKIND1=0 -DINTR        : a sleep that may not end forgets the interrupt
 *   bug 45 P15  -DKIND0=1 -DKIND1=0 -DSTOP -DWAKERS=1     : a stop does not notify
 *   bug 48 P10  -DKIND0=2 -DKIND1=0 -DINTR        : a wakeup and an interrupt: the interrupt is dropped
 *   bug 52 P12  -DKIND0=0 -DKIND1=0               : wakeupOne leaves whom it wakes on the queue, for the next one to find
 *   bug 53 P12  -DKIND0=0 -DKIND1=0               : wakeupOne wakes one more
 *   bug 54 P11  -DKIND0=0 -DKIND1=0               : a waker that finds a wakeup under way does not wake
 *   bug 56 P14  -DKIND0=0 -DKIND1=0 -DDROP        : PDROP takes the lock again
 *   bug 57 P16  -DKIND0=1 -DKIND1=0 -DHOLD        : wakeupOne goes by the priority alone
 *   bug 58 P14  -DKIND0=1 -DKIND1=0 -DSTOP        : a sleep that unwinds does not take the lock
 *   bug 59 P1   -DKIND0=1 -DKIND1=0 -DHOLD        : a sleeper that was woken does not wait for resume
 *   bug 60 P6   -DKIND0=0 -DKIND1=0 -DBADLOCK     : a lock that is not held: the wakeup that came meanwhile is kept
 *   bug 61 P12  -DKIND0=0 -DKIND1=0 -DBADLOCK     : the same: it is left behind, and seems to end the next sleep
 *   bug 62 P13  -DKIND0=0 -DKIND1=0               : a sleeper waits in an if, not in a loop
 *   bug 63 P6   -DKIND0=2 -DKIND1=0 -DINTR        : the interrupt, not the queue, decides between AWAKENED and INTERRUPTED
 *   bug 99 P12  -DKIND0=0 -DKIND1=0 -DTIMED       : who is off the queue does not wait for its waker, whose wakeup ends the next sleep
 */
#define ASKS 1
#define SLEEPERS 2
#define MAY_PARK (interlock != _pid)
#include "gate.inc"
Gate gate[2];
#include "queues.inc"

#ifndef WAKERS
#define WAKERS 2
#endif
#ifdef TIMED
#define LIMIT TIMED_OUT
#else
#define LIMIT FOREVER
#endif
#ifdef DROP
#define PDROP true
#else
#define PDROP false
#endif
#define G gate[s]

byte items;                             /* guarded by the interlock */
/* Ghosts. */
byte finished, calls, awakened;

/* What unlock throws: the sleeper leaves the queue, and a wakeup that has come is handed on. */
inline release_fails() {
  enqueue(s); dequeue(s, woken);
  if :: BUG != 61 -> settle(G, PLAINLY, woken, ended, r) :: else fi;
  if :: woken && node[s].chosen && BUG != 60 -> node[s].given = false; wakeupOne() :: else fi;
  atomic {
    if :: !node[s].chosen || BUG == 61 -> node[s].given = false :: else fi;
    MUST(6, !node[s].given); node[s].given = false; dead = false; woken = false; r = NONE
  }
}
proctype sleeper(byte s; byte kind) {
  byte i, j, best; mtype why = NONE, ended = NONE, r = NONE; bool dead, woken;
#ifdef BADLOCK
  if :: s == 0 -> release_fails() :: else fi;
#endif
  acquire(interlock);
  do
  :: items > 0 || r == TIMED_OUT || r == INTERRUPTED || r == STOPPING -> break
  :: else ->
     r = NONE; woken = false;
     msleep(s, kind, LIMIT, PDROP);
     atomic {
       if :: r == AWAKENED && !dead -> awakened++ :: else fi;
       if :: r == INTERRUPTED -> G.aimed = false :: else fi;
       MUST(1, dead || !PROMISED(G) || kind != SUSPENDABLE);
       MUST(10, !G.aimed || G.flag);
       MUST(13, r != SUSPEND_REQUESTED || G.ask[0].first != NONE || kind == CATCH && G.ask[0].inForce);
       MUST(14, (interlock == _pid) == !PDROP);
#ifndef WAKEUP
       MUST(12, awakened <= calls);
#endif
     }
     if :: dead -> goto unwind :: else fi;
     if :: r == SUSPEND_REQUESTED && !PDROP -> release(interlock) :: else fi;
     if :: r == SUSPEND_REQUESTED -> check(G) :: else fi;
     if :: r == SUSPEND_REQUESTED || PDROP -> acquire(interlock) :: else fi
  od;
  atomic {
    if :: items > 0 -> items-- :: else fi;
unwind:
    if :: interlock == _pid -> release(interlock) :: else fi
  }
  ending(G);
  gone(G)
}

proctype waker() {
  byte j, best;
  atomic { acquire(interlock); items++ }
  atomic { release(interlock); calls++ }
#ifdef WAKEUP
  wakeup();
#else
  if
  :: BUG == 54 && (node[0].given || node[1].given)
  :: else -> wakeupOne()
  fi;
#endif
  finished++
}
proctype holder() {                     /* of the first sleeper, for a time or for ever */
  byte i;
  atomic { enter(gate[0]); add(gate[0], 0); leave(gate[0]) }
  if
  :: true
  :: atomic { enter(gate[0]); gate[0].ask[0].promise = false; withdraw(gate[0], 0); leave(gate[0]) }
  fi;
  finished++
}
proctype stopper() { atomic { enter(gate[0]); stop(gate[0]); leave(gate[0]); finished++ } }
proctype interrupter() { atomic { gate[0].flag = true; gate[0].aimed = !(gate[0].pending & ENDING); finished++ } }

#define TOLD (node[0].given || node[1].given)
#define STUCK(s) (gate[s].asleep && !IS_SUSPENDED(s))

proctype audit(byte actors) {           /* when nothing else can run */
  timeout -> atomic {
    MUST(15, finished == actors);
    MUST(15, !gate[0].asleep || !(gate[0].pending & NO_MORE) && !((KIND0 & CATCH) && gate[0].flag));
    MUST(9, interlock == NOBODY);
    MUST(11, items == 0 || TOLD || !STUCK(0) && !STUCK(1))
  }
}
init {
  byte n = WAKERS;
  atomic {
    gate[0].still = 0; gate[1].still = 0;               /* they are past their birth */
#ifndef SAME
    node[1].prio = 1;                                   /* the first is the better one */
#endif
    run sleeper(0, KIND0); run sleeper(1, KIND1); run waker();
#if WAKERS > 1
    run waker();
#endif
#ifdef HOLD
    run holder(); n++;
#endif
#ifdef STOP
    run stopper(); n++;
#endif
#ifdef INTR
    run interrupter(); n++;
#endif
    run audit(n)
  }
}
