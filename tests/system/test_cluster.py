"""A Cluster: the node that owns the prefix's slot is found from any other, and followed when it changes."""

import json
import re
import socket
import threading
import time

import pytest

from harness.cluster import Cluster
from harness.ctl import ctl
from harness.executor import Executor
from harness.flow import TELLING, check_each_once, goes_on
from harness.names import Names
from harness.redis import free_port
from harness.rig import ROOMY, WINDOW_SEC
from harness.router import Router
from harness.signals import signal
from harness.waiting import SLOWNESS, soon, wait_until
from harness.worker import Worker

TAG = "a"
PREFIX = f"quantum:{{{TAG}}}:"
NAMES = Names(PREFIX)
BATCH = 20


class World:
    """A cluster, and what runs against it."""

    def __init__(self, folder, cluster=Cluster):
        self.folder = folder
        self.cluster = cluster(folder, tag=TAG)
        self.db = self.cluster.db
        self.services = []
        self.db.set(NAMES.open_orders, 0)

    def flags(self, *nodes):
        return [f"--redis.nodes={self.cluster.places(*nodes)}", f"--prefix={PREFIX}"]

    def start(self, kind, *flags, nodes=(), **env):
        name = f"{kind.__name__}{len(self.services)}"
        env = {"METRICS_LISTEN": "", "CANDIDATE_WINDOW_SEC": f"{WINDOW_SEC:g}", **env}
        config = self.folder / f"{name}.conf"
        config.write_text("")
        self.services.append(kind(self.folder, name, ["--config", config, *self.flags(*nodes), *flags], env))
        return self.services[-1]

    def told(self):
        return "".join(service.tail() for service in self.services)

    def send(self, symbol, **more):
        return self.db.xadd(NAMES.signals, signal(symbol, **more))

    def published(self):
        return [json.loads(entry["payload"])["decision_id"] for _, entry in self.db.xrange(NAMES.intents)]

    def await_published(self, *decisions):
        wait_until(f"{decisions} published", lambda: set(decisions) <= set(self.published()), context=self.told)

    def ctl(self, *words, nodes=()):
        return ctl(*self.flags(*nodes), *words)

    def await_drained(self):
        def is_drained():
            [group] = [one for one in self.db.xinfo_groups(NAMES.signals) if one["name"] == "router"]
            return group["pending"] == 0 and group["lag"] == 0

        wait_until("all is read and settled", is_drained, context=self.told)

    def expect_each_once(self, router, confirmed):
        self.await_drained()
        there = {id for id, _ in self.db.xrange(NAMES.signals)}
        check_each_once(router, self.published(), there, confirmed, self.told)

    def goes_on(self, router, db):
        return goes_on(router, db, lambda: self.ctl("resume"), 300, self.told, NAMES.intents)

    def close(self):
        try:
            for service in self.services:
                service.close()
        finally:
            for service in self.services:
                service.kill()
            self.cluster.close()


class Producer(Worker):
    """A flow of signals by a client that knows Clusters."""

    def __init__(self, world):
        self.number = 0
        self.confirmed = {}
        super().__init__(world.cluster.client(), BATCH / 1000 * SLOWNESS)

    def step(self):
        for _ in range(BATCH):
            name = f"c-{self.number}"
            fields = signal(f"COIN{self.number % 50}", correlation_id=name)
            self.number += 1
            self.confirmed[name] = self.client.xadd(NAMES.signals, fields)


@pytest.fixture
def world(tmp_path):
    world = World(tmp_path)
    yield world
    world.close()


def test_the_owner_is_found_from_any_node(world):
    world.start(Router, nodes=world.cluster.others()[:1])
    world.start(Executor, "--paper.latency_ms=0", nodes=world.cluster.others()[1:], TRADE_INTENT_SAFE_DRAIN="false")
    world.send("BTCUSDT", correlation_id="one", entry_price=50000)
    world.await_published("one")
    wait_until("it is filled", lambda: world.db.hlen(NAMES.positions) == 1, context=world.told)
    for words in ("groups", "status", "capacity show", "dlq list", "positions", "drain"):
        done = world.ctl(*words.split(), nodes=world.cluster.others()[:1])
        assert done.returncode in (0, 1) and "MOVED" not in done.stdout + done.stderr, (words, done)
    assert NAMES.intents in world.ctl("groups").stdout
    assert world.ctl("halt", "a", "test").returncode == 0 and world.db.exists(NAMES.safe_mode)


def test_a_slot_moves_under_flow(world):
    """ASK and TRYAGAIN are waited for, MOVED is followed at once; nobody starts anything again."""
    router = world.start(Router, "--window.one_per_symbol=0", **ROOMY, **TELLING)
    with Producer(world) as producer:
        wait_until("a flow", lambda: world.db.xlen(NAMES.intents) > 300, context=world.told)
        world.cluster.migrate(world.cluster.others()[0])
        moved = time.monotonic()
        took = world.goes_on(router, world.db) - moved
    print(f"published again {took:.2f} s after the slot had moved")
    assert took < soon(1), world.told()
    world.expect_each_once(router, producer.confirmed)
    assert not router.count("STATE_ROLLED_BACK")


def test_a_slot_that_moves_slowly(world):
    """Between two keys everything waits, told once; then it goes on where the keys are."""
    router = world.start(Router, **ROOMY)
    world.send("BTCUSDT", correlation_id="before")
    world.await_published("before")

    def pause():
        world.db.ping()
        time.sleep(0.3)

    world.cluster.migrate(world.cluster.others()[0], pause)
    world.send("ETHUSDT", correlation_id="after")
    world.await_published("after")
    world.await_drained()
    assert world.published() == ["before", "after"]
    router.expect_no_reason_twice()


@pytest.mark.parametrize("names_all", [True, False])
def test_the_owner_dies_under_flow(world, names_all):
    """Its replica takes over, also where nobody named that one: the owner did, while it lived."""
    nodes = () if names_all else (world.cluster.owner,)
    router = world.start(Router, "--window.one_per_symbol=0", nodes=nodes, **ROOMY, **TELLING)
    replica = world.cluster.nodes[-1]
    with Producer(world) as producer:
        wait_until("a flow", lambda: world.db.xlen(NAMES.intents) > 300, context=world.told)
        world.cluster.owner.kill()
        wait_until("the replica is promoted", lambda: replica.db.info("replication")["role"] == "master")
        promoted = time.monotonic()
        is_there = lambda: replica.state()[0] == "ok"  # noqa: E731
        wait_until("the cluster is whole", is_there)
        took = world.goes_on(router, replica.db) - promoted
    print(f"published again {took:.2f} s after the replica was promoted")
    assert took < soon(2), world.told()
    world.expect_each_once(router, producer.confirmed)


def test_an_uncovered_slot(world):
    for node in world.cluster.nodes:
        node.db.config_set("cluster-require-full-coverage", "no")
    for node in (world.cluster.owner, *world.cluster.others()):
        node.ask("DELSLOTS", world.cluster.slot)
    router = world.start(Router)
    router.expect("REDIS_LOST .*CLUSTERDOWN Hash slot not served")
    done = world.ctl("groups")
    assert done.returncode == 1 and "CLUSTERDOWN" in done.stderr and len(done.stderr.splitlines()) == 1, done
    world.cluster.owner.ask("ADDSLOTS", world.cluster.slot)
    router.expect("REDIS_BACK")


class Node:
    """Sends everybody on to another port."""

    def __init__(self):
        self.to = None
        self.asked = 0
        self.server = socket.create_server(("127.0.0.1", free_port()))
        self.port = self.server.getsockname()[1]
        threading.Thread(target=self.serve, daemon=True).start()

    def serve(self):
        try:
            while True:
                threading.Thread(target=self.talk, args=self.server.accept()[:1], daemon=True).start()
        except OSError:
            pass

    def talk(self, peer):
        try:
            while asked := peer.recv(4096):
                for command in (b"CLIENT", b"INFO", b"TYPE", b"PING", b"CLUSTER"):
                    self.asked += command == b"TYPE" and command in asked
                    if command in asked:
                        peer.sendall(b"+PONG\r\n" if command == b"PING" else b"-MOVED 15495 127.0.0.1:%d\r\n" % self.to)
        except OSError:
            pass


def test_nodes_that_send_us_in_circles(empty_rig):
    """A few times at once, and then no faster than after any other loss; told once, not at each turn."""
    first, second = Node(), Node()
    first.to, second.to = second.port, first.port
    flags = [f"--redis.nodes=127.0.0.1:{first.port},127.0.0.1:{second.port}", f"--prefix={PREFIX}"]
    router = empty_rig.start_router(*flags, url="")
    router.expect("REDIS_LOST .*MOVED")
    began, before = time.monotonic(), first.asked + second.asked
    wait_until("sixty questions", lambda: first.asked + second.asked >= before + 60)
    assert time.monotonic() - began > 1, "it spins"
    done = ctl(*flags, "groups")
    assert done.returncode == 1 and "MOVED" in done.stderr and len(done.stderr.splitlines()) == 1, done
    for node in (first, second):
        node.server.close()


@pytest.mark.parametrize(
    "words, told",
    [
        (f"drain --forward={PREFIX[:-3]}b}}:x", "--forward: '.*' lies in slot 3300 and '.*' in slot 15495"),
        ("drain --forward=elsewhere", "--forward: 'elsewhere' has no hash tag"),
        ("capacity follow --from=quantum:state:positions:*", "--from: 'quantum:state:positions:\\*' has no hash tag"),
    ],
)
def test_names_given_by_hand(world, words, told):
    world.db.xgroup_create(NAMES.intents, NAMES.executors, mkstream=True)
    done = world.ctl(*words.split())
    assert done.returncode == 2 and re.search(told, done.stderr), done
