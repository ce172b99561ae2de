"""The connection is lost, or a reply on it, at the worst of moments (F01 to F20)."""

from harness.waiting import wait_until
from harm import cut
from proxy import COMMAND, REPLY


def test_f05_commit_ran_and_its_reply_is_lost(stage):
    proxy = stage.proxy()
    router = stage.lead("a", proxy)
    lost = proxy.on("commit", REPLY, cut())
    [uid] = stage.write()
    lost.await_it()
    router.expect(r"COMMIT_SETTLED cycle=\S+ ran=yes")
    stage.works()
    assert stage.published().count(uid) == 1
    assert b"done" in lost.steps[0].frame


def test_f06_commit_never_arrives(stage):
    proxy = stage.proxy()
    router = stage.lead("a", proxy)
    lost = proxy.on("commit", COMMAND, cut())
    [uid] = stage.write()
    lost.await_it()
    router.expect(r"COMMIT_SETTLED cycle=\S+ ran=no")
    stage.works()
    assert stage.published().count(uid) == 1
