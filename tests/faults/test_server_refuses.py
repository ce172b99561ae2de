"""Redis throws its clients out, or does not let them in (F16 to F19, F29, F36)."""

import time

import pytest
from harness.names import COMMIT, GROUP, SIGNALS
from harness.redis import free_port
from harness.rig import Rig
from harness.signals import document, signal as entry
from harness.waiting import FULL, SLOWNESS, wait_until
from stage import PATIENT


def kill_clients(stage):
    return int(stage.db.execute_command("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes"))


def test_f16_clients_are_killed_again_and_again(stage):
    """Every 100 ms: there is progress between the kills."""
    router = stage.lead("a", None, "--redis.backoff_max_ms=20", CANDIDATE_WINDOW_SEC="0.05")
    make = lambda n: entry(f"COIN{n}", correlation_id=f"flow-{n}")  # noqa: E731
    killed, progress, ends = 0, set(), time.monotonic() + (30 if FULL else 3) * SLOWNESS
    with stage.feed(make, pause_sec=0.005):
        while time.monotonic() < ends:
            time.sleep(0.1 * SLOWNESS)
            before = stage.db.hget(COMMIT, "seq")
            killed += kill_clients(stage)
            progress.add(before)
    assert killed > 20 and router.count("REDIS_LOST") > 5
    assert len(progress) > 3, "no commit between the kills"
    stage.works()


def test_f17_too_many_clients(stage):
    router = stage.lead("a")
    ours = len(stage.db.client_list()) - 2
    stage.db.config_set("maxclients", max(ours, 1))
    kill_clients(stage)
    router.expect("REDIS_LOST .*max number of clients reached")
    refused = lambda: stage.db.info("stats")["rejected_connections"]  # noqa: E731
    wait_until("refusals", lambda: refused() >= 6, context=router.tail)
    before, began = refused(), time.monotonic()
    wait_until("more of them", lambda: time.monotonic() - began > 1)
    assert refused() - before < 2 * 1000 / 30 + 4, "it knocks without a pause"
    assert router.count("REDIS_LOST") <= 5, router.tail()
    stage.db.config_set("maxclients", 100)
    router.expect("REDIS_BACK")
    stage.works()


def big(number, size):
    return document(f"COIN{number}", "BUY", 0.5, padding="x" * size, beside={"correlation_id": f"big-{number}"})


@pytest.mark.parametrize("setting", ["client-output-buffer-limit", "maxmemory-clients"])
def test_f18_f19_replies_that_redis_will_not_hold(stage, setting):
    """A page of what is pending is more than a client may have: from the next connection on they are bounded in bytes."""
    stage.lead("a").kill()
    pipe = stage.db.pipeline(transaction=False)
    for number in range(20000 if FULL else 600):
        pipe.xadd(SIGNALS, big(number, 30000) if number < 600 else entry("WEAK", "BUY", 0.5))
    pipe.execute()
    stage.db.xgroup_setid(SIGNALS, GROUP, "0")
    while stage.db.xreadgroup(GROUP, "ai_strategy_router", {SIGNALS: ">"}, count=1000):
        pass
    pending = stage.pending()
    stage.db.config_set(setting, "normal 1mb 0 0" if setting.startswith("client") else "1mb")
    router = stage.start("a", None, *PATIENT)
    router.expect("LEADER_ACQUIRED")
    stage.expect_drained()
    assert pending > 500 and router.count("REDIS_LOST") == 1, router.tail()
    stage.db.config_set(setting, "normal 0 0 0" if setting.startswith("client") else "0")
    stage.works()


OVERSIZE = {
    "value_too_long": {"payload": "x" * 10_000_000},
    "too_many_fields": {f"f{number}": "x" * 140_000 for number in range(70)},
}


@pytest.mark.parametrize("rule", OVERSIZE)
def test_f18_an_entry_that_redis_will_not_hand_out(stage, rule):
    """It is read as pending, in bounded bytes, and breaks the rule that it breaks; what is around it passes."""
    stage.db.config_set("client-output-buffer-limit", "normal 8mb 0 0")
    router = stage.lead("a")
    stage.works()
    stage.must_write(entry("BEFORE"), OVERSIZE[rule], entry("BEHIND"))
    router.expect(f"INVALID_SIGNAL_DROP .*reason={rule}")
    stage.works()
    stage.expect_drained()
    assert {"BEFORE", "BEHIND"} <= {intent["symbol"] for intent in stage.intents()}
    assert 1 <= router.count("REDIS_LOST") <= 2 and router.count("INVALID_SIGNAL_DROP") == 1, router.tail()


ADMIN = {"username": "admin", "password": "pw"}
ROUTER = ["~*", "&*", "+@all"]


@pytest.mark.parametrize("how", ["off", "resetpass", "deluser"])
def test_f36_user_is_taken_away(stage, how):
    """Live connections outlive the first two; the next one is refused, told once, and tried again with pauses."""
    stage.db.execute_command("ACL", "SETUSER", "router", "on", ">secret-1", *ROUTER)
    url = f"unix://router:secret-1@{stage.redis.socket}"
    router = stage.start_router(*stage.quick("a"), url=url, **stage.env)
    stage.works()
    command = ("DELUSER", "router") if how == "deluser" else ("SETUSER", "router", how)
    stage.db.execute_command("ACL", *command)
    if how != "deluser":
        stage.works()
        kill_clients(stage)
    router.expect("REDIS_LOST .*WRONGPASS|REDIS_LOST")
    connects = lambda: stage.db.info("stats")["total_connections_received"]  # noqa: E731
    before = connects()
    began = time.monotonic()
    wait_until("more attempts", lambda: time.monotonic() - began > 1)
    assert 2 < connects() - before < 2 * 1000 / 30 + 10
    assert router.process.poll() is None and router.count("REDIS_LOST") <= 2, router.tail()
    assert "secret-1" not in router.text()
    stage.db.execute_command("ACL", "SETUSER", "router", "on", ">secret-1", *ROUTER)
    router.expect("REDIS_BACK")
    stage.works()


@pytest.fixture
def cluster():
    with Rig() as rig:
        rig.redis.port = free_port()
        rig.redis.extra = ["--cluster-enabled", "yes", "--cluster-port", str(free_port())]
        rig.redis.start()
        yield rig


def test_f29_node_of_a_cluster(cluster):
    """Told once in Redis' own words, tried again with pauses; with a hash tag, and all slots there, it works."""
    router = cluster.start_router("--redis.backoff_max_ms=100")
    router.expect("REDIS_LOST .*(CLUSTERDOWN|CROSSSLOT|MOVED)")
    tries = cluster.db.info("stats")["total_connections_received"]
    wait_until("more tries", lambda: cluster.db.info("stats")["total_connections_received"] > tries + 6)
    cluster.db.execute_command("CLUSTER", "ADDSLOTSRANGE", "0", "16383")
    wait_until("the cluster", lambda: "ok" in str( cluster.redis.raw.execute_command("CLUSTER", "INFO")))
    router.terminate()
    tagged = cluster.start_router("--prefix=q:{acct7}:")
    tagged.expect("REDIS_BACK|LEADER_ACQUIRED")
    cluster.db.set("q:{acct7}:state:open_orders", 0)
    cluster.db.xadd("q:{acct7}:stream:ai.decision.made", entry("BTCUSDT"))
    tagged.expect("Trade Intent published: BTCUSDT")
    assert router.count("REDIS_LOST") <= 2
