"""deploy/quickstart: from the files of the repository to the running demo, and again."""

import subprocess
import time
from pathlib import Path

import pytest

from harness.process import ROOT, clean_environment
from harness.tree import copy_tree
from harness.waiting import soon

QUICKSTART = "deploy/quickstart"


def run(tree, *words, **env):
    """As a user would, from some other folder."""
    started = time.monotonic()
    done = subprocess.run(
        [tree / QUICKSTART, *words], cwd="/", env=clean_environment(env),
        stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=300)  # fmt: skip
    return done, time.monotonic() - started


@pytest.fixture
def tree(tmp_path):
    """What a fresh clone would have."""
    return copy_tree(tmp_path / "a copy")


def test_twice(tree):
    first, _ = run(tree, "--seconds=4")
    assert (first.returncode, first.stderr) == (0, ""), first
    assert first.stdout.startswith("── packages\n── preparing build/release\n── building the release\n")
    assert "they agree" in first.stdout
    again, seconds = run(tree, "--seconds=3")
    assert (again.returncode, again.stderr) == (0, ""), again
    assert "preparing" not in again.stdout and "they agree" in again.stdout
    assert seconds < soon(3 + 7)
    options = (tree / "build/release/meson-info/intro-buildoptions.json").read_text()
    assert '"buildtype"' in options and '"release"' in options


def test_a_build_that_fails_is_shown(tree):
    (tree / "build/release").mkdir(parents=True)
    (tree / "build/release/build.ninja").write_text("this is no ninja file\n")
    done, _ = run(tree)
    assert done.returncode == 1 and "build.ninja:1: " in done.stderr
    assert done.stderr.endswith("quickstart: this failed: ninja -C build/release\n")


def test_help():
    done, _ = run(ROOT, "--help")
    assert done.returncode == 0 and done.stdout.startswith("Usage: deploy/quickstart ")
    assert Path(ROOT / QUICKSTART).stat().st_mode & 0o111
