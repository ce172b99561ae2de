"""deploy/deploy.sh: what it is asked for, a value behind a blank or behind '=', and what is refused."""

import os
import subprocess

import pytest

from harness.process import ROOT
from harness.waiting import PATIENCE_SEC

READ = """
set -Eeuo pipefail
refuse() { printf 'refused: %s\\n' "$*"; exit 3; }
source "$0"
read_options "$@"
printf '%s ' "$action" "$candidate" "$wanted_services" "$watch_sec" "$ready_sec" "$armed_sec" "$dry_run" "$chosen"
"""


def read(*words):
    done = subprocess.run(["bash", "-c", READ, ROOT / "deploy/deploy.d/options.sh", *words], capture_output=True, text=True, timeout=PATIENCE_SEC)
    assert done.stderr == "" and done.returncode in (0, 3), done
    return done.stdout.strip()


@pytest.mark.parametrize("words, said", [
    ([], "deploy   30 30 0 no"),
    (["--watch=5", "--ready=7", "--undo-after=90", "--dry-run"], "deploy   5 7 90 yes"),
    (["--candidate=/a b=c", "--services", "one,two", "--watch", "5"], "deploy /a b=c one,two 5 30 0 no"),
    (["--rollback=20261121T181703Z"], "rollback   30 30 0 no 20261121T181703Z"),
    (["--rollback", "20261121T181703Z", "--ready=7"], "rollback   30 7 0 no 20261121T181703Z"),
    (["--rollback", "--ready=7"], "rollback   30 7 0 no"),
    (["--list"], "list   30 30 0 no"),
])  # fmt: skip
def test_what_is_asked_for(words, said):
    assert read(*words) == said


@pytest.mark.parametrize("words, why", [
    (["--watch=0"], "--watch takes 1 to 9999 seconds"),
    (["--watch="], "--watch needs a value; see deploy.sh --help"),
    (["--candidate="], "--candidate needs a value; see deploy.sh --help"),
    (["--rollback="], "--rollback needs a value; see deploy.sh --help"),
    (["--rollback=--list"], "--rollback needs a value; see deploy.sh --help"),
    (["--candidate"], "--candidate needs a value; see deploy.sh --help"),
    (["--candidate", "--dry-run"], "--candidate needs a value; see deploy.sh --help"),
    (["--watch"], "--watch needs a value; see deploy.sh --help"),
    (["--dry-run=yes"], "--dry-run takes no value; see deploy.sh --help"),
    (["--watsch=5"], "no option '--watsch'; see deploy.sh --help"),
    (["--candidate=a", "--packages=b"], "--candidate and --packages exclude each other"),
])  # fmt: skip
def test_what_is_refused(words, why):
    assert read(*words) == f"refused: {why}"


def test_the_program_reads_them():
    done = subprocess.run([ROOT / "deploy/deploy.sh", "--watch=5", "--ready=x"], capture_output=True, text=True, timeout=PATIENCE_SEC)
    assert (done.returncode, done.stderr) == (3, "deploy.sh: refused, nothing was touched: --ready takes 1 to 9999 seconds\n")


@pytest.mark.parametrize("variables", [{"BASH_FUNC_printf%%": "() { echo stolen; }"}, {"SHELLOPTS": "noglob"}, {"BASH_ENV": "/proc/self/environ"}])
def test_what_the_shell_of_the_caller_exports_counts_for_nothing(variables):
    done = subprocess.run([ROOT / "deploy/deploy.sh", "--ready=x"], capture_output=True, text=True, timeout=PATIENCE_SEC, env={**os.environ, **variables})
    assert (done.returncode, done.stdout) == (3, "") and done.stderr.endswith("--ready takes 1 to 9999 seconds\n"), done
    assert done.stderr.count("\n") == 1, done
