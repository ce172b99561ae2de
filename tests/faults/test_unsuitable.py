"""Producers who trim, and a Redis whose settings lose what is kept in it (F23, F57, F74)."""

import threading

import pytest
from harness.names import SIGNALS
from harness.waiting import wait_until
from stage import Stage


def test_f57_entries_are_trimmed_before_they_are_read(stage):
    """Nobody was given them, and the group's lag alone remembers: said once, and counted."""
    router = stage.lead("a")
    router.kill()
    kept = stage.write(*[0.95] * 50)[40:]
    stage.db.xtrim(SIGNALS, maxlen=10, approximate=False)
    router = stage.start("a")
    stage.expect_published(kept[-1])
    router.expect("ENTRIES_LOST count=40 entries were trimmed from the signal stream before they were read$")
    assert set(kept) <= set(stage.published()) and len(stage.published()) == 11
    stage.works_behind(40, 0)
    router.expect_count("ENTRIES_LOST", 1)
    # The group's own count of them ends with the group.
    router.kill()
    stage.db.delete(SIGNALS)
    stage.start("a").expect("LEADER_ACQUIRED")


class Corrector(threading.Thread):
    """Makes of a server one of 7.2 or later, which this may be: at a delivery behind a gap the count of what was read becomes what it
    would be had all been read that was ever added before it."""

    def __init__(self, db):
        super().__init__(daemon=True)
        self.db, self.ends = db, threading.Event()

    def run(self):
        while not self.ends.wait(0.001):
            (group,) = [group for group in self.db.xinfo_groups(SIGNALS) if group["name"] == "router"]
            stream = self.db.xinfo_stream(SIGNALS)
            added = stream["entries-added"]
            if group["last-delivered-id"] == stream["last-generated-id"] and group["entries-read"] < added:
                self.db.execute_command("XGROUP", "SETID", SIGNALS, "router", group["last-delivered-id"], "ENTRIESREAD", added)

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_):
        self.ends.set()
        self.join()


def test_r4_a_server_that_corrects_its_count_hides_no_loss(stage):
    """As f57, where the gap is gone with the first delivery behind it: before the router reads, and under its reading."""
    router = stage.lead("a")
    router.kill()
    kept = stage.write(*[0.95] * 50)[40:]
    stage.db.xtrim(SIGNALS, maxlen=10, approximate=False)
    with Corrector(stage.db):
        router = stage.start("a")
        stage.expect_published(kept[-1])
        router.expect("ENTRIES_LOST count=40 entries were trimmed from the signal stream before they were read$")
        wait_until("the count is corrected", lambda: stage.lag() == 0)
        stage.works_behind(0)
        # More in one step than it can have read: nobody sees it behind.
        pipe = stage.db.pipeline(transaction=True)
        for _ in range(30):
            pipe.xadd(SIGNALS, {"payload": "{}"})
        pipe.xtrim(SIGNALS, maxlen=5, approximate=False)
        pipe.execute()
        router.expect("ENTRIES_LOST count=25 entries were trimmed")
        stage.works_behind(0)
    router.expect_count("ENTRIES_LOST", 2)
    router.kill()
    stage.db.delete(SIGNALS)
    stage.start("a").expect("LEADER_ACQUIRED")


@pytest.mark.parametrize("policy", ["allkeys-lru", "volatile-ttl"])
def test_f23_keys_may_be_evicted(stage, policy):
    """Told, and not refused: the operator may know better."""
    stage.db.config_set("maxmemory-policy", policy)
    quiet = stage.lead("a")
    quiet.terminate()
    stage.db.config_set("maxmemory", "1gb")
    router = stage.lead("a")
    router.expect(rf"\[WARNING\] 🟠 REDIS_UNSUITABLE maxmemory-policy={policy} ")
    stage.works()
    router.expect_count("REDIS_UNSUITABLE", 1)
    assert quiet.count("REDIS_UNSUITABLE") == 0
    stage.db.config_set("maxmemory-policy", "noeviction")


def test_f74_redis_comes_back_with_an_old_snapshot():
    """Killed with Debian's default persistence: an older state, which is found, and was warned of."""
    with Stage() as stage:
        stage.redis.start()
        router = stage.lead("a")
        router.expect("REDIS_UNSUITABLE appendonly=no ")
        stage.db.save()
        before = stage.published()
        stage.works()
        stage.works()
        stage.redis.restart()
        router.expect("STATE_ROLLED_BACK seq=1 expected=3")
        assert stage.published() == before
        stage.write()
        router.expect("CYCLE read=1 .*published=0 .*no_slots=1")
        assert stage.published() == before
        stage.db.hset("quantum:router:commit", "resumed", "0123456789abcdef")
        router.expect("STATE_RESUMED")
        stage.works()
        wait_until("its word", lambda: router.count("REDIS_UNSUITABLE") == 1)
