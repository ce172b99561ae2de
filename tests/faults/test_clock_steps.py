"""Redis' clock is set back or on at every stage of both programs, at rest and under flow (H2).

CI draws one step for each stage, --full goes all. Nothing is doubled, what is dropped is stale or ahead, and without a
restart both go on as soon as the clock has come to the newest id.
"""

import json
import os
from contextlib import contextmanager

import pytest
from executor_stage import ExecutorStage
from harm import Hold, has_entries
from harness.clock import Clock
from harness.drain import DAY_MS, FAST, actions, aged, make_group, settled, start_drain
from harness.executor import intent, iso
from harness.executor_books import ExecutorBooks
from harness.names import INTENTS, SAFE_MODE
from harness.waiting import PATIENCE_SEC, wait_until
from proxy import COMMAND, REPLY
from stage import PATIENT, Stage

HOUR_SEC = 3600
STEPS_SEC = (-2, 2, -2 * HOUR_SEC, 2 * HOUR_SEC, -48 * HOUR_SEC, 48 * HOUR_SEC)
AHEAD_MAX_SEC = 30  # as both programs have it


def steps(chance):
    return STEPS_SEC if os.environ.get("QUANTUM_TEST_FULL") == "1" else [chance.choice(STEPS_SEC)]


@contextmanager
def timed(kind):
    with kind(durable=True) as stage:
        stage.clock = Clock(stage)
        stage.redis.start()
        stage.set_open(0)
        yield stage


def hold_at(stage, proxy, what, side, step_sec, begin, only=lambda step: True):
    """Begins something, and moves the clock while this command or reply of it is on its way."""
    hold = Hold()
    fault = proxy.on(what, side, hold, only=only)
    begun = begin()
    wait_until(f"{what} to be held", hold.held.is_set, context=stage.told)
    stage.clock.move(step_sec)
    hold.release()
    fault.await_it()
    return begun


# --- the router


def before_it_starts(stage, step_sec):
    stage.clock.move(step_sec)
    stage.lead("a", None, *PATIENT)


def while_it_connects(stage, step_sec):
    proxy = stage.proxy()
    hold_at(stage, proxy, "take", REPLY, step_sec, lambda: stage.start("a", proxy, *PATIENT))


def while_it_recovers(stage, step_sec):
    stage.lead("a").kill()
    stage.write(0.95, 0.5)
    proxy = stage.proxy()
    hold_at(stage, proxy, "read pending", REPLY, step_sec, lambda: stage.start("a", proxy, *PATIENT))


def while_a_window_fills(stage, step_sec):
    stage.lead("a", None, *PATIENT, CANDIDATE_WINDOW_SEC="1")
    stage.write(0.95, 0.5)
    wait_until("it to be read", lambda: stage.lag() == 0)
    stage.clock.move(step_sec)
    stage.write(0.95, 0.5)


def while_it_reads(stage, step_sec):
    proxy = stage.proxy()
    stage.lead("a", proxy, *PATIENT)
    hold_at(stage, proxy, "read new", REPLY, step_sec, lambda: stage.write(0.95, 0.5), has_entries)


def between(what, side):
    def act(stage, step_sec):
        proxy = stage.proxy()
        stage.lead("a", proxy, *PATIENT, "--strays.claim_idle_ms=60000")
        pending = lambda step: what != "snapshot" or stage.pending()  # noqa: E731
        hold_at(stage, proxy, what, side, step_sec, lambda: stage.write(0.95, 0.95), pending)

    return act


def while_it_acks(stage, step_sec):
    proxy = stage.proxy()
    stage.lead("a", proxy, *PATIENT)
    hold_at(stage, proxy, "xack", COMMAND, step_sec, lambda: stage.write(0.5))


def while_one_stands_by(stage, step_sec):
    stage.lead("a")
    stage.start("b").expect("STANDBY")
    stage.write(0.95)
    stage.clock.move(step_sec)


def at_rest(stage, step_sec):
    stage.lead("a")
    stage.await_ticks()
    stage.clock.move(step_sec)
    stage.await_ticks()


def under_flow(stage, step_sec):
    stage.lead("a")
    for turn in range(10):
        stage.write(0.95, 0.5)
        if turn == 5:
            stage.clock.move(step_sec)


ROUTER_STAGES = {
    "before it starts": before_it_starts,
    "while it connects": while_it_connects,
    "while it recovers": while_it_recovers,
    "while it reads": while_it_reads,
    "while a window fills": while_a_window_fills,
    "while it looks": between("snapshot", REPLY),
    "before the commit": between("commit", COMMAND),
    "before the answer": between("commit", REPLY),
    "while it acks": while_it_acks,
    "while one stands by": while_one_stands_by,
    "at rest": at_rest,
    "under flow": under_flow,
}


def router_goes_on(stage, step_sec):
    """As soon as the newest id is not too far ahead; what was dropped was told."""
    stage.expect_drained()
    if step_sec < -AHEAD_MAX_SEC:
        stage.clock.move(0)
        stage.await_ticks(2)
    stage.works()
    tally = stage.tally()
    assert tally["stale"] == 0 or step_sec > 0, tally
    stage.end()


@pytest.mark.parametrize("where", ROUTER_STAGES)
def test_h2_router(chance, where):
    for step_sec in steps(chance):
        with timed(Stage) as stage:
            stage.is_strict = abs(step_sec) > AHEAD_MAX_SEC
            try:
                ROUTER_STAGES[where](stage, step_sec)
                router_goes_on(stage, step_sec)
            except AssertionError as error:
                raise AssertionError(f"{step_sec} s: {error}{stage.told()}") from error


# --- the executor


class Desk(ExecutorStage):
    """Openings and exits, each with the time that its publisher took from Redis."""

    def __init__(self, **redis_options):
        super().__init__(**redis_options)
        self.exits = []

    def intend_both(self):
        """One that opens and the exit of what is open in another symbol."""
        opened = f"OLD{next(self.symbols)}USDT"
        now = iso(self.now_ms())
        ids = self.must_intend(intent(opened, timestamp=now))
        self.expect_filled(*ids)
        now = iso(self.now_ms())
        both = self.must_intend(
            intent(f"NEW{next(self.symbols)}USDT", timestamp=now), intent(opened, "CLOSE", None, timestamp=now)
        )
        self.ids += [*ids, *both]
        self.exits.append(both[1])

    def new_both(self):
        """Beside those: for what was filled before a proxy's fault stood."""
        now = iso(self.now_ms())
        both = self.must_intend(
            intent(f"NEW{next(self.symbols)}USDT", timestamp=now), intent(self.standing, "CLOSE", None, timestamp=now)
        )
        self.ids += both
        self.exits.append(both[1])

    def stand(self):
        """Something is open whose exit will come."""
        self.standing = f"OLD{next(self.symbols)}USDT"
        [id] = self.must_intend(intent(self.standing, timestamp=iso(self.now_ms())))
        self.ids.append(id)
        self.expect_filled(id)

    def works_now(self):
        """Whatever the newest id says: this one says when it was written."""
        [id] = self.must_intend(intent(f"COIN{next(self.symbols)}USDT", timestamp=iso(self.now_ms())))
        self.ids.append(id)
        self.expect_filled(id)
        self.expect_settled()
        self.expect_consistent()


def executor_before_it_starts(desk, step_sec):
    desk.clock.move(step_sec)
    desk.start()
    desk.expect_group()


def executor_while_it_arrives(desk, step_sec):
    proxy = desk.proxy()
    hold_at(desk, proxy, "arrive", REPLY, step_sec, lambda: desk.start(proxy))


def executor_while_it_recovers(desk, step_sec):
    desk.start()
    desk.expect_group()
    desk.stand()
    desk.executor.kill()
    desk.new_both()
    proxy = desk.proxy()
    hold_at(desk, proxy, "read new", REPLY, step_sec, lambda: desk.start(proxy), has_entries)


def executor_while_it_holds(desk, step_sec):
    desk.start()
    desk.expect_group()
    desk.stand()
    desk.db.set(SAFE_MODE, "1")
    desk.executor.expect("SAFE_MODE")
    desk.new_both()
    desk.clock.move(step_sec)
    wait_until("the exit to be done", lambda: len(desk.positions()) == 0, context=desk.told)
    desk.db.delete(SAFE_MODE)


def executor_at(what, side, only=lambda step: True):
    def act(desk, step_sec):
        proxy = desk.proxy()
        desk.start(proxy, "--redis.reply_timeout_ms=5000")
        desk.expect_group()
        desk.stand()
        hold_at(desk, proxy, what, side, step_sec, desk.new_both, only)

    return act


def executor_at_rest(desk, step_sec):
    desk.start()
    desk.expect_group()
    desk.stand()
    desk.clock.move(step_sec)
    desk.new_both()


def executor_under_flow(desk, step_sec):
    desk.start()
    desk.expect_group()
    for turn in range(6):
        if turn == 3:
            desk.clock.move(step_sec)
        desk.intend_both()


EXECUTOR_STAGES = {
    "before it starts": executor_before_it_starts,
    "while it arrives": executor_while_it_arrives,
    "while it recovers": executor_while_it_recovers,
    "while it holds": executor_while_it_holds,
    "while it reads": executor_at("read new", REPLY, has_entries),
    "while it looks": executor_at("look", REPLY),
    "before it begins": executor_at("begin", COMMAND),
    "at the venue": executor_at("begin", REPLY),
    "before it opens": executor_at("open", COMMAND),
    "before that is answered": executor_at("open", REPLY),
    "before it closes": executor_at("close", COMMAND),
    "before the closing is answered": executor_at("close", REPLY),
    "at rest": executor_at_rest,
    "under flow": executor_under_flow,
}


def executor_goes_on(desk, step_sec):
    """At once, for intents that say when they were written; each ended once, and no exit was lost to a step back."""
    desk.expect_settled()
    desk.works_now()
    desk.close_routers()
    books = ExecutorBooks(desk.folder).check()
    dropped = set(desk.ids) - set(books.ends)
    assert not dropped or step_sec > AHEAD_MAX_SEC, dropped
    assert step_sec > HOUR_SEC or not dropped & set(desk.exits), dropped
    ahead = [id for id, status in books.ends.items() if status not in ("filled", "closed", "nothing_open")]
    assert not ahead or step_sec < -AHEAD_MAX_SEC, books.ends
    assert not set(ahead) & set(desk.exits), books.ends
    assert not books.groups[(INTENTS, books.names.executors)].pending


@pytest.mark.parametrize("where", EXECUTOR_STAGES)
def test_h2_executor(chance, where):
    for step_sec in steps(chance):
        with timed(Desk) as desk:
            try:
                EXECUTOR_STAGES[where](desk, step_sec)
                executor_goes_on(desk, step_sec)
            except AssertionError as error:
                raise AssertionError(f"{step_sec} s: {error}{desk.told()}") from error


# --- the operator's drain


@pytest.mark.parametrize("forward", [None, "out"])
def test_h2_drain(forward):
    """Judged two hours ahead all are too old; by Redis' clock in the moment of the ACK only those that are it truly."""
    with timed(Stage) as stage:
        make_group(stage)
        old, fresh = aged(stage, 5 * DAY_MS), aged(stage, 0)
        ids = stage.must_intend(*([fresh] * 9 + [old]) * 120)
        stage.clock.move(2 * HOUR_SEC)
        proxy = stage.proxy()
        flags = [*FAST, "--json", "--max-age-min=60", *(["--forward=" + forward] if forward else [])]
        process = hold_at(
            stage, proxy, "eval", COMMAND, -HOUR_SEC / 4, lambda: start_drain(stage, *flags, url=proxy.url)
        )
        out, err = process.communicate(timeout=PATIENCE_SEC)
        assert process.returncode == 0, err
        expected = {id: "dropped_old" if place % 10 == 9 else "drained_ok" for place, id in enumerate(ids)}
        assert actions(stage) == expected
        report = json.loads(out)
        assert (report["total_processed"], report["errors"]) == (len(ids), 0), report
        assert settled(stage) == (0, 0)
        passed = [id for id in ids if expected[id] == "drained_ok"]
        assert not forward or sorted(fields["replay_of"] for _, fields in stage.db.xrange(forward)) == sorted(passed)
