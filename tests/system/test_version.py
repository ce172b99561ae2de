"""The version that a program names: with its commit, wherever it was built."""

import re
import shutil
import subprocess

import pytest

from harness.options import run_program
from harness.process import ROOT, clean_environment
from harness.waiting import PATIENCE_SEC

GIT = ["git", "-c", "safe.directory=*", "-c", "user.name=nobody", "-c", "user.email=nobody@example.org", "-c", "init.defaultBranch=main"]
VERSION = r"\d+\.\d+\.\d+(?:\+[0-9a-f]{12}(?:\.dirty)?)?"


def call(*command, cwd):
    env = clean_environment({"GIT_CONFIG_NOSYSTEM": "1", "HOME": str(cwd)})
    done = subprocess.run([str(word) for word in command], cwd=cwd, env=env, capture_output=True, text=True, timeout=PATIENCE_SEC)
    assert done.returncode == 0, done
    return done.stdout.strip()


def told(tree, *words):
    return call(tree / "deploy/version", "1.2.3", *words, cwd="/")


@pytest.fixture
def tree(tmp_path):
    """What the version is made of, no repository."""
    folder = tmp_path / "tree"
    (folder / "deploy").mkdir(parents=True)
    for name in ("deploy/version", "deploy/commit", ".gitattributes"):
        shutil.copy2(ROOT / name, folder / name)
    return folder


@pytest.fixture
def repository(tree):
    call(*GIT, "init", "--quiet", cwd=tree)
    call(*GIT, "add", "--all", cwd=tree)
    call(*GIT, "commit", "--quiet", "--message", "one", cwd=tree)
    return tree


def test_a_repository_tells_its_commit(repository):
    commit = call(*GIT, "rev-parse", "HEAD", cwd=repository)
    assert told(repository) == f"1.2.3+{commit[:12]}"
    (repository / "new").touch()
    assert told(repository) == f"1.2.3+{commit[:12]}.dirty"


def test_an_archive_tells_the_same(repository, tmp_path):
    folder = tmp_path / "archive"
    folder.mkdir()
    call(*GIT, "archive", "--output", tmp_path / "a.tar", "HEAD", cwd=repository)
    call("tar", "--extract", "--file", tmp_path / "a.tar", cwd=folder)
    assert told(folder) == told(repository)


def test_what_the_package_build_writes_counts(tree):
    assert told(tree) == "1.2.3"  # as it stands in a repository
    (tree / "deploy/commit").write_text("8e6ed09c1f2a.dirty\n")
    assert told(tree) == "1.2.3+8e6ed09c1f2a.dirty"
    (tree / "deploy/commit").write_text("\n")
    assert told(tree) == "1.2.3"
    (tree / "deploy/commit").unlink()
    assert told(tree) == "1.2.3"


def test_the_option_wins(repository):
    assert told(repository, "8e6ed09") == "1.2.3+8e6ed09" and told(repository, "") == told(repository)


def test_a_repository_around_it_is_another(repository):
    inner = repository / "build/inner"
    shutil.copytree(repository / "deploy", inner / "deploy")
    assert told(inner) == "1.2.3"


def test_programs_name_it_alike(rig):
    versions = set()
    for name in ("quantum-router", "quantum-executor", "quantumctl"):
        said = run_program(name, "--version").stdout
        versions.add(re.fullmatch(rf"{name} ({VERSION})\n", said)[1])
    router = rig.start_router()
    versions.add(router.expect(r"started \(P0\.CAP\+QUAL\) version=(\S+)")[1])
    assert len(versions) == 1
    if (ROOT / ".git").exists():
        assert "+" in versions.pop()
