"""Sentinels and nodes of a Cluster over TLS, with client certificates: they are asked, followed, and not believed without one."""

import os
import re
import socket

import pytest

from authority import Authority
from harness.ctl import ctl
from harness.executor import Executor
from harness.flow import TELLING, goes_on
from harness.process import spawn
from harness.rig import ROOMY, Rig
from harness.router import Router
from harness.sentinels import MASTER
from harness.waiting import wait_until
from test_cluster import NAMES, World
from test_sentinel import Producer, expect_each_once
from tls_guides import TlsCluster, TlsTrio


def credentials(authority, name="client"):
    certificate, key = authority.sign(name)
    return [f"--redis.tls_cert={certificate}", f"--redis.tls_key={key}"]


def trusting(authority):
    """On a machine that is busy a handshake takes its time."""
    return [f"--redis.tls_ca={authority.certificate}", *credentials(authority), "--redis.connect_timeout_ms=20000"]


# --- Sentinels


class TlsProducer(Producer):
    """It writes where the test sees: what is asked here is whether the services come over TLS."""

    def find(self):
        self.client = (self.trio.named() or self.trio.master).client(socket_timeout=0.3)


@pytest.fixture
def trio(authority):
    with Rig(TlsTrio, authority=authority) as rig:
        rig.redis.start()
        rig.db = rig.redis.db
        rig.flags = [f"--redis.sentinels={','.join(f'127.0.0.1:{one.port}' for one in rig.redis.sentinels)}",
                     f"--redis.sentinel_master={MASTER}", *trusting(authority)]  # fmt: skip
        rig.forges = True  # the records are read without these flags
        yield rig


NOWHERE = "rediss://nowhere.example:1/0"  # the Sentinels say where


def test_a_failover_is_followed_and_nothing_is_lost(trio):
    rig, old = trio, trio.redis.master
    router = rig.start_open_router(0, *rig.flags, "--window.one_per_symbol=0", url=NOWHERE, **ROOMY, **TELLING)
    with TlsProducer(rig.redis) as producer:
        wait_until("a flow", lambda: len(rig.intents()) > 200, context=rig.told)
        old.kill()
        rig.redis.await_failover()
        rig.db = rig.redis.db
        router.expect("REDIS_BACK")
        goes_on(router, rig.db, lambda: ctl(*rig.flags, "resume", url=NOWHERE), 200, rig.told)
    expect_each_once(rig, router, producer.confirmed)


def test_the_executor_and_the_tool_follow_too(trio):
    rig, old = trio, trio.redis.master
    rig.set_open(0)
    executor = rig.start_paper(*rig.flags, url=NOWHERE)
    rig.must_intend(symbol="BTCUSDT")
    executor.expect("FILLED")
    old.kill()
    rig.redis.await_failover()
    rig.db = rig.redis.db
    wait_until("the tool to find it", lambda: ctl(*rig.flags, "groups", url=NOWHERE).returncode == 0)
    executor.expect("REDIS_BACK")
    rig.must_intend(symbol="ETHUSDT")
    executor.expect("FILLED")


@pytest.mark.parametrize("lacks", ["the authority", "a certificate", "TLS"])
def test_sentinels_that_are_not_asked_rightly_say_so(trio, tmp_path, lacks):
    flags, url, words = list(trio.flags), NOWHERE, None
    if lacks == "the authority":
        flags[2] = f"--redis.tls_ca={Authority(tmp_path, 'stranger').certificate}"
        words = "none of 3 sentinels says where Redis is: 127.0.0.1:\\d+: TLS: .*certificate"
    elif lacks == "a certificate":
        flags = flags[:3]
        words = "none of 3 sentinels says where Redis is: 127.0.0.1:\\d+: TLS: .*redis.tls_cert"
    else:
        flags, url = flags[:2], "redis://nowhere.example:1/0"
        words = "none of 3 sentinels says where Redis is: 127.0.0.1:\\d+: "
    reason = trio.start_router(*flags, url=url).expect("REDIS_LOST (.*) retry_ms=")[1]
    asked = ctl(*flags, "groups", url=url)
    for said in (reason, asked.stderr):
        assert re.search(words, said), said
    assert asked.returncode == 1 and len(asked.stderr.splitlines()) == 1


def test_one_that_is_another_than_it_says_is_outvoted(trio, tmp_path):
    """A server that nobody's authority has signed answers in the place of one Sentinel; the two others are enough."""
    first = trio.redis.sentinels[0]
    first.db.close()
    first.process.kill()
    first.process.wait()
    text = first.file.read_text()
    certificate, key = Authority(tmp_path, "stranger").sign("server")
    for name, path in (("tls-cert-file", certificate), ("tls-key-file", key)):
        text = re.sub(rf'^{name} .*$', f'{name} {path}', text, flags=re.MULTILINE)
    first.file.write_text(text)
    with open(first.folder / "sentinel.log", "ab") as log:
        first.process = spawn(["redis-server", first.file, "--sentinel"], stdout=log, stderr=log, env=dict(os.environ))
    wait_until("it listens", lambda: socket.socket().connect_ex(("127.0.0.1", first.port)) == 0)
    trio.set_open(0)
    trio.start_router(*trio.flags, url=NOWHERE)
    trio.must_xadd("BTCUSDT")
    trio.expect_intent("BTCUSDT")
    assert ctl(*trio.flags, "groups", url=NOWHERE).returncode == 0


# --- a Cluster


@pytest.fixture
def world(tmp_path, authority):
    world = World(tmp_path, lambda folder, tag: TlsCluster(folder, authority, tag=tag))
    plain = world.flags
    world.flags = lambda *nodes: [*plain(*nodes), f"--redis.url={NOWHERE}", *trusting(authority)]
    yield world
    world.close()


def test_the_owner_is_found_and_followed(world):
    """From another node; and behind the owner's death its replica."""
    cluster = world.cluster
    router = world.start(Router, nodes=cluster.others(), **ROOMY)
    executor = world.start(Executor, nodes=cluster.others())
    world.send("BTCUSDT", correlation_id="c-1")
    world.await_published("c-1")
    executor.expect("SAFE_DRAIN would execute")
    assert world.ctl("groups", nodes=cluster.others()).returncode == 0
    cluster.owner.kill()
    router.expect("REDIS_BACK")
    world.db = cluster.db
    wait_until("a signal to be taken", lambda: _sent(world), 30, world.told)
    world.await_published("c-2")


def _sent(world):
    try:
        return world.send("ETHUSDT", correlation_id="c-2")
    except Exception:  # of redis-py's many, while the cluster has no owner
        return None


def test_the_slot_moves(world):
    router = world.start(Router, **ROOMY)
    sent = {"c-1": world.send("BTCUSDT", correlation_id="c-1")}
    world.await_published("c-1")
    world.cluster.migrate(world.cluster.others()[0])
    router.expect("REDIS_LOST .*(MOVED|ASK|another node owns the slot)")
    sent["c-2"] = world.send("ETHUSDT", correlation_id="c-2")
    world.await_published("c-2")
    world.expect_each_once(router, sent)
