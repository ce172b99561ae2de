"""deploy/quickstart: what it says of itself, and of a build that fails. That it builds and runs, twice, tests/fresh shows."""

import subprocess
from pathlib import Path

import pytest

from harness.process import ROOT, clean_environment
from harness.tree import copy_tree

QUICKSTART = "deploy/quickstart"


def run(tree, *words, **env):
    """As a user would, from some other folder."""
    return subprocess.run(
        [tree / QUICKSTART, *words], cwd="/", env=clean_environment(env),
        stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=300)  # fmt: skip


@pytest.fixture
def tree(tmp_path):
    """What a fresh clone would have."""
    return copy_tree(tmp_path / "a copy")


def test_a_build_that_fails_is_shown(tree):
    (tree / "build/release").mkdir(parents=True)
    (tree / "build/release/build.ninja").write_text("this is no ninja file\n")
    done = run(tree)
    assert done.returncode == 1 and "build.ninja:1: " in done.stderr
    assert done.stderr.endswith("quickstart: this failed: ninja -C build/release\n")


def test_help():
    done = run(ROOT, "--help")
    assert done.returncode == 0 and done.stdout.startswith("Usage: deploy/quickstart ")
    assert Path(ROOT / QUICKSTART).stat().st_mode & 0o111
