"""The proxy itself: what a fault means and what it leaves alone."""

import socket

from harness.waiting import PATIENCE_SEC

from harm import cut, first, forward, half_close
from proxy import COMMAND, REPLY


def test_a_fault_leaves_alone_what_was_asked_before_it_stood(stage):
    """The commit is in Redis and its reply is still on its way when the next fault is set up."""
    proxy = stage.proxy()
    proxy.on("commit", COMMAND, first(lambda: proxy.freeze(REPLY), forward))
    router = stage.lead("a", proxy)
    lost = proxy.on("commit", REPLY, cut())
    proxy.thaw()
    router.expect("BEST_OF_PUBLISH")
    assert lost.begun == 0
    [uid] = stage.write()
    lost.await_it()
    stage.works()
    assert stage.published().count(uid) == 1 and lost.happened == 1


def test_replies_behind_a_half_close_are_lost(stage):
    proxy = stage.proxy()
    fault = proxy.on("ping", REPLY, half_close)
    with socket.create_connection(("127.0.0.1", proxy.port), timeout=PATIENCE_SEC) as client:
        client.sendall(b"*1\r\n$4\r\nPING\r\n" * 3)
        assert client.recv(100) == b""
    fault.await_it()
