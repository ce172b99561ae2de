"""deploy/deploy.sh: one at a time, and nobody but root says what it opens or whom it kills."""

import subprocess

import pytest

from harness.process import ROOT
from harness.waiting import PATIENCE_SEC, wait_until

PARTS = ROOT / "deploy/deploy.d"
# What a run has beside the lock.
RUN = """
set -Eeuo pipefail
refuse() { printf 'refused: %s\\n' "$*"; exit 3; }
complain() { printf 'complains: %s\\n' "$*"; }
unproved_only=yes
source "$1/lock.sh"
lock_home=$2/run lock_patience_sec=${3:-0.3}
"""


def run(folder, command, patience=0.3):
    done = subprocess.run(["bash", "-c", RUN + command, "-", PARTS, folder, str(patience)], capture_output=True, text=True, timeout=PATIENCE_SEC)
    return done.returncode, done.stdout


def start(folder, command):
    started = subprocess.Popen(["bash", "-c", RUN + command, "-", PARTS, folder])
    wait_until("it holds the lock", lambda: (folder / "run/holder").exists() and (folder / "run/holder").read_text())
    return started


@pytest.fixture
def folder(tmp_path):
    return tmp_path


def test_two_exclude_each_other(folder):
    first = start(folder, "lock_take; exec sleep 60")
    assert run(folder, "lock_take; echo taken") == (3, f"refused: another deploy or rollback is at work ({folder}/run/lock)\n")
    first.kill()
    first.wait()
    assert run(folder, "lock_take; echo taken") == (0, "taken\n")
    assert (folder / "run").stat().st_mode & 0o777 == 0o700


def test_a_link_in_its_place_is_refused(folder):
    (folder / "elsewhere").mkdir(mode=0o700)
    (folder / "run").symlink_to(folder / "elsewhere")
    status, said = run(folder, "lock_take")
    assert status == 3 and "must be a folder of root's" in said
    assert not list((folder / "elsewhere").iterdir())


@pytest.mark.parametrize("mode", [0o777, 0o1777, 0o770, 0o720])
def test_a_folder_that_others_may_write_to_is_refused(folder, mode):
    victim = folder / "victim"
    victim.write_text("precious")
    (folder / "run").mkdir()
    (folder / "run").chmod(mode)
    (folder / "run/lock").symlink_to(victim)
    status, said = run(folder, "lock_take")
    assert status == 3 and "must be a folder of root's" in said
    assert victim.read_text() == "precious"


def test_a_hanging_deploy_is_ended_and_nobody_else(folder):
    holder = start(folder, "lock_take; exec sleep 60")
    bystander = subprocess.Popen(["sleep", "60"])
    number, started = (folder / "run/holder").read_text().split()
    # A number that another process has now is not the holder's, nor is a text.
    for forged in (f"{bystander.pid} {started}", f"{bystander.pid}", f"-1 {started}", "x y", ""):
        (folder / "run/holder").write_text(forged + "\n")
        assert run(folder, "lock_take_over", patience=0.1)[0] == 3
        assert bystander.poll() is None and holder.poll() is None
    (folder / "run/holder").write_text(f"{number} {started}\n")
    status, said = run(folder, 'lock_take_over; [[ $(<"$lock_home/holder") == "$$ "* ]] && echo taken', patience=5)
    assert (status, said) == (0, f"complains: the deploy (process {number}) did not come to an end in time\ntaken\n")
    assert holder.wait(timeout=PATIENCE_SEC) == -9 and bystander.poll() is None
    bystander.kill()
    bystander.wait()
