/*
 * The protocol by which one approved item reaches the cloud once: two workers,
 * of which one dies and comes back, people who change their minds, and a cloud
 * that loses answers. README.md says what is proved and what is left out.
 *
 * Each atomic block is one Lua script, or one decision of a worker on what it has
 * in hand. Between two blocks a worker may be paused for as long as the search
 * likes, or die. Each -D flag takes one cure out.
 */

/* ------- the record, in Redis (approvals/request.go) ------- */
mtype:decision = { PENDING, APPROVED, EXPIRED };
mtype:item = { WAITING, EXECUTING, UNKNOWN, SCHEDULED, FAILED };
mtype:decision decision = PENDING;
mtype:item item = WAITING;
byte tries;       /* Call.Tries: attempts that may have left */
byte absent;      /* Call.Absent: counted looks in a row that showed no trace */

#define TRIES    3 /* maxTries */
#define CALLED   (item == EXECUTING || item == UNKNOWN)
#define FINAL    (decision == EXPIRED || item == SCHEDULED || item == FAILED)

/* The counter and the attempt number only ever get compared, so that for each
 * worker one word stands for each comparison, exactly and without a bound. */
mtype:hand = { EMPTY, CURRENT, STALE, OLD }; /* OLD: stale, and of an earlier revision */
mtype:hand hand[2] = EMPTY;   /* the record that w has read, compared with the stored one */
bool mine[2];                 /* the record's attempt is the one that w claimed */

/* ------- the clock, Redis', as far as it matters ------- */
byte age;         /* of the claim: 0 before its end (25 s), 1 after it, 2 after settle time (60 s) */
bool late;        /* the deadline for approvals has passed */
bool gone;        /* nobody presses any more, and a deadline that lies ahead stays ahead */

/* ------- the due queue, in Redis (approvals/store) ------- */
#define NOW      0
#define END      1 /* of the claim */
#define SETTLED  2
#define DEADLINE 3
#define NEVER    4 /* not in the queue */
#define HIDDEN   5 /* taken: the score is the lease's end */
byte due = DEADLINE;
byte held;        /* held[id]: whose token, 1 or 2; 0: free */
bool lease[2];    /* w works under a lease that has not run out; for P5 only */
#define READY    (due == NOW || due == END && age >= 1 || due == SETTLED && age == 2 || due == DEADLINE && late)

/* ------- the cloud ------- */
mtype:post = { NONE, SENT, DEAF, YES, NO }; /* DEAF: in flight, and nobody waits for the answer */
mtype:post post[2] = NONE;
bool effect;      /* the cloud holds the upgrade */
bool missed;      /* once, a list came without it */
#define INFLIGHT(w) (post[w] == SENT || post[w] == DEAF)

/* Nothing more will happen, and nothing has to. */
#define REST     (FINAL || gone && !late && decision == PENDING)

#define me _pid            /* of a worker: 0 or 1 */

/* ------- the cures that are expressions; each flag takes one out ------- */
#ifdef SPIN_ON
#define WAIT_END NOW           /* a next time that has passed already */
#else
#define WAIT_END END
#endif
#ifdef REFUSE_BLIND
#define MAY_REFUSE !FINAL
#else
#define MAY_REFUSE hand[me] == CURRENT
#endif
#ifdef PUT_BACK
#define MAY_PUT_OFF !FINAL
#else
#define MAY_PUT_OFF hand[me] == CURRENT
#endif
#ifdef UNAPPROVED
#define MAY_CLAIM (item == WAITING || item == UNKNOWN)
#else
#define MAY_CLAIM hand[me] == CURRENT
#endif
#ifdef REDECIDE
#define conflict again
#else
#define conflict settle        /* which makes it due at once: whoever takes it decides again */
#endif
#ifdef NO_END
#define IN_TIME  true
#define CUT(w)
#else
#define IN_TIME  mine[me] && age == 0
#define CUT(w)   ; post[w] = (INFLIGHT(w) -> NONE : post[w])
#endif
#ifdef ANY_ATTEMPT
#define COUNTS   CALLED
#else
#define COUNTS   CALLED && mine[me]
#endif
#if defined(NO_WAIT)
#define SURE     true
#elif defined(END_IS_ENOUGH)
#define SURE     age >= 1
#else
#define SURE     age >= 2      /* SettleAfter */
#endif
#ifdef EARLY_LOOK
#define RIPE     true
#else
#define RIPE     SURE
#endif
#ifdef ONE_LOOK
#define LOOKS    1
#else
#define LOOKS    2             /* absentReads */
#endif
#ifdef NO_TOKEN
#define HOLDS    true
#else
#define HOLDS    held == me + 1
#endif
#ifdef NO_RECHECK
#define SETTLE_AT next
#else
#define SETTLE_AT (hand[me] == CURRENT -> NEXT : NOW)
#endif

/* When there is something to do for the record as it is (Agenda, approvals/agenda.go). */
#define NEXT     (FINAL -> NEVER : (decision == PENDING -> DEADLINE : \
		 (item == EXECUTING -> WAIT_END : (item == UNKNOWN -> SETTLED : NOW))))

/* commit.lua: the counter grows, and the id becomes due, the earlier time wins;
 * unless it is held: settle sees that the record moved on. To commit and take
 * the lease in one script is this, and take with nothing in between. */
inline commit() {
	hand[0] = (hand[0] == CURRENT -> STALE : hand[0]);
	hand[1] = (hand[1] == CURRENT -> STALE : hand[1]);
	if
	:: held == 0 -> due = (NEXT < due -> NEXT : due)
#ifdef UNHIDE
	:: else -> due = NEVER
#else
	:: else
#endif
	fi
}

/* The caller waits no longer; the request may still be on its way. */
inline hang_up(w) { post[w] = (INFLIGHT(w) -> DEAF : NONE) }

inline clear() { hand[me] = EMPTY; lease[me] = false }

/* kill -9 anywhere, and a restart. */
#define OR_DIES	:: hang_up(me); mine[me] = false; clear(); goto dead

/* ------- a worker of the act reconciler (approvals/engine: act.go, call.go, look.go) ------- */
active [2] proctype Worker()
{
	bool seen, ripe;   /* a look's result; it began after settle time */
#ifdef NO_RECHECK
	byte next;
#endif

idle:	atomic { /* take.lua: hides the id and hands the record out; after a lease has run out too */
		if
		:: REST -> goto stop
		:: !REST && READY -> assert(!lease[1 - me]);                        /* P5 */
			held = me + 1; due = HIDDEN; lease[me] = true; goto again
		:: !REST && due == HIDDEN ->
			held = me + 1; lease[1 - me] = false; lease[me] = true; goto fault
		fi
	}
fault:	/* a cycle that comes here for ever is one in which the faults do not stop */
progress_fault:
	skip;
again:	atomic { /* Due on the record handed out by take, or loaded; a look begins at once */
		hand[me] = CURRENT;
#ifdef NO_RECHECK
		next = NEXT;
#endif
		if
#ifdef SKEW
		:: !FINAL && (late || age > 0) -> goto drop /* "not due yet", by its own clock */
#endif
		:: FINAL || decision == PENDING && !late || item == EXECUTING && age == 0 -> goto settle
		:: decision == PENDING && late -> /* Deadline */
			decision = EXPIRED; commit(); goto again
		:: item == EXECUTING && age > 0 -> /* the claim ended without an answer: Unclear for it */
			item = UNKNOWN; commit(); goto again
		:: decision == APPROVED && item == WAITING ->
			seen = effect; goto prepared
		:: item == UNKNOWN ->
			ripe = RIPE;
			if
			:: seen = effect
			:: effect && !missed -> missed = true; seen = false
			fi;
			goto looked
		OR_DIES
		fi
	}

prepared: /* policy and people asked again, the look and preflight are back */
	atomic { /* all of these are commits against the record that was read before the look */
		if
		:: hand[me] != CURRENT -> goto conflict
#ifdef ANY_WORKER
		:: hand[me] != CURRENT && item == EXECUTING -> item = WAITING; tries--; age = 0; absent = 0; commit(); goto again
#endif
		:: hand[me] == CURRENT && seen -> item = SCHEDULED; commit(); goto again /* a net: never needed here */
		:: MAY_REFUSE && !seen -> item = FAILED; commit(); goto again /* refused by preflight; Lapse while UNKNOWN */
		:: hand[me] == CURRENT && item == WAITING -> decision = PENDING; commit(); goto again /* Lapse: pending again */
		:: MAY_PUT_OFF -> /* the look failed: put off */
			item = (item == UNKNOWN -> UNKNOWN : WAITING); commit(); hand[me] = CURRENT; goto later
		:: MAY_CLAIM && !seen -> /* Claim: attempt + 1, end = now + 25 s */
			assert(decision == APPROVED && hand[me] != OLD);            /* P2 */
			item = EXECUTING; age = 0; absent = 0; tries++;
			mine[me] = true; mine[1 - me] = false; commit(); goto send
		OR_DIES
		fi
	}

looked:	atomic { /* the look after an unclear call is back: Look, against the record that was read */
		if
		:: hand[me] != CURRENT -> goto conflict
		:: hand[me] == CURRENT -> goto later /* the list could not be read */
		:: hand[me] == CURRENT && seen -> item = SCHEDULED; commit(); goto again
		:: hand[me] == CURRENT && !seen && !ripe -> goto settle
		:: hand[me] == CURRENT && !seen && ripe ->
			absent = (absent < LOOKS -> absent + 1 : LOOKS);
			if
			:: absent == LOOKS && SURE && tries == TRIES -> item = FAILED
			:: else
			fi;
			commit(); hand[me] = CURRENT;
			if
			:: absent == LOOKS && SURE && !FINAL -> goto prepared /* which may use the same look */
			:: else -> goto settle
			fi
		OR_DIES
		fi
	}

send:	atomic { /* the request's own deadline lies before the claim's end */
		if
		:: IN_TIME -> assert(!effect && !INFLIGHT(0) && !INFLIGHT(1));      /* P1 */
			post[me] = SENT; goto answer
		:: COUNTS -> /* no connection, or it woke up too late: Finish{not sent}; the claim's own answer was lost: Unclaim */
			item = WAITING; tries--; age = 0; absent = 0; mine[me] = false; commit(); goto fault
		:: !(COUNTS) -> mine[me] = false; goto settle
		OR_DIES
		fi
	}
answer:	atomic { /* Finish: counts for its own attempt only, whatever else has moved on */
		if
		:: COUNTS -> assert(mine[me]);                                      /* P4 */
			if
			:: post[me] == YES -> item = SCHEDULED
			:: post[me] == NO -> item = FAILED
			:: item = UNKNOWN /* no answer came */
			fi;
			commit()
		:: !(COUNTS)
		OR_DIES
		fi;
		hang_up(me); mine[me] = false; goto again
	}

dead:	/* a fault too */
progress_dead:
	skip; goto idle;
later:	/* a fault too */
progress_later:
	skip;
settle:	atomic { /* settle.lua */
		if
		:: HOLDS -> due = SETTLE_AT; held = 0
		:: !(HOLDS)
		OR_DIES
		fi;
		clear(); goto idle
	}
#ifdef SKEW
drop:	atomic { due = (HOLDS -> NEVER : due); held = (HOLDS -> 0 : held); clear(); goto idle }
#endif

stop:	assert(effect == (item == SCHEDULED))                                       /* P6 */
}

/* ------- the cloud, and the clock ------- */
#define ANSWER(w) \
	:: atomic { post[w] == SENT -> effect = true; post[w] = YES } \
	:: atomic { post[w] == DEAF -> effect = true; post[w] = NONE } \
	:: atomic { post[w] == SENT -> post[w] = NO }
active proctype Cloud()
{
end:	do
	ANSWER(0)
	ANSWER(1)
	:: atomic { CALLED && age == 0 -> age = 1 }
	:: atomic { CALLED && age == 1 -> age = 2 CUT(0) CUT(1) } /* what left before the end has arrived, or never will */
	od
}

/* ------- people (approvals/people.go): each press is a commit ------- */
active proctype People()
{
end:	do
	:: atomic { decision == PENDING && !late -> decision = APPROVED; commit() }
progress_press:
		skip
	:: atomic { decision == APPROVED && item == WAITING -> decision = PENDING; commit();
		if
		:: skip /* Retract */
		:: hand[0] = (hand[0] == STALE -> OLD : hand[0]); /* Reschedule: another revision */
		   hand[1] = (hand[1] == STALE -> OLD : hand[1])
		fi }
	:: atomic { !late && decision == PENDING -> late = true } /* matters to what is pending only */
	:: atomic { decision == PENDING -> gone = true; break }
	od
}
