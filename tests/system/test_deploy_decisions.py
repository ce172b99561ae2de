"""deploy/deploy.d: how many decisions of the last hour the candidate would have made otherwise."""

import json

import pytest

from harness.names import DECISIONS, SETTINGS
from harness.signals import signal
from test_deploy_writers import deploy  # noqa: F401, a fixture

CHECK = "decisions_check; cat $work/facts"
SAME = "same_decisions=yes; " + CHECK


@pytest.fixture
def decided(deploy):  # noqa: F811
    deploy.start_open_router(1)
    for confidence in (0.95, 0.9):
        deploy.must_write(signal("BTCUSDT", confidence=confidence), signal("ETHUSDT"))
        deploy.expect_drained()
    deploy.close_routers()
    return deploy


def change_first(rig, change):
    """The first record as somebody else would have written it."""
    records = rig.db.xrange(DECISIONS)
    rig.forges = True
    rig.db.delete(DECISIONS)
    for number, (id, fields) in enumerate(records):
        rig.db.xadd(DECISIONS, change(fields) if number == 0 else fields, id=id)


@pytest.mark.parametrize("check", [CHECK, SAME])
def test_a_build_that_decides_the_same(decided, check):
    number = decided.db.xlen(DECISIONS)
    done = decided.deploy(check)
    assert (done.returncode, done.stderr) == (0, "") and f"decisions\tof the last hour\t{number}, 0 would differ" in done.stdout


def test_a_build_that_decides_otherwise(decided):
    number = decided.db.xlen(DECISIONS)
    change_first(decided, lambda fields: {**fields, "core": "7", "rows": fields["rows"].replace("published 2", "outranked 2")})
    done = decided.deploy(CHECK)
    said = f"1 of {number} decisions of the last hour would differ; the first: row 2, "
    assert done.returncode == 0 and said in done.stdout and said in done.stderr
    done = decided.deploy(SAME)
    assert done.returncode == 1 and done.stderr.startswith("--same-decisions: " + said)


def test_nobody_knows(deploy):  # noqa: F811
    done = deploy.deploy(CHECK)
    assert done.returncode == 0 and "decisions\tnot known\tthere is no record of the last hour" in done.stdout
    done = deploy.deploy(SAME)
    assert done.returncode == 1 and "nobody knows whether it decides the same: there is no record of the last hour" in done.stderr
    deploy.db.set(DECISIONS, json.dumps({}))
    done = deploy.deploy(SAME)
    assert done.returncode == 1 and "WRONGTYPE" in done.stderr


def test_records_without_their_settings(decided):
    decided.db.delete(SETTINGS)
    done = decided.deploy(SAME)
    assert done.returncode == 1 and "cannot be compared: the text of its settings" in done.stderr
