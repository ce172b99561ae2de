"""kill -9 at random instants under flow: no intent twice, nothing lost, and the books agree."""

import os
import random
import time
from collections import Counter

import pytest

from harness.names import COMMIT, DEDUP
from harness.signals import document, signal
from harness.waiting import FULL, SLOWNESS

KILLS = 200 if FULL else 14
SEED = int(os.environ.get("QUANTUM_SEED") or random.randrange(1 << 32))


def make_signal(chance, number):
    """Mostly good ones with an id of their own; some again, some weak, some broken."""
    kind = chance.random()
    uid = f"uid-{number}"
    if kind < 0.1 and number > 20:
        uid = f"uid-{chance.randrange(number - 20, number)}"
    if kind > 0.97:
        return {"symbol": "BTCUSDT", "correlation_id": f"broken-{number}"}
    if kind > 0.92:
        return signal("BTCUSDT", "BUY", 0.5, correlation_id=f"weak-{number}")
    symbol = f"COIN{chance.randrange(500)}"
    confidence = round(chance.uniform(0.75, 1), 3)
    if kind > 0.6:
        return document(symbol, "SELL", confidence, beside={"correlation_id": uid})
    return signal(symbol, "BUY", confidence, correlation_id=uid)


def kill_in_a_loop(rig, chance, flags, env):
    """Each router lives a random while, and Redis' open orders move meanwhile."""
    for number in range(KILLS):
        router = rig.start_router(*flags, **env)
        # A time and not an event: the instant is meant to be anywhere.
        time.sleep(chance.uniform(0.0, 0.45) * SLOWNESS)
        rig.set_open(number % 2)
        router.kill()


def run(rig, flags, env):
    print(f"QUANTUM_SEED={SEED}")
    chance = random.Random(SEED)
    written = random.Random(SEED + 1)
    rig.set_open(0)
    # No more at once than one cycle may publish, or some would rightly be outranked.
    def hold():
        return rig.backlog() > 500

    with rig.feed(lambda number: make_signal(written, number), hold=hold) as feeder:
        kill_in_a_loop(rig, chance, flags, env)
    rig.start_router(*flags, **env)
    rig.expect_drained()
    assert feeder.confirmed == feeder.attempted
    return [fields["correlation_id"] for fields in feeder.confirmed]


def check_the_books(rig, intents):
    twice = [uid for uid, count in Counter(i["decision_id"] for i in intents).items() if count > 1]
    assert not twice, f"QUANTUM_SEED={SEED}: published twice: {twice}"
    assert len({intent["signal_id"] for intent in intents}) == len(intents)
    assert rig.daily_count() == len(intents)
    assert {key[len(DEDUP) :] for key in rig.db.scan_iter(DEDUP + "*", count=1000)} == {
        intent["decision_id"] for intent in intents
    }
    commits = {intent["cycle_id"] for intent in intents}
    assert len(commits) <= int(rig.db.hget(COMMIT, "seq"))


@pytest.mark.parametrize("burst", [1000, 2])
def test_kill_at_random_instants(rig, burst):
    """With room for all, each good uid is published once; with room for two, never more than two."""
    flags = ["--window.one_per_symbol=false", "--intent.maxlen=2000000"]
    env = {
        "CANDIDATE_WINDOW_SEC": f"{0.06 * SLOWNESS:g}",
        "MAX_OPEN_ORDERS": "1000000",
        "TARGET_OPEN_ORDERS": "1000000",
        "MAX_NEW_PER_CYCLE": str(burst),
        "SIGNAL_MAX_AGE_SEC": "100000",
    }
    uids = run(rig, flags, env)
    intents = rig.intents()
    check_the_books(rig, intents)
    published = {intent["decision_id"] for intent in intents}
    good = {uid for uid in uids if uid.startswith("uid-")}
    assert published and published <= good
    if burst == 1000:
        lost = sorted(good - published)
        assert not lost, f"QUANTUM_SEED={SEED}: lost {len(lost)}, {lost[:5]}; {rig.tally()}"
    assert max(Counter(intent["cycle_id"] for intent in intents).values()) <= burst
