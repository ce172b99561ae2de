/* SPDX-License-Identifier: MIT */
/*
 * Two servers, three Sentinels, and an executor that follows what they say.
 *
 * The question is whether the way to a server (common/redis/search.c, route.c, link.c), the two connections of a program
 * (common/service/service_links.c) and the wait for replicas (executor/act/replicas.c) keep their promises in every order of
 * events, also while two masters are alive. What a server that lacks its last commits means to routers is in router.pml.
 *
 * What is here:
 *   - Server 0 is the master, and what it has gets to server 1 now and then, all of it at once, until they are parted. Server 1
 *     is promoted at any moment. The other one takes writes for as long as nobody tells it; healed, it becomes a replica and
 *     has what the new master has, and nothing else.
 *   - Two Sentinels agree on the failover when it happens. The third learns it later, or never, or lies all the time.
 *   - Each connection of the executor asks for itself. What it finds must be a master, and both must be one server.
 *   - Routers publish on any server that takes writes. An intent is read, begun, waited for, executed.
 *
 * What is left out: time, marks and doubts, of which router.pml has more; more than one failover; a majority of Sentinels that
 * lies, against which nothing helps.
 */

#define INTENTS 3 /* bits */
#define TAKES_WRITES(n) (is_master[n])

typedef Server {
    byte intents;
    byte begun
};

Server server[2];
bit is_master[2];
bit is_parted, is_promoted, is_healed;
bit heals; /* whether it ever will */
bit word[3];
bit liar; /* whether the third is one */

#define MOST ((word[0] + word[1] + word[2]) >= 2)

bit reader, worker, is_up;
byte hand, executed; /* sets of intents */
mtype = { NOTHING, READ, BEGUN, WAITED };
mtype step = NOTHING;

/* Always false: with one of these names spin tells which claim broke. */
hidden byte GHOST, TORN, MISLED, STUCK;

/* GHOST: what was executed is known to the server that leads from the failover on. */
inline no_ghost()
{
    assert(GHOST || !is_promoted || (executed & ~server[1].intents) == 0)
}

#define COPY(to, from) server[to].intents = server[from].intents; server[to].begun = server[from].begun

active proctype world()
{
    byte left = INTENTS;

    atomic {
        is_master[0] = 1;
        if :: liar = 1; word[2] = 1 :: liar = 0 fi;
        if :: heals = 1 :: heals = 0 fi
    }
    do
    :: atomic { left & 1 && TAKES_WRITES(0) -> server[0].intents = server[0].intents | 1; left = left & ~1 }
    :: atomic { left & 2 && TAKES_WRITES(0) -> server[0].intents = server[0].intents | 2; left = left & ~2 }
    :: atomic { left & 2 && TAKES_WRITES(1) -> server[1].intents = server[1].intents | 2; left = left & ~2 }
    :: atomic { !is_parted && !is_promoted && (server[1].intents != server[0].intents || server[1].begun != server[0].begun) -> COPY(1, 0) }
    :: atomic { is_healed && (server[0].intents != server[1].intents || server[0].begun != server[1].begun) -> COPY(0, 1) }
    :: atomic { !is_parted && !is_promoted -> is_parted = 1 }
    :: atomic { !is_promoted -> is_promoted = 1; is_master[1] = 1; word[0] = 1; word[1] = 1; no_ghost() }
    :: atomic { is_promoted && !liar && word[2] == 0 -> word[2] = 1 }
    :: atomic { is_promoted && heals && !is_healed ->
        is_healed = 1; is_parted = 0; is_master[0] = 0; COPY(0, 1);
        if :: is_up && worker == 0 -> is_up = 0; hand = 0; step = NOTHING :: else fi
    }
    :: atomic { timeout ->
        assert(STUCK || (is_up && worker == MOST));
        break
    }
    od
}

/* Each connection asks for itself. */
inline find(found)
{
#ifdef FIRST_ANSWER
    if :: found = word[0] :: found = word[1] :: found = word[2] fi;
#else
    found = MOST;
#endif
    assert(MISLED || found == MOST)
}

#ifdef NO_RUN_ID
#define ARE_ONE true
#else
#define ARE_ONE (reader == worker)
#endif

/* The beginning, and all before it, is where it is needed. */
#ifdef NO_WAIT
#define HAS_REPLICA true
#else
#define HAS_REPLICA ((worker == 0 && !is_promoted || worker == 1 && is_healed) && \
                     (server[1 - worker].intents & hand) == hand && (server[1 - worker].begun & hand) == hand)
#endif

inline drop() { is_up = 0; hand = 0; step = NOTHING }

active proctype executor()
{
    bit at_reader, at_worker;

end:
    do
    :: !is_up ->
        atomic { find(at_reader) };
        atomic { find(at_worker) };
        atomic {
            reader = at_reader;
            worker = at_worker;
            if
            :: is_master[reader] && is_master[worker] && ARE_ONE -> is_up = 1
            :: else
            fi
        }
#ifndef NO_LOOK
    :: atomic { is_up && worker != MOST -> drop() }
#endif
    :: atomic { is_up && step == NOTHING && (server[reader].intents & 1 & ~executed) -> hand = 1; step = READ }
    :: atomic { is_up && step == NOTHING && (server[reader].intents & 2 & ~executed) -> hand = 2; step = READ }
    :: atomic { is_up && step == READ ->
        assert(TORN || reader == worker);
        server[worker].begun = server[worker].begun | hand;
        step = BEGUN
    }
    :: atomic { is_up && step == BEGUN && HAS_REPLICA -> step = WAITED }
    :: atomic { is_up && step == WAITED ->
        executed = executed | hand;
        no_ghost();
        hand = 0;
        step = NOTHING
    }
    od
}
