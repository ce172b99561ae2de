"""Somebody else reads under the router's consumer name: told at the start. A restart of our own is not."""

from harness.names import CONSUMER, GROUP, SIGNALS

WORD = "CONSUMER_SHARED"


def test_another_program_under_our_name_is_told(rig):
    rig.set_open(0)
    rig.must_xadd()
    rig.db.xgroup_create(SIGNALS, GROUP, "0")
    rig.db.xreadgroup(GROUP, CONSUMER, {SIGNALS: ">"})
    router = rig.start_router()
    router.expect(rf"{WORD} consumer={CONSUMER} group={GROUP} silent_ms=\d+ → another program reads under this name")
    rig.expect_drained()


def test_a_restart_and_a_crash_of_our_own_are_not(rig):
    rig.set_open(10)
    routers = []
    for end in ("terminate", "kill", "terminate"):
        routers.append(rig.start_router())
        routers[-1].expect("LEADER_ACQUIRED")
        rig.must_xadd()
        rig.expect_drained()
        getattr(routers[-1], end)()
    assert [router.count(WORD) for router in routers] == [0, 0, 0]
