import os
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent), str(HERE.parents[1])]

from deploying import Deployer  # noqa: E402
from guest import Guest  # noqa: E402
from host import install  # noqa: E402

ROOT = os.environ.get("QUANTUM_BOOT_ROOT")


def pytest_sessionstart(session):
    if not ROOT:
        raise pytest.UsageError("no QUANTUM_BOOT_ROOT: tests/system/boot/run sets it")


@pytest.fixture(scope="module")
def bare_guest(tmp_path_factory):
    """A Debian that has booted, with a Redis that answers and nothing of ours; one for each test file."""
    guest = Guest(ROOT, tmp_path_factory.mktemp("guest") / "console.log")
    try:
        guest.wait("a Redis that answers", "redis-cli PING")
        yield guest
    finally:
        guest.close()


@pytest.fixture(scope="module")
def newcomer(tmp_path_factory):
    """A Debian of which only the minimal variant and systemd are there, and a source of packages; one for each test file."""
    guest = Guest(os.environ["QUANTUM_BOOT_BARE"], tmp_path_factory.mktemp("newcomer") / "console.log")
    yield guest
    guest.close()


@pytest.fixture(scope="module")
def guest(bare_guest):
    """The same with our packages installed; nothing is enabled, nothing of ours runs."""
    install(bare_guest)
    return bare_guest


@pytest.fixture(scope="module", name="host")
def deployer(bare_guest, tmp_path_factory):
    """The same, and deploy.sh with a good candidate on it."""
    deployer = Deployer(bare_guest, tmp_path_factory.mktemp("candidates"))
    yield deployer
    deployer.stop_signals()


def pytest_collection_modifyitems(items):
    """The file that takes longest begins first, and all others run beside it."""
    items.sort(key=lambda item: item.path.name != "test_readmes.py")


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item, call):
    report = (yield).get_result()
    if report.when == "call" and report.failed:
        for guest in {value for value in item.funcargs.values() if isinstance(value, Guest)}:
            report.sections.append(("the guest", guest.tail(60)))
