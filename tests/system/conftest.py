import sys
from pathlib import Path

import pytest

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent)]

from harness.clock import Clock  # noqa: E402
from harness.process import BUILD  # noqa: E402
from harness.receiver import Receiver  # noqa: E402
from harness.rig import Rig  # noqa: E402


def pytest_sessionstart(session):
    for name in ("quantum-router", "quantum-executor"):
        if not (BUILD / name).exists():
            raise pytest.UsageError(f"no {name} in {BUILD}: build it, or set QUANTUM_BUILD")


@pytest.fixture
def rig():
    """A Redis that runs; the test starts the routers."""
    with Rig() as rig:
        rig.redis.start()
        yield rig


@pytest.fixture
def durable_rig():
    """The same with an append-only file, to be killed and started again."""
    with Rig(durable=True) as rig:
        rig.redis.start()
        yield rig


@pytest.fixture
def timed():
    """A Redis whose clock the test may move."""
    with Rig() as rig:
        rig.clock = Clock(rig)
        rig.redis.start()
        yield rig


@pytest.fixture
def ledger_rig():
    """The same, and in the end its append-only file is checked."""
    with Rig(durable=True) as rig:
        rig.redis.start()
        yield rig
        rig.close_routers()
        rig.check_ledger()


@pytest.fixture
def empty_rig():
    """Redis is not there yet."""
    with Rig() as rig:
        yield rig


@pytest.fixture
def receiver():
    """One to whom documents are posted."""
    receiver = Receiver()
    yield receiver
    receiver.close()


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item, call):
    report = (yield).get_result()
    if report.when == "call" and report.failed:
        for rig in item.funcargs.values():
            if isinstance(rig, Rig):
                report.sections.append(("routers' logs", rig.told()))
