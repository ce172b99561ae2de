"""The container itself: whatever ends it or its runner, nothing is left of it on the host."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from guest import Guest, descendants
from harness.waiting import wait_until

ROOT = os.environ.get("QUANTUM_BOOT_ROOT")
RUNNER = """import sys
sys.path[:0] = sys.argv[3:]
from guest import Guest
guest = Guest(sys.argv[1], sys.argv[2])
print(guest.process.pid, flush=True)
sys.stdin.read()
"""


def lives(pid):
    try:
        return "\nState:\tZ" not in Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return False


def group_exists(launcher):
    mounts = [line.split() for line in Path("/proc/self/mounts").read_text().splitlines()]
    return any(Path(f"{words[1]}/quantum-boot-{launcher}").exists() for words in mounts if words[2] == "cgroup2")


def expect_nothing(launcher, processes):
    wait_until("all processes gone", lambda: not any(lives(pid) for pid in processes))
    assert not group_exists(launcher)
    assert "quantum-boot" not in Path("/proc/self/mounts").read_text()


def test_poweroff(tmp_path):
    guest = Guest(ROOT, tmp_path / "console.log")
    processes = list(descendants(guest.process.pid))
    guest.run("echo changed > /etc/hostname")
    guest.poweroff()
    expect_nothing(guest.process.pid, processes)
    assert Path(ROOT, "etc/hostname").read_text() == "quantum-guest\n"


@pytest.mark.parametrize("end", ["kill", "terminate"])
def test_runner_dies(tmp_path, end):
    command = [sys.executable, "-c", RUNNER, ROOT, tmp_path / "console.log", *sys.path]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True) as runner:
        launcher = int(runner.stdout.readline())
        processes = [launcher, *descendants(launcher)]
        assert len(processes) > 6 and all(lives(pid) for pid in processes)
        getattr(runner, end)()
    expect_nothing(launcher, processes)
