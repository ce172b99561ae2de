import os
import random
import subprocess
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent / "system")]

from executor_stage import ExecutorStage  # noqa: E402
from harness.process import BUILD, ROOT  # noqa: E402
from harness.redis import free_port  # noqa: E402
from pair import paired  # noqa: E402
from stage import Stage  # noqa: E402

SEED = int(os.environ.setdefault("QUANTUM_SEED", str(random.randrange(1 << 32))))


def pytest_sessionstart(session):
    if not (BUILD / "quantum-router").exists():
        raise pytest.UsageError(f"no quantum-router in {BUILD}: build it, or set QUANTUM_BUILD")


@pytest.fixture
def chance(request):
    """A source of chance of the test's own, so that the seed repeats it whatever else runs."""
    return random.Random(f"{SEED} {request.node.name}")


def play(kind=Stage, **redis_options):
    with kind(durable=True, **redis_options) as stage:
        stage.redis.start()
        stage.set_open(0)
        yield stage
        try:
            stage.end()
        except AssertionError as error:
            raise AssertionError(f"in the end: {error}{stage.told()}") from error


@pytest.fixture
def stage():
    """A Redis with an append-only file; in the end everything is healed, restarted, drained and checked."""
    yield from play()


@pytest.fixture
def tcp_stage():
    """The same, where the proxy reaches Redis by TCP, so that it can reset that side too."""
    yield from play(port=free_port())


@pytest.fixture
def paper():
    """The same for a paper executor, whose books they are then."""
    yield from play(ExecutorStage)


@pytest.fixture
def tcp_paper():
    yield from play(ExecutorStage, port=free_port())


@pytest.fixture
def pair():
    """A master and its replica; the test looks at both itself."""
    with Stage(durable=True, port=free_port()) as stage, paired(stage):
        yield stage


@pytest.fixture
def paper_pair():
    """The same for a paper executor."""
    with ExecutorStage(durable=True, port=free_port()) as stage, paired(stage):
        yield stage


@pytest.fixture
def lane_stage():
    """A Redis for many lanes; the test checks its books itself."""
    with Stage(durable=True) as stage:
        stage.redis.appendfsync = "everysec"
        stage.redis.start()
        yield stage


def commit_of_the_tree():
    told = subprocess.run(["git", "-C", ROOT, "rev-parse", "--short", "HEAD"], capture_output=True, text=True)
    return told.stdout.strip() or "unknown"


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item, call):
    report = (yield).get_result()
    if not report.failed:
        return
    full = " --full" if os.environ.get("QUANTUM_TEST_FULL") == "1" else ""
    again = f"tests/faults/run --seed {SEED}{full} -k '{item.name}'   (commit {commit_of_the_tree()})"
    report.sections.append(("to repeat it", again))
    for stage in item.funcargs.values() if report.when == "call" else ():
        if isinstance(stage, Stage):
            report.sections.append(("routers' logs", stage.told()))
