"""Shortly before a window closes the router asks Redis what it is going to ask, and changes nothing by it."""

from harness.names import COMMIT, OPEN_ORDERS, SIGNALS


def questions(rig, count):
    """The next calls of the decision's two scripts: which one, and when Redis heard it."""
    heard = []
    with rig.redis.client().monitor() as monitor:
        for told in monitor.listen():
            words = told["command"].split(" ")
            first_key = words[3] if words[0] == "EVALSHA" else ""
            if first_key in (OPEN_ORDERS, SIGNALS):
                heard.append(("look" if first_key == OPEN_ORDERS else "commit", told["time"]))
            if len(heard) == count:
                return heard


def test_a_window_is_rehearsed_right_before_it_closes(rig):
    rig.start_open_router(1, CANDIDATE_WINDOW_SEC="0.8")
    before = rig.db.hgetall(COMMIT)
    heard = questions(rig, 7)
    names = [name for name, _ in heard]
    at = names.index("commit") - 1
    assert names[at : at + 4] == ["look", "commit", "look", "look"]
    times = [time for _, time in heard[at : at + 4]]
    assert times[2] - times[0] < 0.4, "the rehearsal belongs to the decision behind it"
    assert times[3] - times[2] > 0.4, "and not to the one before"
    assert rig.db.hgetall(COMMIT) == before


def test_a_short_window_goes_without(rig):
    rig.start_open_router(1, CANDIDATE_WINDOW_SEC="0.1")
    assert {name for name, _ in questions(rig, 6)} == {"look"}


def test_a_rehearsal_is_no_commit(rig):
    router = rig.start_open_router(1, CANDIDATE_WINDOW_SEC="0.6")
    sequence = int(rig.db.hget(COMMIT, "seq"))
    for number in range(3):
        rig.must_xadd(f"COIN{number}")
        router.expect(rf"BEST_OF_PUBLISH .*COIN{number}")
    rig.expect_drained()
    assert int(rig.db.hget(COMMIT, "seq")) == sequence + 3
    assert router.count("CYCLE read=1 candidates=1 published=1") == 3
