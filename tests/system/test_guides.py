"""Sentinels that are not as they should be: who lies, lags, babbles or is silent does not decide while the others agree."""

import os
import socket
import threading
import time

import pytest

from harness.ctl import ctl
from harness.process import BUILD, SANITIZERS
from harness.redis import RedisServer, free_port
from harness.rig import Rig
from harness.waiting import soon

MASTER = "quantum-master"
# The library must not come before the sanitizer's own, but may.
SEVERAL = {"LD_PRELOAD": str(BUILD / "several_names.so"), "ASAN_OPTIONS": SANITIZERS["ASAN_OPTIONS"] + ":verify_asan_link_order=0"}
SILENT, HANGS_UP, BABBLES = "silent", "hangs up", "babbles"
ENDLESS = {
    "events that nobody asked for": b"*2\r\n$14\r\n+switch-master\r\n$1\r\nm\r\n",
    "a text that does not end": b"$500000000\r\n" + b"x" * 65536,
    "texts that do not end": b"*60000\r\n" + b"$4000\r\n%s\r\n" % (b"x" * 4000) * 60000,
    "an array that does not come": b"*2147483647\r\n",
}


def bulk(*words):
    return b"*%d\r\n" % len(words) + b"".join(b"$%d\r\n%s\r\n" % (len(word), word) for word in words)


class FakeSentinel:
    """Says the same to everybody: that the master is at this port, in this epoch; or it behaves as told."""

    def __init__(self, says, epoch=1, password=None):
        self.says = says
        self.epoch = epoch
        self.password = password
        self.peers = []
        self.server = socket.create_server(("127.0.0.1", free_port()))
        self.place = "127.0.0.1:%d" % self.server.getsockname()[1]
        threading.Thread(target=self.serve, daemon=True).start()

    def serve(self):
        try:
            while True:
                self.peers.append(self.server.accept()[0])
                threading.Thread(target=self.talk, args=(self.peers[-1],), daemon=True).start()
        except OSError:
            pass

    def talk(self, peer):
        allowed = self.password is None
        try:
            if self.says == HANGS_UP:
                peer.close()
            while asked := peer.recv(4096):
                if self.says == BABBLES:
                    peer.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")
                while self.says in ENDLESS:
                    peer.sendall(ENDLESS[self.says])
                    if self.says.startswith("an array"):
                        break
                if isinstance(self.says, str):
                    continue
                if b"AUTH" in asked:
                    allowed = self.password is not None and self.password.encode() in asked
                    peer.sendall(b"+OK\r\n" if allowed else b"-WRONGPASS invalid username-password pair\r\n")
                if not allowed:
                    peer.sendall(b"-NOAUTH Authentication required.\r\n" * (asked.count(b"SENTINEL")))
                    continue
                if b"GET-MASTER-ADDR-BY-NAME" in asked:
                    peer.sendall(b"*-1\r\n" if self.says is None else bulk(b"127.0.0.1", b"%d" % self.says))
                if b"$6\r\nMASTER" in asked:
                    peer.sendall(bulk(b"name", MASTER.encode(), b"config-epoch", b"%d" % self.epoch))
        except OSError:
            pass

    def close(self):
        self.server.close()
        for peer in self.peers:
            peer.close()


@pytest.fixture
def world(tmp_path):
    """A master that is asked for by Sentinels, and another one that nobody should be led to."""
    (tmp_path / "other").mkdir()
    other = RedisServer(tmp_path / "other", port=free_port())
    other.start()
    with Rig(port=free_port()) as rig:
        rig.redis.start()
        rig.other = other
        rig.sentinels = []
        yield rig
    for sentinel in rig.sentinels:
        sentinel.close()
    other.close()


def sentinels(rig, *all):
    """What each of them says; a pair: and in which epoch."""
    for says in all:
        says, epoch = says if isinstance(says, tuple) else (says, 1)
        rig.sentinels.append(FakeSentinel(says, epoch))
    return f"redis+sentinel://{','.join(one.place for one in rig.sentinels)}/{MASTER}"


def expect_it_works(rig, url):
    rig.set_open(0)
    rig.start_router(url=url)
    rig.must_xadd("BTCUSDT")
    rig.expect_intent("BTCUSDT")
    assert not rig.other.db.keys()
    done = ctl("capacity", "show", url=url)
    assert done.returncode == 0 and "open" in done.stdout, done


@pytest.mark.parametrize("odd", [SILENT, HANGS_UP, BABBLES, None, "other", "nobody"])
def test_one_of_three_does_not_decide(world, odd):
    right = world.redis.port
    says = {"other": (world.other.port, 99), "nobody": free_port()}.get(odd, odd)
    expect_it_works(world, sentinels(world, says, right, right))


def peak_mib(process):
    with open(f"/proc/{process.pid}/status") as file:
        [kib] = [int(line.split()[1]) for line in file if line.startswith("VmHWM")]
    return kib / 1024


@pytest.mark.parametrize("endless", ENDLESS)
def test_two_of_three_flood(world, endless):
    """They end nothing, take no more memory than a unit has, and keep nobody from an emergency stop."""
    url = sentinels(world, endless, endless, world.redis.port)
    for start in (world.start_executor, world.start_router):
        start(url=url)
    for _ in range(5):
        began = time.monotonic()
        assert ctl("halt", "flooded", "--replace", url=url).returncode == 0
        assert time.monotonic() - began < soon(3)
    world.db.delete("quantum:safety:safe_mode")
    world.await_ticks(20)
    expect_it_works(world, url)
    for service in (*world.executors, *world.routers):
        assert service.process.poll() is None and peak_mib(service.process) < 192, service.tail()


@pytest.mark.parametrize("others", [(SILENT, SILENT), (HANGS_UP, BABBLES)])
def test_one_of_three_will_do(world, others):
    expect_it_works(world, sentinels(world, *others, world.redis.port))


def test_of_two_the_later_failover_counts(world):
    expect_it_works(world, sentinels(world, (world.other.port, 3), (world.redis.port, 4)))


def test_nobody_knows(world):
    url = sentinels(world, SILENT, None, BABBLES)
    router = world.start_router(url=url)
    router.expect("REDIS_LOST .*(nobody said in time|none of 3 sentinels says where Redis is)")
    assert router.terminate() < 1
    done = ctl("groups", url=url)
    assert done.returncode == 1
    assert "none of 3 sentinels says where Redis is" in done.stderr and len(done.stderr.splitlines()) == 1, done.stderr


def test_no_master_of_this_name(world):
    url = sentinels(world, None)
    world.start_router(url=url).expect(
        rf"REDIS_LOST none of 1 sentinels says where Redis is: {world.sentinels[0].place}: it watches no master of this name"
    )


def test_an_address_where_nobody_listens(world):
    url = sentinels(world, free_port())
    router = world.start_router(url=url)
    router.expect("REDIS_LOST Connection refused")
    world.sentinels[0].says = world.redis.port
    router.expect("REDIS_BACK")


def test_a_replica_is_refused(world):
    world.other.db.replicaof("127.0.0.1", world.redis.port)
    url = sentinels(world, world.other.port)
    router = world.start_router(url=url)
    router.expect("REDIS_LOST .*this is a replica, though the sentinels name it as the master")
    done = ctl("groups", url=url)
    assert done.returncode == 1 and "this is a replica" in done.stderr
    world.sentinels[0].says = world.redis.port
    router.expect("REDIS_BACK")


@pytest.mark.parametrize("is_refusing", [False, True])
def test_a_master_that_is_no_longer_named_is_left(world, is_refusing):
    """Cut off from the others, but not from us: it goes on, until they are asked again. NOREPLICAS is a reason to ask."""
    url = sentinels(world, world.redis.port)
    world.set_open(0)
    router = world.start_router(url=url)
    world.must_xadd("BTCUSDT")
    world.expect_intent("BTCUSDT")
    world.sentinels[0].says = world.other.port
    if is_refusing:
        world.db.config_set("min-replicas-to-write", 1)
    why = f"the sentinels name another master: 127.0.0.1:{world.other.port}"
    router.expect(f"REDIS_LOST ({why}|NOREPLICAS)" if is_refusing else f"REDIS_LOST {why}", seconds=soon(2 if is_refusing else 15))
    router.expect("CAPACITY_UNKNOWN")  # the other one is empty


def password_file(rig, text):
    file = rig.folder / "sentinel-password"
    file.write_text(text + "\n")
    os.chmod(file, 0o400)
    return f'redis : {{ sentinel_password_file = "{file}"; }};'


def test_their_own_password(world):
    url = sentinels(world, world.redis.port)
    world.sentinels[0].password = "theirs"
    router = world.start_router(url=url)
    router.expect("REDIS_LOST .*NOAUTH")
    world.set_open(0)
    world.start_router(url=url, conf=password_file(world, "theirs"))
    world.router.expect("CAPACITY_OK|TARGET_REACHED|LEADER|STANDBY|started")
    world.must_xadd("BTCUSDT")
    world.expect_intent("BTCUSDT")
    assert "theirs" not in world.router.text()


def test_a_name_for_a_sentinel(world):
    url = sentinels(world, world.redis.port).replace("127.0.0.1", "localhost")
    expect_it_works(world, url)


def test_a_sentinels_name_of_which_an_address_refuses(world):
    """The tool has one try alone."""
    url = sentinels(world, world.redis.port).replace("127.0.0.1", "redis.several")
    world.set_open(0)
    done = ctl("capacity", "show", url=url, **SEVERAL, SEVERAL_ADDRESSES="127.0.0.3,127.0.0.2,127.0.0.1")
    assert done.returncode == 0 and "CAPACITY_OK" in done.stdout, done
    done = ctl("capacity", "show", url=url, **SEVERAL, SEVERAL_ADDRESSES="127.0.0.3,127.0.0.2")
    assert done.returncode == 1 and "Connection refused" in done.stderr, done


def test_options_instead_of_the_url(world):
    sentinels(world, world.redis.port)
    conf = f'redis : {{ sentinels = ["{world.sentinels[0].place}"]; sentinel_master = "{MASTER}"; }};'
    world.set_open(0)
    world.start_router(url="", conf=conf)
    world.must_xadd("BTCUSDT")
    world.expect_intent("BTCUSDT")


@pytest.mark.parametrize(
    "flags, told",
    [
        (["--redis.sentinels=h:1"], "--redis.sentinels: redis.sentinel_master (\"\" by default) is needed"),
        (["--redis.sentinel_master=m"], "needs redis.sentinels, who know where it is"),
        (["--redis.sentinels=h:0", "--redis.sentinel_master=m"], "bad port (1 to 65535)"),
        (["--redis.sentinels=h:1,h:1", "--redis.sentinel_master=m"], "names one host and port twice"),
        (["--redis.sentinels=h:1", "--redis.sentinel_master=a b"], "is no name of a master"),
        (["--redis.sentinels=h:1", "--redis.sentinel_master=m", "--redis.nodes=h:2"], "cannot be used together with redis.sentinels"),
        (["--redis.url=redis+sentinel://h:1/m", "--redis.nodes=h:2"], "redis.url names sentinels; leave one of the two out"),
        (["--redis.url=redis+sentinel://h:1/m", "--redis.sentinels=h:2"], "redis.url names sentinels; leave one of the two out"),
        (["--redis.url=redis+sentinel://h:1/m", "--redis.sentinel_master=n"], "is another one than redis.url names"),
        (["--redis.url=redis+sentinel://h:1"], "is needed: which master"),
        (["--redis.url=redis+sentinel:///m"], "names no host"),
        (["--redis.url=unix:///r.sock", "--redis.sentinels=h:1", "--redis.sentinel_master=m"], "redis.url names a socket"),
        (["--redis.host=r", "--redis.sentinels=h:1", "--redis.sentinel_master=m"], "redis.host or redis.port says where Redis is"),
        (["--redis.sentinel_password_file=/nowhere"], "cannot be used: No such file"),
        (["--redis.nodes=h:1"], "--redis.nodes: prefix (\"quantum:\" by default) has no hash tag"),
        (["--redis.nodes=h:1", "--prefix=q:{a}:", "--redis.url=redis://h/3"], "names database 3, and a Cluster has 0 alone"),
        (["--redis.nodes=h:1", "--prefix=q:{a}:", "--keys.intents=q:{b}:i"], "keys.intents 'q:{b}:i' lies in slot 3300 and 'q:{a}:"),
        (["--redis.nodes=h:1", "--prefix=q:{a}:", "--keys.intents=intents"], "'intents' has no hash tag"),
        (["--redis.nodes=h:1", "--prefix=q:{a}:", "--safety.also=lockdown=1"], "'lockdown' has no hash tag"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("name", ["router", "executor"])
def test_refused_at_start(empty_rig, name, flags, told):
    start = empty_rig.start_router if name == "router" else empty_rig.start_executor
    service = start(*flags, url="")
    assert service.process.wait(30) == 2
    service.killed = True
    lines = service.lines()
    service.log_path.write_text("")
    assert any(told in line for line in lines) and len(lines) == 1 + ("nowhere" in flags[0]), lines
