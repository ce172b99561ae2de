"""tests/trixie/enter: whatever ends it, nothing of what it has started goes on. Here it enters the system that it is called in."""

import fcntl
import signal
import subprocess

import pytest

from harness.process import ROOT, kill_hard
from harness.waiting import wait_until

DEAF = "trap '' INT TERM HUP; exec 9>/srv/out/lock; flock 9; echo >/srv/out/there; sleep 1000"


def is_free(path):
    with open(path) as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
    return True


def hear_all():
    """As a terminal's programs do, also where the tests run under nohup."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_DFL)


def enter(folder, *command, **more):
    command = [ROOT / "tests/trixie/enter", "/", folder, *command]
    return subprocess.Popen(command, start_new_session=True, preexec_fn=hear_all, **more)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGKILL])
def test_whatever_ends_it_ends_what_is_in_there(tmp_path, number):
    entered = enter(tmp_path, "bash", "-c", DEAF)
    try:
        wait_until("it is in there", (tmp_path / "there").exists)
        assert not is_free(tmp_path / "lock")
        entered.send_signal(number)
        wait_until("it has ended", lambda: entered.poll() is not None)
        wait_until("nothing goes on", lambda: is_free(tmp_path / "lock"))
    finally:
        kill_hard(entered)


def test_what_is_in_there_hears_an_interrupt_and_has_its_input(tmp_path):
    command = "read -r word; trap 'echo $word; exit 3' INT; kill -INT $$"
    entered = enter(tmp_path, "bash", "-c", command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    said, _ = entered.communicate("heard\n", timeout=60)
    assert (said, entered.returncode) == ("heard\n", 3)
