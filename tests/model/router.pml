/* SPDX-License-Identifier: MIT */
/*
 * Two routers, one Redis, and everything that can come between them.
 *
 * The question is whether commit, lease, fence and recovery, as router/act/session.c, lease.c, cycle.c, intake.c and the
 * Lua scripts do them, keep their promises in every order of events; not whether the C code does what this model says,
 * which the tests on real processes show. spin walks through all states within the bounds below.
 *
 * What is here, step by step as in the program:
 *   - The scripts are atomic, as in Redis: lease_take (lease, epoch and marker in one), snapshot, commit with all that
 *     it compares. A read with `>`, the read of what is pending, a claim of strays and an ACK are one step each.
 *   - A router asks for the lease, settles by the marker what it had sent and heard nothing of, reads what is pending,
 *     then fills its window with news and strays, and decides: snapshot, plan, commit, and again when the world moved.
 *   - A command that writes can get lost: it never arrives; it runs and its answer is lost; it is held up, the router
 *     reconnects and goes on, and it runs later. In each case the router may die instead of reconnecting. A loss takes
 *     both connections and all memory but the unsettled commit and how far the commits had come; a death takes these
 *     too. A new process may take over the lease of its own instance at its first question.
 *   - The lease runs out at any moment, also under a holder that lives and believes in it: that is the stopped process,
 *     the pause of Redis, the frozen link. Between any two steps of a router may lie any steps of the others.
 *   - The executor takes intents out of flight and opens orders; orders are closed; others are opened by hand.
 *   - The first signal is of a symbol that somebody else may open, close, or put in flight, while the counts of all that
 *     is open and in flight stand still.
 *   - Each commit leaves its record, but for one to which something stands in the way. What the marker cannot say of an
 *     unsettled commit the records are asked.
 *   - With ROLLBACK, another server takes Redis' place once, with an older state of all it holds: a replica that lagged, or
 *     the same one with its last seconds gone. What was held up may still arrive there, and any router may have died with
 *     the old one. Nobody resumes.
 *     With FLUSH it loses everything once, the capacity too.
 *
 * What is left out, and why that is sound:
 *   - Time. What may expire may do so at any moment, and so may what is held back become stale. That marks outlive the
 *     signals they guard is a rule of the settings, so marks do not expire here. Written before a new server was first seen
 *     is here what any router has been given until then: the least that it can be.
 *   - Score, rank, sizes, supers: it matters how many signals are chosen, not which. Safe mode, the day and the daily
 *     counter are compared in the commit just as the open orders are.
 *   - All symbols but one, and what the router's own intents make of that one: its own are marked, and move the counts.
 *   - The time between a command and its answer: only the router sees its own memory, so a step of somebody else in
 *     between is the same as one before or after.
 *   - Pages: what is pending is read in one step. The fence is up by then, so nobody else takes from it; what a late
 *     read adds is a stray, however the pages fall.
 *   - Records on another server, or behind a loss: there they say nothing of what is not found in them.
 *   - A full window, whose lowest ranked are ACKed early. Such an ACK, held up, can run after its signal was read
 *     again: then Redis' books call it outranked first, and perhaps published after. Once, still.
 *
 * The claims are the inlines below that assert, each by the name of what it rules out; and STUCK, that when nothing
 * moves any more all signals are settled. A claim that cannot fail proves nothing. So tests/model/run also takes one part of the protocol out at a time,
 * by a macro, and spin must find the property broken that is named there; and with REACH it asks whether what the proof
 * is about can happen here at all.
 *
 * What it taught:
 *   - Token and epoch are written by one script, so either refuses what the other refuses, and both together what the
 *     sequence refuses, for as long as Redis does not forget. Only when Redis comes back with an older state of the same
 *     epoch does the sequence alone tell it from the one that a held-up commit was decided on.
 *   - Who made the last commit that a new server shows, and could not lose its lease since, knows that nothing is gone.
 *     Nobody else does: not who only saw that sequence, for more may have followed; and not who made that commit and
 *     whose lease has run out, for another may have committed since, unseen, and died. One thing it cannot know is whether
 *     a commit ran whose answer got lost together with the server: `excused` exempts that one, which is decided again, by it
 *     or by the one who leads there next.
 *   - When a new server was first seen must be kept in Redis: by then it is the last commit's server for the one who comes next.
 *   - The marker remembers one commit. Once another router has committed too, only the records can tell whether an
 *     unsettled one ran; and where a commit may leave none, a router must not say of one without that it did not run.
 *   - The marks are written before the intents. So an intent that is refused after its mark was set is lost, and the
 *     commit must know beforehand that it will not be.
 */

#ifndef SIGNALS
#define SIGNALS 2
#endif
#ifndef LOSSES /* commands that get lost, in whichever way */
#define LOSSES 2
#endif
#ifndef EXPIRIES /* of a lease that somebody lives by */
#define EXPIRIES 1
#endif
#ifndef MOVES /* of the open orders */
#define MOVES 1
#endif
#ifndef SKIPS /* commits that leave no record */
#define SKIPS 1
#endif
#ifndef CAP
#define CAP 2
#endif
#ifndef BURST
#define BURST 1
#endif

#define BIT(n) (1 << (n))
#define ALL (BIT(SIGNALS) - 1)
#define COUNT(set) (((set) & 1) + (((set) >> 1) & 1) + (((set) >> 2) & 1))

/* Of three signals the second is not fit to be traded, and the third is the first one, sent again. */
#if SIGNALS > 2
#define BAD BIT(1)
#define AGAIN BIT(2)
#else
#define BAD 0
#define AGAIN 0
#endif
#define DECISIONS(signals) (((signals) & ~AGAIN) | (((signals) & AGAIN) -> 1 : 0))
#define SIGNALS_OF(decisions) ((decisions) | (((decisions) & 1) -> AGAIN : 0))

#define UNKNOWN 15 /* open orders, when the key is missing */

#define IN_HASH   1 /* its symbol is among those that the execution side says are held */
#define IN_FLIGHT 2 /* an intent for it is under way */
#define OF_SYMBOL BIT(0)

/* --- what Redis holds; sets are bit masks */

typedef Redis {
    byte epoch;    /* of the commit hash; 0: there is none */
    byte origin;
    byte seq;
    byte cycle;    /* the marker: the epoch of the last commit; seq makes it the cycle's id */
    byte leader;   /* the token in the lease; 0: nobody */
    bit instance;  /* whose it is */
    byte given;    /* how many signals were delivered, in their order */
    byte pending;
    byte marks;    /* of decisions */
    byte open;
    byte flight;
    byte held;     /* the first signal's symbol: IN_HASH, IN_FLIGHT */
    bit home;      /* the server that it was written on, or found to be whole on */
    bit sighted;   /* another one was seen since; */
    byte seen;     /* and these signals had been written by then */
    byte older;    /* those are held back */
    byte stamp     /* a ghost: tells two histories of commits apart that have come to the same sequence */
};

Redis redis;

#ifdef ROLLBACK
Redis saved;
bit is_saved, is_older;
#define COPY(to, from) \
    to.epoch = from.epoch; to.origin = from.origin; to.seq = from.seq; to.cycle = from.cycle; \
    to.leader = from.leader; to.instance = from.instance; to.given = from.given; to.pending = from.pending; \
    to.marks = from.marks; to.open = from.open; to.flight = from.flight; to.held = from.held; to.stamp = from.stamp; \
    to.home = from.home; to.sighted = from.sighted; to.seen = from.seen; to.older = from.older
#define IS_OLDER is_older
#else
#define IS_OLDER false
#endif

#ifdef FLUSH
bit is_flushed;
#define IS_FLUSHED is_flushed
#else
#define IS_FLUSHED false
#endif

/* The stream of records, by the sequence of their commits: the epoch of each. Each commit settles a signal. */
#if !defined(ROLLBACK) && !defined(FLUSH)
#define RECORDS
#define LAST_RECORD (SIGNALS + 2)
byte record[LAST_RECORD + 1];
byte skips = SKIPS;
#define RECORD_OF(s) record[s]
#else
#define RECORD_OF(s) 0
#endif

/* --- a command that was held up on its way */

mtype = { NOTHING, TAKE, READ, COMMIT };

typedef Late {
    mtype what = NOTHING;
    bit who;
    bit first;     /* TAKE: nobody has answered that process yet */
    bit given_up;  /* COMMIT, a ghost: its router was told that it did not run */
    byte token;    /* asked for, or committed under */
    byte last;     /* TAKE: the last lease that was ours */
    byte seq;      /* COMMIT: the world as the decision saw it, and the decision */
    byte stamp;
    byte open;
    byte flight;
    byte batch;
    byte chosen
};

Late late;

/* --- what is left of the bounds, and what is drawn */

byte losses = LOSSES, expiries = EXPIRIES, moves = MOVES;
byte tokens, stamps;

/* --- the server itself */

bit server;      /* which one answers */
byte ever_given; /* of the signals, by any of the two */
byte stale;      /* signals, of those that are held back */

/* --- the routers as others must know them */

byte session[2];   /* the token that a live one believes in; 0: none */
bit is_cut[2];     /* Redis went away under it, and it has not noticed */
byte unsettled[2]; /* the epoch of a commit that it has not heard of; 0: none */
byte unsettled_seq[2];
bit ran_out[2];    /* its lease did, as its own clock tells too */

/* --- the books, which nobody in the system sees */

byte published;   /* decisions */
byte passed_over; /* signals settled without an intent, with a reason */
bit has_run[2];   /* whether the unsettled commit ran */
byte doubted[2];  /* decisions of a commit that ran, and whose router lives and has not heard of it; */
byte excused;     /* the same once that router has taken another server to be whole: the one who leads there decides them again */

/* Always false: with one of these names spin tells which claim broke. */
hidden byte TWICE, LOST, UNFENCED, RESETTLED, OVER, HELD, LIED, UNRECORDED, STUCK;
hidden byte REACHED;

/* tests/model/run asks of each of these whether spin came by. */
#define REACHES(number) REACHED = number

/* TWICE: no decision is published twice, also where Redis has forgotten the first time; but by a commit that was held up
 * on the way to a server that has died, or that nobody heard of. */
inline never_twice(decisions, is_late)
{
    assert(TWICE || ((IS_OLDER && (is_late)) || (published & (decisions) & ~excused) == 0))
}

/* LOST: what is neither undelivered nor pending is published, or was passed over; and a mark, which is a reason to pass a
 * signal over, stands for an intent. Asked when nothing moves. */
inline nothing_is_lost()
{
    assert(LOST || (((BIT(redis.given) - 1) & ~redis.pending & ~(SIGNALS_OF(published) | passed_over)) == 0));
    assert(LOST || ((redis.marks & ~published) == 0))
}

/* UNFENCED: a commit runs under the lease and the epoch that are in force, on the state that it was decided on. */
inline only_behind_the_fence(commit_token, commit_stamp)
{
    assert(UNFENCED || (redis.leader == (commit_token) && redis.epoch == (commit_token)));
    assert(UNFENCED || (redis.stamp == (commit_stamp)))
}

/* RESETTLED: what is settled is not settled again: the whole batch is pending when its commit runs. An older Redis may have
 * forgotten that it gave the signals; then it gives them again, and finds them marked. */
inline only_once(commit_batch)
{
    assert(RESETTLED || IS_OLDER || ((commit_batch) & ~redis.pending) == 0)
}

/* OVER: the cap. */
inline never_more(count)
{
    assert(OVER || ((count) == 0 || redis.open + redis.flight + (count) <= CAP))
}

/* HELD: whose symbol is held or in flight is not published. */
inline never_held(commit_chosen)
{
    assert(HELD || ((commit_chosen) & OF_SYMBOL) == 0 || redis.held == 0)
}

/* LIED: a router that is told what became of its commit is told the truth, and it stays true. */
inline told_the_truth(says_ran, says_not)
{
    assert(LIED || (IS_OLDER || IS_FLUSHED || (!((says_ran) && !has_run[me]) && !((says_not) && has_run[me]))))
}

/* UNRECORDED: each commit has its record, unless something stood in the way of that, and no record is without its commit.
 * Asked when nothing moves. */
inline all_is_recorded()
{
#ifdef RECORDS
    d_step {
        count = 0;
        number = 1;
        do
        :: number <= LAST_RECORD ->
            assert(UNRECORDED || record[number] == 0 || number <= redis.seq);
            count = count + (record[number] != 0);
            number++
        :: else -> break
        od;
        assert(UNRECORDED || count + SKIPS - skips == redis.seq)
    }
#else
    skip
#endif
}

/* --- what a mutant leaves out */

#ifdef NO_EPOCH
#define SAME_EPOCH(token) true
#else
#define SAME_EPOCH(token) (redis.epoch == (token))
#endif
#ifdef NO_LEASE
#define SAME_LEASE(token) true
#else
#define SAME_LEASE(token) (redis.leader == (token))
#endif
#ifdef NO_SEQUENCE
#define SAME_SEQUENCE(s) true
#else
#define SAME_SEQUENCE(s) (redis.seq == (s))
#endif
#ifdef NO_OPEN_ORDERS
#define SAME_OPEN(o) true
#else
#define SAME_OPEN(o) (redis.open == (o))
#endif
#ifdef NO_MARKS
#define MARKED(decisions) false
#else
#define MARKED(decisions) ((redis.marks & (decisions)) != 0)
#endif
#ifdef NO_FLIGHT
#define FLIGHT 0
#else
#define FLIGHT redis.flight
#endif
/* Of what is held the commit compares what was chosen, and that was not held when it was. */
#if defined(NO_POSITIONS)
#define IS_HELD_SINCE (redis.held & IN_FLIGHT)
#elif defined(NO_APPENDED)
#define IS_HELD_SINCE (redis.held & IN_HASH)
#else
#define IS_HELD_SINCE redis.held
#endif

/* --- the scripts */

#define IS_FREE(router_is, last_token, is_first) \
    (redis.leader == 0 || redis.leader == (last_token) || ((is_first) && redis.instance == (router_is)))

/* lease_take.lua, free or held: whether this is the server that the commit hash was written on. */
inline look_who_answers()
{
    if
    :: redis.origin != 0 && redis.home != server && !redis.sighted ->
        redis.sighted = 1;
        redis.seen = BIT(ever_given) - 1
    :: else
    fi
}

#ifdef SIGHT_IS_NOT_KEPT
#define OLDER (is_unsure -> redis.older : 0)
#elif defined(NO_SIGHT)
#define OLDER 0
#else
#define OLDER redis.older
#endif

/* lease_take.lua, where it is free. */
inline take(taker, new_token, is_certain)
{
    look_who_answers();
    if
    :: redis.origin != 0 && redis.home != server && !(is_certain) -> redis.older = redis.seen
    :: redis.origin != 0 && redis.home != server && is_certain -> excused = doubted[taker]; doubted[taker] = 0
    :: else
    fi;
    redis.home = server;
    ran_out[taker] = 0;
    redis.leader = new_token;
    redis.instance = taker;
#ifdef ONE_EPOCH
    redis.epoch = 1;
#else
    redis.epoch = new_token;
#endif
    redis.origin = (redis.origin -> redis.origin : new_token)
}

/* commit.lua: what it compares first, and the writes. */
#define IS_FENCED(token, s) \
    (redis.epoch == 0 || !SAME_EPOCH(token) || !SAME_LEASE(token) || !SAME_SEQUENCE(s))
#define HAS_MOVED(o, f, commit_chosen) \
    (!SAME_OPEN(o) || ((commit_chosen) && (FLIGHT > (f) || MARKED(DECISIONS(commit_chosen)))) || \
     (((commit_chosen) & OF_SYMBOL) && IS_HELD_SINCE))
#define PASSES(token, s, o, f, commit_chosen) (!IS_FENCED(token, s) && !HAS_MOVED(o, f, commit_chosen))

/* Whatever stands in the way of it is in nobody else's. */
inline leave_record(number, commit_token)
{
#ifdef RECORDS
    if
    :: record[number] = commit_token
    :: skips > 0 -> skips--
    fi
#else
    skip
#endif
}

inline write(committer, commit_token, commit_seq, commit_stamp, commit_batch, commit_chosen, is_late)
{
    only_behind_the_fence(commit_token, commit_stamp);
#ifndef ACK_FIRST
    only_once(commit_batch);
#endif
    never_more(COUNT(commit_chosen));
    never_held(commit_chosen);
    never_twice(DECISIONS(commit_chosen), is_late);
    redis.marks = redis.marks | DECISIONS(commit_chosen);
    redis.flight = redis.flight + COUNT(commit_chosen);
    redis.seq = redis.seq + 1;
    redis.cycle = commit_token;
#if !defined(RECORD_BEHIND) && !defined(RECORD_FIRST)
    leave_record(redis.seq, commit_token);
#endif
    redis.pending = redis.pending & ~(commit_batch);
    stamps++;
    redis.stamp = stamps;
    published = published | DECISIONS(commit_chosen);
    passed_over = passed_over | ((commit_batch) & ~(commit_chosen));
    if
    :: unsettled[committer] == (commit_token) && unsettled_seq[committer] == (commit_seq) -> has_run[committer] = 1
    :: else
    fi
}

inline doubt(committer, commit_chosen)
{
#ifdef ROLLBACK
    doubted[committer] = doubted[committer] | DECISIONS(commit_chosen)
#else
    skip
#endif
}

inline deliver()
{
    redis.pending = redis.pending | BIT(redis.given);
    redis.given++;
#ifdef ROLLBACK
    ever_given = (redis.given > ever_given -> redis.given : ever_given)
#endif
}

/* --- a router */

#define MAY_BE_HELD_UP (losses > 0 && late.what == NOTHING)

inline forget_decision()
{
    cycle = 0; chosen = 0; seq = 0; stamp = 0; open = 0; flight = 0
}

inline settle()
{
    unsettled[me] = 0; unsettled_seq[me] = 0; has_run[me] = 0
}

/* Both connections are gone, and with them all memory but that of a commit on its way. */
inline lose()
{
    session[me] = 0; is_cut[me] = 0;
    token = 0; window = 0; drops = 0;
    forget_decision()
}

/* The process ends, and another one begins. */
inline die()
{
    settle();
    last = 0; first = 1; known = 0; known_origin = 0; is_behind = 0;
    made = 0; made_seq = 0; is_unsure = 0; doubted[me] = 0
}

/* The server went away under it, and it may have gone with it. */
inline lose_with_server()
{
    lose();
    if
    :: true
    :: IS_OLDER -> die()
    fi
}

/* A command got lost on its way. */
inline lose_or_die()
{
    losses--;
    lose();
    if
    :: true
    :: die()
    fi
}

/* That this is the whole of it: the last commit is one's own, and nobody can have made one since. */
#define IS_LAST(cycle_is, seq_is) ((cycle_is) != 0 && redis.cycle == (cycle_is) && redis.seq == (seq_is))
#define IS_OWN (IS_LAST(made, made_seq) || IS_LAST(unsettled[me], unsettled_seq[me] + 1))
#if defined(MEMORY_OF_ANYBODY)
#define IS_CERTAIN (known != 0 && redis.seq == known && redis.origin == known_origin)
#elif defined(MEMORY_OF_THE_DEPOSED)
#define IS_CERTAIN IS_OWN
#else
#define IS_CERTAIN (IS_OWN && !ran_out[me])
#endif

#define IS_NAMED (redis.cycle == unsettled[me] && redis.seq == unsettled_seq[me] + 1)
#if defined(NO_MARKER)
#define SAYS_RAN false
#define SAYS_NOT true
#elif defined(SURE_OF_MARKER)
#define SAYS_RAN IS_NAMED
#define SAYS_NOT !IS_NAMED
#else
#define IN_ITS_PLACE RECORD_OF(unsettled_seq[me] + 1)
#define MARKER_SAYS_NOT (!IS_NAMED && (redis.seq == unsettled_seq[me] || redis.seq == unsettled_seq[me] + 1))
#define SAYS_RAN (IS_NAMED || IN_ITS_PLACE == unsettled[me])
#ifdef SURE_OF_RECORDS
#define SAYS_NOT (!SAYS_RAN && (MARKER_SAYS_NOT || IN_ITS_PLACE != unsettled[me]))
#else
#define SAYS_NOT (!SAYS_RAN && (MARKER_SAYS_NOT || IN_ITS_PLACE != 0))
#endif
#endif

/* What the marker says: of the commit that is unsettled, and of what Redis has forgotten. */
inline read_marker()
{
    if
    :: unsettled[me] != 0 ->
        told_the_truth(SAYS_RAN, SAYS_NOT);
        if
        :: IS_NAMED -> REACHES(3)
        :: SAYS_RAN && !IS_NAMED -> REACHES(11)
        :: SAYS_NOT && redis.seq <= unsettled_seq[me] + 1 -> REACHES(4)
        :: SAYS_NOT && redis.seq > unsettled_seq[me] + 1 -> REACHES(12)
        :: else -> REACHES(5)
        fi;
        late.given_up = (late.what == COMMIT && late.who == me);
        settle()
    :: else
    fi;
    if
    :: known_origin == redis.origin && redis.seq < known -> is_behind = 1
    :: else -> known = (is_behind -> known : redis.seq)
    fi;
    known_origin = redis.origin
}

/* Without another server nobody asks. */
inline note_made()
{
#ifdef ROLLBACK
    made = token; made_seq = redis.seq
#else
    skip
#endif
}

/* What was written before a server was first seen that may lack the past, until it is stale. Where loss is known, nobody is
 * chosen anyway. */
#define HELD_BACK (is_behind -> 0 : (OLDER & ~stale))

/* Down the ranks, which are the order of the signals: who is no duplicate, and not held, takes a place while there is one. */
inline plan()
{
    allowed = (redis.open + FLIGHT >= CAP -> 0 : CAP - redis.open - FLIGHT);
    allowed = (allowed > BURST -> BURST : allowed);
#ifndef NO_HISTORY
    allowed = (is_behind -> 0 : allowed);
#endif
    i = 0;
    do
    :: i < SIGNALS ->
        if
        :: (cycle & BIT(i) & ~stale) && allowed > 0 && !MARKED(DECISIONS(BIT(i))) &&
           !((BIT(i) & OF_SYMBOL) && redis.held) && (DECISIONS(chosen) & DECISIONS(BIT(i))) == 0 ->
            chosen = chosen | BIT(i);
            allowed--
        :: else
        fi;
        i++
    :: else -> break
    od;
    i = 0; allowed = 0
}

proctype Router(bit me)
{
    byte token;        /* of this session: lease and epoch */
    byte last;         /* the last lease that was ours */
    bit first = 1;     /* nobody has answered this process yet */
    byte known;        /* how far the commits had come */
    byte known_origin;
    bit is_behind;     /* Redis is, that is */
    byte made;         /* its own last commit that it heard of */
    byte made_seq;
    bit is_unsure;     /* it was the one who saw another server */
    byte window, drops, cycle, chosen;
    byte seq, stamp, open, flight;
    byte i, allowed;

end_ask:
#ifdef FENCE_AFTER_READ
    atomic {
        IS_FREE(me, last, first) ->
        window = redis.pending & ~BAD;
        drops = redis.pending & BAD
    };
end_take:
#endif
    atomic {
        if
        :: IS_FREE(me, last, first) ->
            tokens++;
            token = tokens;
            is_unsure = (redis.origin != 0 && redis.home != server && !IS_CERTAIN);
            if
            :: redis.home != server && IS_CERTAIN -> REACHES(13)
            :: is_unsure -> REACHES(14)
            :: else
            fi;
            take(me, token, IS_CERTAIN);
            session[me] = token;
            last = token;
            first = 0;
            if
            :: session[1 - me] != 0 -> REACHES(6)
            :: else
            fi;
            read_marker();
#ifdef FENCE_AFTER_READ
            goto end_run
#else
            goto recover
#endif
        :: !IS_FREE(me, last, first) && first -> first = 0; goto end_ask
        :: !IS_FREE(me, last, first) && redis.origin != 0 && redis.home != server && !redis.sighted ->
            look_who_answers();
            goto end_ask
        :: losses > 0 && IS_FREE(me, last, first) ->
            tokens++;
            take(me, tokens, IS_CERTAIN);
            lose_or_die();
            goto end_ask
        :: MAY_BE_HELD_UP ->
            tokens++;
            late.what = TAKE; late.who = me; late.token = tokens; late.last = last; late.first = first;
            lose_or_die();
            goto end_ask
        fi
    };

recover:
    atomic {
        if
        :: is_cut[me] -> lose_with_server(); goto end_ask
        :: !is_cut[me] ->
            window = redis.pending & ~BAD;
            drops = redis.pending & BAD;
            goto end_run
        :: losses > 0 -> lose_or_die(); goto end_ask
        fi
    };

end_run:
    atomic {
        if
        :: is_cut[me] -> lose_with_server(); goto end_ask
        :: !is_cut[me] && redis.leader != token -> lose(); goto end_ask /* the renewal says so */

        :: !is_cut[me] && redis.given < SIGNALS ->
            if
            :: window = window | (BIT(redis.given) & ~BAD);
                drops = drops | (BIT(redis.given) & BAD);
                deliver();
                goto end_run
            :: losses > 0 -> deliver(); lose_or_die(); goto end_ask
            :: MAY_BE_HELD_UP -> late.what = READ; late.who = me; lose_or_die(); goto end_ask
            fi

#ifndef NO_STRAYS
        :: !is_cut[me] && (redis.pending & ~(window | drops)) ->
            REACHES(8);
            drops = drops | (redis.pending & BAD);
            window = window | (redis.pending & ~BAD);
            goto end_run
#endif

        :: !is_cut[me] && drops ->
            redis.pending = redis.pending & ~drops;
            passed_over = passed_over | drops;
            if
            :: drops = 0; goto end_run
            :: losses > 0 -> lose_or_die(); goto end_ask
            fi

        :: !is_cut[me] && (window & ~HELD_BACK) ->
            if
            :: window & HELD_BACK -> REACHES(15)
            :: else
            fi;
            cycle = window & ~HELD_BACK;
            window = window & HELD_BACK;
            goto look
        fi
    };

look:
    atomic {
        chosen = 0;
        if
        :: is_cut[me] -> lose_with_server(); goto end_ask
        :: !is_cut[me] && redis.epoch != token -> lose(); goto end_ask
        :: !is_cut[me] && redis.epoch == token ->
            seq = redis.seq; stamp = redis.stamp; open = redis.open; flight = FLIGHT;
            plan()
        :: losses > 0 -> lose_or_die(); goto end_ask
        fi
    };

#ifdef ACK_FIRST
    atomic { !is_cut[me] -> redis.pending = redis.pending & ~cycle };
#endif

#ifdef RECORD_FIRST
    atomic { !is_cut[me] -> leave_record(seq + 1, token) };
#endif

    atomic {
        if
        :: is_cut[me] -> lose_with_server(); goto end_ask
        :: else -> unsettled[me] = token; unsettled_seq[me] = seq
        fi;
        if
        :: IS_FENCED(token, seq) -> settle(); lose(); goto end_ask
        :: !IS_FENCED(token, seq) && HAS_MOVED(open, flight, chosen) ->
            REACHES(7);
            if
            :: SAME_OPEN(open) && FLIGHT <= flight && !MARKED(DECISIONS(chosen)) -> REACHES(10)
            :: else
            fi;
            settle();
            goto look
        :: PASSES(token, seq, open, flight, chosen) ->
            assert(UNFENCED || (chosen == 0 || known <= redis.seq));
            write(me, token, seq, stamp, cycle, chosen, false);
#ifdef RECORD_BEHIND
            leave_record(redis.seq, token);
#endif
            settle();
            note_made();
            known = (is_behind -> known : redis.seq);
            forget_decision();
            goto end_run

        :: losses > 0 -> lose_or_die(); goto end_ask
        :: losses > 0 && PASSES(token, seq, open, flight, chosen) ->
            write(me, token, seq, stamp, cycle, chosen, false);
            doubt(me, chosen);
            lose_or_die();
            goto end_ask
        :: MAY_BE_HELD_UP ->
            late.what = COMMIT; late.who = me; late.token = token; late.seq = seq; late.stamp = stamp;
            late.open = open; late.flight = flight; late.batch = cycle; late.chosen = chosen;
            lose_or_die();
            goto end_ask
#ifdef REFUSED_MIDWAY
        :: losses > 0 && PASSES(token, seq, open, flight, chosen) && chosen ->
            losses--;
            redis.marks = redis.marks | DECISIONS(chosen);
            settle();
            window = window | cycle;
            forget_decision();
            goto end_run
#endif
        fi
    }
}

/* --- everything else */

inline arrive()
{
    if
    :: late.what == TAKE && IS_FREE(late.who, late.last, late.first) ->
        take(late.who, late.token, false)
    :: late.what == READ && redis.given < SIGNALS -> deliver()
    :: late.what == COMMIT && PASSES(late.token, late.seq, late.open, late.flight, late.chosen) ->
        assert(LIED || IS_OLDER || !late.given_up);
        REACHES(1);
        write(late.who, late.token, late.seq, late.stamp, late.batch, late.chosen, true);
        doubt(late.who, late.chosen)
    :: late.what == COMMIT && IS_FENCED(late.token, late.seq) -> REACHES(2)
    :: else
    fi;
    late.what = NOTHING; late.who = 0; late.first = 0; late.given_up = 0; late.token = 0; late.last = 0;
    late.seq = 0; late.stamp = 0; late.open = 0; late.flight = 0; late.batch = 0; late.chosen = 0
}

#define IS_LIVED_BY (redis.leader == session[0] || redis.leader == session[1])

inline run_out()
{
#ifdef ROLLBACK
    ran_out[redis.instance] = 1;
#endif
    redis.leader = 0;
    redis.instance = 0
}

proctype World()
{
end:
    do
    :: atomic { late.what != NOTHING -> arrive() }

    :: atomic { redis.leader != 0 && !IS_LIVED_BY -> run_out() }
    :: atomic { redis.leader != 0 && IS_LIVED_BY && expiries > 0 -> expiries--; run_out() }

    :: atomic { moves > 0 && redis.open != UNKNOWN && redis.flight > 0 -> moves--; redis.flight--; redis.open++ }
    :: atomic { moves > 0 && redis.open != UNKNOWN && redis.open > 0 -> moves--; redis.open-- }
    :: atomic { moves > 0 && redis.open != UNKNOWN && redis.open < CAP -> moves--; redis.open++ }

    /* One closes while another opens; an intent is appended while another comes to its end. */
    :: atomic { moves > 0 -> moves--; redis.held = redis.held ^ IN_HASH }
    :: atomic { moves > 0 -> moves--; redis.held = redis.held ^ IN_FLIGHT }

#ifdef ROLLBACK
    :: atomic { !is_saved && redis.origin != 0 -> is_saved = 1; COPY(saved, redis) }
    :: atomic { is_saved && !is_older ->
            is_older = 1; server = 1; COPY(redis, saved); is_cut[0] = (session[0] != 0); is_cut[1] = (session[1] != 0) }
#endif
    :: atomic { redis.older & ~stale -> stale = stale | redis.older }
#ifdef FLUSH
    /* What was pending is gone by somebody's will; later signals are written after it. */
    :: atomic { !is_flushed ->
            is_flushed = 1;
            passed_over = passed_over | redis.pending;
            redis.epoch = 0; redis.origin = 0; redis.seq = 0; redis.cycle = 0; redis.leader = 0; redis.instance = 0;
            redis.pending = 0; redis.marks = 0; redis.open = UNKNOWN; redis.flight = 0; redis.held = 0; redis.stamp = 0;
            redis.home = 0; redis.sighted = 0; redis.seen = 0; redis.older = 0 }
    :: atomic { redis.open == UNKNOWN -> redis.open = 0 }
#endif

    /* From now on nothing goes wrong any more. */
    :: atomic { losses > 0 || expiries > 0 || moves > 0 -> losses = 0; expiries = 0; moves = 0 }
    od
}

init
{
    byte number, count;

    atomic { run Router(0); run Router(1); run World() };
    timeout ->
    nothing_is_lost();
    all_is_recorded();
    assert(STUCK || (redis.given == SIGNALS && redis.pending == 0));
    if
    :: published == DECISIONS(ALL & ~BAD) -> REACHES(9)
    :: else
    fi
}
