import os
import subprocess
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "system"))

from harness.process import ROOT, clean_environment  # noqa: E402
from harness.tree import copy_tree  # noqa: E402

BUILD = "deploy/debian/build"


class Checkout:
    """A folder with the repository's files, in which packages are built without their unit tests."""

    def __init__(self, tree, umask=0o022, **env):
        self.tree, self.umask = tree, umask
        self.env = clean_environment(env)

    def run(self, *command):
        return subprocess.run(
            [str(word) for word in command], cwd=self.tree, env=self.env, umask=self.umask,
            stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=900)  # fmt: skip

    def build(self):
        done = self.run(self.tree / BUILD, "--no-tests")
        assert (done.returncode, done.stderr) == (0, ""), done.stdout + done.stderr
        return done.stdout

    def packages(self):
        return {path.name: path.read_bytes() for path in (self.tree / "build/debian").glob("*.deb")}


@pytest.fixture(scope="session")
def here():
    """This checkout; the stage boot installs the same packages."""
    checkout = Checkout(ROOT)
    checkout.build()
    return checkout


@pytest.fixture(scope="session")
def elsewhere(tmp_path_factory):
    """Another path, older files, other rights, another locale and time zone, another place to build in."""
    folder = tmp_path_factory.mktemp("elsewhere")
    tree = copy_tree(folder / "a longer name than the first" / "copy")
    # As a tarball has it; the copy is no repository.
    said = subprocess.run([ROOT / "deploy/version", "--commit"], capture_output=True, text=True, check=True).stdout
    (tree / "deploy/commit").write_text(said)
    for path in tree.rglob("*"):
        os.utime(path, (1e9, 1e9))
    scratch = folder / "scratch"
    scratch.mkdir()
    return Checkout(
        tree, umask=0o077, TMPDIR=str(scratch), HOME=str(folder / "nobody has one"), TZ="Asia/Kathmandu", LC_ALL="C", COLUMNS="40")
