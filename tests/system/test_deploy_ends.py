"""deploy/deploy.d: how a run ends that is cut off anywhere, what it says of that, and what a rollback finds afterwards."""

import os
import subprocess

import pytest

from harness.process import ROOT
from harness.waiting import PATIENCE_SEC

# The parts on a host of their own, where systemd does what it is asked and notes it.
PARTS = """
set -Eeuo pipefail
for part in "$0"/*.sh; do source "$part"; done
work=$1/scratch home=$1/home host=$1/host lock_home=$1/lock stage=$1/stage backup=
mkdir -p "$work" "$home" "$host"
: >"$work/facts"
systemctl() { [[ $* != *rollback-* ]] || echo "systemctl $*" >>"$host/../asked"; }
timeout() { shift && "$@"; }
journalctl() { :; }
sleep() { :; }
host_check_root() { :; }
backup_check_home() { :; }
unit_is() { case $2 in NRestarts) echo 0 ;; LoadState) echo loaded ;; ActiveState) echo active ;; esac; }
deployed() { # NAME PHASE: a backup of a file that was old and is new
    mkdir -p "$home/$1/files$host"
    printf 'old\\n' >"$home/$1/files$host/program"
    printf 'new\\n' >"$host/program"
    printf 'staged\\n' >"$host/program.quantum-deploy"
    printf 'replaced\\t%s\\n' "$host/program" >"$home/$1/manifest"
    printf '%s\\tactive\\tenabled\\n' "$router_unit" >"$home/$1/units"
    printf '%s\\n' "$2" >"$home/$1/phase"
}
trap on_exit EXIT
"""
FIRST, SECOND, THIRD = "20260101T000001Z", "20260101T000002Z", "20260101T000003Z"


@pytest.fixture
def parts(tmp_path):
    def run(text):
        command = ["bash", "-c", PARTS + text, ROOT / "deploy/deploy.d", tmp_path]
        return subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE_SEC)

    return run


def phase(folder, name):
    return (folder / "home" / name / "phase").read_text().strip()


# --- what is proved stays


@pytest.mark.parametrize("end", ["kill -TERM $$", "report_make() { fail 'No space left on device'; }; finish"])
def test_what_is_proved_stays_whatever_becomes_of_its_report(parts, tmp_path, end):
    done = parts(f"trap 'fail \"it was interrupted\"' TERM; deployed {FIRST} watching; backup=$home/{FIRST}; armed=yes; switch_disarm; {end}")
    assert done.returncode == 0 and "it is deployed and proved, and stays; its report is not whole: " in done.stderr, done
    assert phase(tmp_path, FIRST) == "proved" and "refused" not in done.stderr


def test_a_timer_is_taken_back_with_the_refusal(parts, tmp_path):
    """Interrupted when it was armed, and before that was noted."""
    done = parts(f"deployed {FIRST} prepared; backup=$home/{FIRST}; fail 'it was interrupted'")
    assert done.returncode == 3 and "refused, nothing was touched: it was interrupted" in done.stderr, done
    assert (tmp_path / "asked").read_text() == f"systemctl stop -- quantum-deploy-rollback-{FIRST}.timer\n"
    assert os.listdir(tmp_path / "home") == [] and os.listdir(tmp_path / "host") == ["program"]


# --- what was killed before its switch


KILLED = f"deployed {FIRST} proved; deployed {SECOND} prepared; deployed {THIRD} prepared; rm $home/{THIRD}/units; "


@pytest.mark.parametrize("asked", ["", f"chosen={FIRST}; "])
def test_a_rollback_passes_over_what_changed_nothing(parts, tmp_path, asked):
    done = parts(KILLED + asked + "rollback_asked")
    assert done.returncode == 0 and done.stderr == "", done
    assert (tmp_path / "host/program").read_text() == "old\n"
    assert [phase(tmp_path, name) for name in (FIRST, SECOND, THIRD)] == ["rolled-back", "prepared", "prepared"]


def test_what_changed_nothing_is_not_undone(parts, tmp_path):
    done = parts(KILLED + f"chosen={SECOND}; rollback_asked")
    assert done.returncode == 3 and f"the deploy {SECOND} was killed before it switched anything" in done.stderr, done
    done = parts(KILLED + f"chosen={SECOND} unproved_only=yes; rollback_asked")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", ""), done
    assert (tmp_path / "host/program").read_text() == "new\n"


def test_the_next_deploy_clears_it_away(parts, tmp_path):
    done = parts(KILLED + f"mkdir $home/20260101T000004Z; deployed {THIRD}x watching; backup_sweep")
    assert done.returncode == 0, done
    assert sorted(os.listdir(tmp_path / "home")) == [FIRST, THIRD + "x"]
    assert (tmp_path / "host/program").read_text() == "new\n" and not (tmp_path / "host/program.quantum-deploy").exists()


# --- a rollback that is cut off, or has no room


def test_a_rollback_that_is_cut_off_says_so(parts, tmp_path):
    done = parts(f"deployed {FIRST} proved; trap 'fail \"it was interrupted\"' TERM; rollback_start() {{ kill -TERM $$; }}; rollback_asked")
    assert done.returncode == 2 and f"the rollback of {FIRST} did not come to its end: it was interrupted" in done.stderr, done
    assert phase(tmp_path, FIRST) == "proved"


def test_a_rollback_on_a_full_disk(parts, tmp_path):
    """It takes no copy and no report: the files are those of the backup, and what it says is so."""
    full = 'cp() { printf half >"${@: -1}"; return 1; }; report_make() { fail "No space left on device"; }; '
    outcome = f'printf "rolled-back\\n" >$home/{FIRST}/phase.rolled-back; mkdir $home/{FIRST}/outcome $home/{FIRST}/phase.new; '
    done = parts(f"deployed {FIRST} proved; " + outcome + full + "rollback_asked")
    assert done.returncode == 0 and "its report could not be written" in done.stderr, done
    assert (tmp_path / "host/program").read_text() == "old\n" and phase(tmp_path, FIRST) == "rolled-back"
    assert os.listdir(tmp_path / "host") == ["program"]


def test_what_takes_long_does_not_hold_the_lock(parts, tmp_path):
    """Killed with it, a stop or a start goes on, and the rollback by the timer must get through."""
    done = parts(f"""
        exec 9>"$home/lock"
        timeout() {{ [[ ! -e /proc/$BASHPID/fd/9 ]] || echo "$*" >>"$home/../held"; }}
        deployed {FIRST} watching
        services=("$router_unit") backup=$home/{FIRST}
        rollback_undo "$home/{FIRST}"
        switch_check_silence() {{ exit 0; }}
        unit_is() {{ echo inactive; }}
        switch_over
    """)
    assert done.returncode == 0 and not (tmp_path / "held").exists(), done


# --- where the candidate lies


def test_a_candidate_is_unpacked_where_programs_may_be_run(parts, tmp_path):
    """Debian mounts /run noexec. The test plays the mount, for only root could make one."""
    text = """
        may_run() { [[ $1 != "$work"/* ]]; }
        eval "$(declare -f candidate_may_run | sed 's/\\[\\[ -x .* \\]\\]/may_run "$1"/')"
        candidate_make_stage
        echo "$stage"; ls -A "$stage"
    """
    done = parts(text)
    assert done.returncode == 0 and done.stdout.startswith("/var/tmp/quantum-deploy."), done
    assert len(done.stdout.split()) == 1 and not os.path.exists(done.stdout.strip())
    done = parts(text.replace('!= "$work"/*', "== /nowhere"))
    assert done.returncode == 3 and "all of them are mounted noexec" in done.stderr, done


@pytest.mark.parametrize("name", ["a blank", "a&b|c", "new\nline"])
def test_a_candidate_may_have_any_name(parts, tmp_path, name):
    candidate = tmp_path / name
    (candidate / "usr/bin").mkdir(parents=True)
    (candidate / "lib/systemd/system").mkdir(parents=True)
    for program in ("quantum-router", "quantumctl"):
        (candidate / "usr/bin" / program).write_text("#!/bin/sh\n")
        (candidate / "usr/bin" / program).chmod(0o755)
    (candidate / "lib/systemd/system/quantum-ai-strategy-router.service").write_text("[Service]\nExecStart=/usr/bin/quantum-router\n")
    done = parts(f"""
        candidate=$(printf '%b' '{str(candidate).replace(chr(10), chr(92) + "n")}')
        systemd-analyze() {{ cat "$work"/units/*; }}
        candidate_obtain; candidate_check_units; cat "$work/said"
    """)
    assert (done.returncode, done.stderr) == (0, "") and f"ExecStart={tmp_path}/scratch/stage/usr/bin/quantum-router\n" in done.stdout, done
