"""A name server that does not answer (F20), and names that have several addresses."""

import contextlib
import os
import socket
import time
import urllib.request

import pytest

from harness.ctl import ctl
from harness.process import BUILD, SANITIZERS
from harness.redis import free_port
from harness.waiting import soon

# The library must not come before the sanitizer's own, but may.
ASAN = {"ASAN_OPTIONS": SANITIZERS["ASAN_OPTIONS"] + ":verify_asan_link_order=0"}
HANGING = {"LD_PRELOAD": str(BUILD / "hang_names.so"), **ASAN}
SEVERAL = {"LD_PRELOAD": str(BUILD / "several_names.so"), **ASAN}


def test_f20_name_that_hangs(stage):
    """The loop turns, tries again and again, and ends when it is told to."""
    port = free_port()
    listen = {"METRICS_LISTEN": f"127.0.0.1:{port}"}
    router = stage.start_router(
        *stage.quick("a"), url="redis://hangs.example:6379", bare=True, **{**stage.env, **HANGING, **listen}
    )
    router.expect("REDIS_LOST resolving the host name timed out", seconds=soon(5))
    assert threads_of(router) > 1, "nobody looks the name up"
    for _ in range(5):
        assert answers(port)
    router.expect_count("REDIS_LOST", 1)
    began = time.monotonic()
    answers(port)
    assert time.monotonic() - began < soon(1)
    assert router.terminate() < 1.3


def answers(port):
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=soon(2)) as page:
        return page.status == 200


def threads_of(router):
    """Each name that is looked up has one, until they are all taken."""
    return len(os.listdir(f"/proc/{router.process.pid}/task"))


@contextlib.contextmanager
def silent(address, port):
    """Who takes no more connections there, and says nothing: its queue is full."""
    with contextlib.ExitStack() as stack:
        server = stack.enter_context(socket.socket())
        server.bind((address, port))
        server.listen(0)
        for _ in range(4):
            client = stack.enter_context(socket.socket())
            client.setblocking(False)
            client.connect_ex((address, port))
        yield


@pytest.mark.parametrize("dead", ["refuses", "is silent"])
@pytest.mark.parametrize("order", ["127.0.0.2,127.0.0.1", "127.0.0.3,127.0.0.2,127.0.0.1"])
def test_a_name_with_several_addresses_of_which_one_lives(tcp_stage, dead, order):
    """The services come to it with one of their tries, the tool with its one."""
    stage, port = tcp_stage, tcp_stage.redis.port
    url = f"redis://redis.several:{port}"
    with contextlib.ExitStack() as stack:
        if dead == "is silent":
            for address in order.split(",")[:-1]:
                stack.enter_context(silent(address, port))
        env = {**SEVERAL, "SEVERAL_ADDRESSES": order}
        router = stage.start_router(*stage.quick("a"), url=url, bare=True, **{**stage.env, **env})
        [uid] = stage.write()
        stage.expect_published(uid)
        assert router.count("REDIS_LOST") < 20
        done = ctl("--redis.connect_timeout_ms=300", "groups", "names", url=url, **env)
        assert done.returncode == 0 and "ai.decision.made" in done.stdout, done


def test_a_name_none_of_whose_addresses_lives(tcp_stage):
    env = {**SEVERAL, "SEVERAL_ADDRESSES": "127.0.0.2,127.0.0.3"}
    done = ctl("groups", url=f"redis://redis.several:{tcp_stage.redis.port}", **env)
    assert done.returncode == 1 and "redis.several" in done.stderr and "Connection refused" in done.stderr, done
    done = ctl("groups", url="redis://redis.several:1", **{**env, "SEVERAL_ADDRESSES": "nonsense.invalid"})
    assert done.returncode == 1 and len(done.stderr.splitlines()) == 1, done
