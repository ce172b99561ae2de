"""A short soak; the long ones are run by hand."""

import subprocess
import sys
from pathlib import Path

import pytest
from conftest import SEED
from harness.waiting import SLOWNESS

SECONDS = 15


@pytest.mark.parametrize("more", [[], ["--house"]], ids=["two routers", "a house"])
def test_soak(more):
    command = [sys.executable, Path(__file__).parent / "soak", "--minutes", str(SECONDS / 60), "--seed", str(SEED), *more]
    done = subprocess.run(command, capture_output=True, text=True, timeout=180 * SLOWNESS)
    assert done.returncode == 0, done.stdout + done.stderr
    print(done.stdout)
    for name in ("lost", "doubled", "left pending"):
        assert [line.split()[-1] for line in done.stdout.splitlines() if line.startswith(name)] == ["0"]
