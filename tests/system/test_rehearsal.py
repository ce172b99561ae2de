"""Shortly before a window closes the router asks Redis what it is going to ask, and changes nothing by it."""

import re

from harness.names import COMMIT, OPEN_ORDERS, SIGNALS


def questions(rig, seconds):
    """The calls of the decision's two scripts: which one, and when Redis heard it."""
    heard = []
    with rig.redis.client().monitor() as monitor:
        for told in monitor.listen():
            words = told["command"].split(" ")
            first_key = words[3] if words[0] == "EVALSHA" else ""
            if first_key in (OPEN_ORDERS, SIGNALS):
                heard.append(("look" if first_key == OPEN_ORDERS else "commit", told["time"]))
            if heard and heard[-1][1] - heard[0][1] > seconds:
                return heard


def by_window(heard):
    """Split where Redis heard nothing for a while."""
    windows = [[heard[0]]]
    for question in heard[1:]:
        if question[1] - windows[-1][-1][1] > 0.3:
            windows.append([])
        windows[-1].append(question)
    return windows


def commits(rig):
    """What a commit writes of itself; the lease's end stands beside it."""
    return {name: value for name, value in rig.db.hgetall(COMMIT).items() if name != "held_until"}


def test_a_window_is_rehearsed_right_before_it_closes(rig):
    rig.start_open_router(1, CANDIDATE_WINDOW_SEC="0.8")
    before = commits(rig)
    windows = by_window(questions(rig, 3.5))[1:-1]
    for window in windows:
        names = " ".join(name for name, _ in window)
        # At last the decision; a rehearsal that it overtook ends without a commit.
        assert re.fullmatch("(look commit )*(look )?look", names), names
        assert window[-1][1] - window[0][1] < 0.4
    # A process that the machine wakes too late decides without.
    assert any(len(window) > 1 for window in windows)
    assert commits(rig) == before


def test_a_short_window_goes_without(rig):
    rig.start_open_router(1, CANDIDATE_WINDOW_SEC="0.1")
    assert {name for name, _ in questions(rig, 0.5)} == {"look"}


def test_a_rehearsal_is_no_commit(rig):
    router = rig.start_open_router(1, CANDIDATE_WINDOW_SEC="0.6")
    sequence = int(rig.db.hget(COMMIT, "seq"))
    for number in range(3):
        rig.must_xadd(f"COIN{number}")
        router.expect(rf"BEST_OF_PUBLISH .*COIN{number}")
    rig.expect_drained()
    assert int(rig.db.hget(COMMIT, "seq")) == sequence + 3
    router.expect_count("CYCLE read=1 candidates=1 published=1", 3)
