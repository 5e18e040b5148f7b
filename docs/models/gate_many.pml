/*
 * gate_many.pml - those who ask, and several threads: requests on a process, holds of many, quiesce, and who is created meanwhile.
 *
 * The classes are Requests, SuspendRequest, Suspension and ProcTable; the gates are those of gate.inc. Process 0 has the
 * threads 0 and 1, of which 1 is created while the others run; process 1 has thread 2. All of a request is entered, and
 * taken back, under the lock of the table, and so is a thread; nobody waits under it.
 *   request 0  a suspend of process 0, without owner
 *   request 1  a hold: of process 0, or of both, or of everything (quiesce, standing: also of what is created later)
 *   request 2  a suspend of thread 0 alone, without owner
 *
 * Properties, in words. The number is the first argument of MUST, what must hold the second.
 *   P1  No false acknowledgement: when a request was answered SUSPENDED, no thread it asks works until it is taken back.
 *   P2  No lost answer: everybody who asks returns if the threads go on checking, or end, or the time is over.
 *   P3  A hold is ended by its owner, or with the owner's process; no resume and no other hold ends it.
 *   P7  When all that was asked of a thread is taken back it does not stay parked.
 *   P17 A hold is all or nothing: when it is refused nothing of it stays in force.
 *   P18 A hold taken by a kernel thread ends with its process.
 *   P19 What is created under a request or a standing hold is born parked, and works after it only.
 *   P28 The resume of a thread takes back what was asked of that thread, not what was asked of its process.
 *
 * Not in it: what one gate does beside checks and the end (gate.pml); stop; the pids. A hold of kernel threads on each other
 * ends by the deadline, which may come at any time.
 *
 * Options (-D)
 *   SUSP a suspender   HOLD a holder of process 0   BOTH of both   ALL of everything   DIES the holder is thread 2, and ends
 *   without closing   CLOSER and a closer of its takes one more   ALONE a suspender of thread 0   CREATE thread 1 is created   CREATEP thread 2 is
 *   SPURIOUS=n wakeups without reason, all together   BUG=n a planted bug   ONLY=n only the assertions of property n
 *
 * Configurations. In each, nobody must break a property:
 *   clean     -DSUSP -DCREATE
 *   clean     -DSUSP -DALONE
 *   clean     -DSUSP -DHOLD
 *   clean     -DHOLD -DCREATE
 *   clean     -DHOLD -DBOTH
 *   clean     -DHOLD -DALL -DCREATEP
 *   clean     -DHOLD -DDIES -DCREATE
 *   clean     -DHOLD -DDIES -DALL
 *   clean     -DHOLD -DDIES -DCLOSER -DCREATE
 * The bugs: number, the property that must reject it, configuration; numbers are one row over all models.
 *   bug 8 P3   -DSUSP -DHOLD               : resume withdraws every ask
 *   bug 86 P7  -DHOLD -DCREATE             : what was asked of a thread that came later is not taken back
 *   bug 88 P18 -DHOLD -DDIES -DCLOSER      : the holds of a process are closed before its closers have run, and not after
 *   bug 90 P19 -DSUSP -DCREATE             : a new thread is not asked what its process was asked
 *   bug 91 P1  -DHOLD -DCREATE             : whom to ask is looked up first, and asked later
 *   bug 92 P17 -DHOLD -DBOTH               : a refused hold takes back what was not answered, and leaves the rest
 *   bug 93 P18 -DHOLD -DDIES               : the hold of a process that has ended stays
 *   bug 94 P1  -DSUSP -DCREATE             : SUSPENDED when the first thread has answered
 *   bug 96 P2  -DSUSP -DCREATE             : the answers are waited for under the lock of the table
 *   bug 97 P19 -DHOLD -DALL -DCREATEP      : a standing hold is not asked of a new process
 *   bug 98 P28 -DSUSP -DALONE              : the resume of a thread withdraws all that has no owner
 */
#define ASKS 3
#include "gate.inc"
Gate gate[3];
#define PROC(t) (t / 2)
#ifdef ALL
#define HOLDS_ALL true
#else
#define HOLDS_ALL false
#endif
#if (defined(ALL) || defined(BOTH)) && !defined(DIES)
#define HOLDS_BOTH true
#else
#define HOLDS_BOTH false                /* all but the caller's own */
#endif

typedef Request { bool on[2]; byte given; bool quiet; }         /* by process; a bit for each thread; ghost: SUSPENDED was told */
Request request[3];
byte table = NOBODY;                    /* the lock */
bool there[3];                          /* the threads of the processes */
bool standing, taken;                   /* the hold is standing; its owner has it, and has not closed it */
byte finished; bool late[3], resumed;   /* ghosts; late: created under a request */

/* ---- Those who ask. The lock of the table is held in these. ---- */

inline include(k, t) {
  request[k].given = request[k].given | (1 << t);
  enter(gate[t]); add(gate[t], k); leave(gate[t])
}
inline make(k, p) {
  request[k].on[p] = true;
  for (t : 0 .. 2) { if :: there[t] && PROC(t) == p && !(k == 2 && t != 0) -> include(k, t) :: else fi }
  t = 0
}
inline takeBack(k) {                    /* SuspendRequest.withdraw, of each request of a hold */
  request[k].on[0] = false; request[k].on[1] = false; request[k].quiet = false;
  for (t : 0 .. 2) {
    if
    :: (request[k].given & (1 << t)) && gate[t].ask[k].inForce && !(BUG == 86 && t == 1) &&
       !(BUG == 92 && gate[t].ask[k].verdict == SUSPENDED) ->
       enter(gate[t]); gate[t].ask[k].promise = false; withdraw(gate[t], k); leave(gate[t])
    :: else
    fi
  }
  t = 0
}
inline askAll(k, both) {                /* both: if there is a second process */
  if
  :: BUG != 91 ->
     atomic {
       acquire(table);
       make(k, 0); if :: both && there[2] -> make(k, 1) :: else fi;
       standing = standing || k == 1 && HOLDS_ALL;
       release(table)
     }
  :: else ->
     atomic { acquire(table); seen = (there[0] -> 1 : 0) | (there[1] -> 2 : 0); release(table) }
     atomic {
       acquire(table); request[k].on[0] = true;
       for (t : 0 .. 1) { if :: seen & (1 << t) -> include(k, t) :: else fi }
       t = 0; release(table)
     }
  fi
}
inline awaitVerdicts(k, limit) {        /* one after another, also those who come meanwhile; why: it was not answered */
  if :: BUG == 96 -> acquire(table) :: else fi;
  n = 0;
  do
  :: n < 3 ->
     if
     :: request[k].given & (1 << n) ->
        enter(gate[n]);
        do
        :: gate[n].ask[k].verdict != NONE || why != NONE -> break
        :: atomic { gate[n].ask[k].verdict == NONE && why == NONE -> block(gate[n]) } unblock(gate[n], limit, why)
        od;
        leave(gate[n]);
        if :: BUG == 94 -> break :: else fi
     :: else
     fi;
     n++
  :: else -> break
  od;
  n = 0;
  if :: BUG == 96 -> release(table) :: else fi;
  atomic {                              /* silent, verdict: looked at once */
    acquire(table); r = EXITED; t = 0;
    do
    :: t < 3 && (request[k].given & (1 << t)) && !(BUG == 94 && t > 0) ->
       if
       :: gate[t].ask[k].verdict == NONE -> r = TIMED_OUT; break
       :: gate[t].ask[k].verdict == RESUMED -> r = RESUMED
       :: gate[t].ask[k].verdict == SUSPENDED && r != RESUMED -> r = SUSPENDED
       :: else
       fi;
       t++
    :: t < 3 && (!(request[k].given & (1 << t)) || BUG == 94 && t > 0) -> t++
    :: t >= 3 -> break
    od;
    if :: r == SUSPENDED && request[k].on[0] -> request[k].quiet = true :: else fi;
    t = 0; release(table)
  }
}
inline resume() {                       /* of process 0 */
  atomic {
    acquire(table); request[0].on[0] = false; request[0].quiet = false; request[2].quiet = false; resumed = true;
    if :: BUG == 8 -> request[1].on[0] = false :: else fi;
    for (t : 0 .. 1) {
      if
      :: there[t] ->
         enter(gate[t]); gate[t].ask[0].promise = false; gate[t].ask[2].promise = false;
         if :: gate[t].ask[0].inForce -> withdraw(gate[t], 0) :: else fi;
         if :: gate[t].ask[2].inForce -> withdraw(gate[t], 2) :: else fi;
         if :: gate[t].ask[1].inForce && BUG == 8 -> withdraw(gate[t], 1) :: else fi;
         leave(gate[t])
      :: else
      fi
    }
    t = 0; release(table)
  }
}
proctype suspender() {
  byte i, t, n, seen; mtype limit, why = NONE, r = NONE;
  if :: limit = FOREVER :: limit = TIMED_OUT :: limit = INTERRUPTED fi;
  askAll(0, false); awaitVerdicts(0, limit);
  if
  :: r == TIMED_OUT && why == INTERRUPTED -> atomic { acquire(table); takeBack(0); release(table) }
  :: else -> if :: true :: true -> resume() fi
  fi;
  finished++
}
proctype alone() {                      /* suspends thread 0, and resumes it */
  byte i, t, n, seen; mtype limit, why = NONE, r = NONE;
  if :: limit = FOREVER :: limit = TIMED_OUT fi;
  atomic { acquire(table); make(2, 0); release(table) }
  awaitVerdicts(2, limit);
  atomic {
    acquire(table); enter(gate[0]); gate[0].ask[2].promise = false; request[2].quiet = false;
    if :: gate[0].ask[2].inForce -> withdraw(gate[0], 2) :: else fi;
    if :: gate[0].ask[0].inForce && BUG == 98 -> withdraw(gate[0], 0) :: else fi;
    MUST(28, !request[0].on[0] || !(request[0].given & 1) || gate[0].ask[0].inForce || gate[0].isGone);
    leave(gate[0]); release(table)
  }
  finished++
}
inline close() {
  atomic {
    acquire(table);
    MUST(3, !request[1].quiet || (!there[0] || gate[0].ask[1].inForce) && (!there[1] || !(request[1].given & 2) || gate[1].ask[1].inForce));
    standing = false; taken = false;
    release(table)
  }
  atomic { acquire(table); takeBack(1); release(table) }
}
inline hold(limit) {
  atomic { acquire(table); taken = true; release(table) }
  askAll(1, HOLDS_BOTH);
  awaitVerdicts(1, limit);
  if
  :: r == TIMED_OUT ->
     close();
     MUST(17, !gate[0].ask[1].inForce && !gate[1].ask[1].inForce && !gate[2].ask[1].inForce)
  :: else
  fi
}
proctype holder() {
  byte i, t, n, seen; mtype limit, why = NONE, r = NONE;
  if :: limit = FOREVER :: limit = TIMED_OUT :: limit = INTERRUPTED fi;
  hold(limit);
  if :: r == TIMED_OUT :: r != TIMED_OUT :: r != TIMED_OUT -> close() fi;
  finished++
}

/* ---- Threads. ---- */

inline addThread(x) {                   /* ProcTable.enterThread and enterProc: born, entered and asked, then started */
  atomic {
    acquire(table);
    there[x] = true; late[x] = request[0].on[PROC(x)] || request[1].on[PROC(x)] || standing;
    if
    :: x == 2 && standing && BUG != 97 -> request[1].on[1] = true
    :: x == 1 && PROC(x) == 0
    :: else
    fi;
    if :: request[0].on[PROC(x)] && BUG != 90 -> include(0, x) :: else fi;
    if :: request[1].on[PROC(x)] -> include(1, x) :: else fi;
    release(table);
    run daemon(x)
  }
}
inline work(t) {
  atomic {
    MUST((late[t] -> 19 : 1), !gate[t].isGone && !PROMISED(gate[t]));
    MUST((late[t] -> 19 : 1), !(request[0].quiet && request[0].on[PROC(t)]));
    MUST((late[t] -> 19 : 1), !(request[1].quiet && request[1].on[PROC(t)]))
#ifdef ALL
    MUST(19, !(request[1].quiet && standing && late[t]))
#endif
  }
}
inline leaveTable(x) {                  /* ProcTable.leave */
  atomic { acquire(table); there[x] = false; gone(gate[x]); release(table) }
}
proctype daemon(byte d) {
  byte i; mtype why = NONE; bool dead;
  pass(gate[d], 0);
  work(d); check(gate[d]); work(d);
  do
  :: gate[d].pending != 0 -> check(gate[d]); work(d)
  :: true -> break                      /* it ends */
  od;
unwind:
  leaveTable(d)
}
proctype creator() {
#ifdef CREATE
  byte i; addThread(1);
#endif
#ifdef CREATEP
  byte i; addThread(2);
#endif
  finished++
}
proctype dyingHolder() {                /* thread 2 holds, and its process ends */
  byte i, t, n, seen; mtype limit, why = NONE, r = NONE;
  if :: limit = FOREVER :: limit = TIMED_OUT fi;
  hold(limit);
  if :: taken && BUG != 93 -> close() :: else fi;       /* Trampoline.endProcess */
#ifdef CLOSER
  if :: !taken && BUG != 93 -> why = NONE; request[1].given = 0; hold(limit) :: else fi;        /* what it had open is closed */
  if :: taken && BUG != 93 && BUG != 88 -> close() :: else fi;
#endif
  leaveTable(2);
  finished++
}

#define ON(t) (request[0].on[PROC(t)] || request[1].on[PROC(t)] || request[2].on[PROC(t)] && t == 0)
#define STAYS(t) (gate[t].parked && !ON(t))

proctype audit(byte actors) {           /* when nothing else can run */
  timeout -> atomic {
    MUST(2, finished == actors);
    MUST(7, !STAYS(0) && !STAYS(1) && !STAYS(2));
#ifdef DIES
    MUST(18, !gate[2].isGone || !standing && !taken && !gate[0].ask[1].inForce && !gate[1].ask[1].inForce)
#endif
  }
}
init {
  byte n;
  atomic {
    there[0] = true; run daemon(0);
#ifdef BOTH
    there[2] = true; run daemon(2);
#endif
#ifdef SUSP
    run suspender(); n++;
#endif
#ifdef ALONE
    run alone(); n++;
#endif
#ifdef HOLD
#ifdef DIES
    there[2] = true; run dyingHolder(); n++;
#else
    run holder(); n++;
#endif
#endif
#if defined(CREATE) || defined(CREATEP)
    run creator(); n++;
#endif
    run audit(n)
  }
}
