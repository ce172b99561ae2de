"""What cannot be tried on a machine says so and why, and counts as neither passed nor failed: stages that need another Debian, and
the check of formatting, which is for one suite."""

import os
import shutil
import subprocess

import pytest

from harness.process import ROOT

STAGES = {"trixie": "tests/trixie/run", "boot": "tests/system/boot/run"}
MAKERS = (("tests/trixie/make-root",), ("tests/system/boot/make-root", "bookworm"), ("tests/system/boot/make-root", "trixie"))
NOBODY = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"]


def run(*command, **env):
    return subprocess.run(command, cwd=ROOT, env={**os.environ, **env}, capture_output=True, text=True, timeout=300)


def path_without(tool, folder):
    """Every program that is on the PATH, but for one."""
    for place in os.environ["PATH"].split(":"):
        for program in os.scandir(place) if os.path.isdir(place) else ():
            if program.name != tool and not os.path.lexists(folder / program.name):
                (folder / program.name).symlink_to(program.path)
    return str(folder)


@pytest.mark.parametrize("stage", STAGES)
@pytest.mark.parametrize("tool", ["debootstrap", "unshare"])
def test_without_a_tool(stage, tool, tmp_path):
    done = run(STAGES[stage], PATH=path_without(tool, tmp_path))
    assert (done.returncode, done.stdout, done.stderr) == (77, f"not run: there is no {tool}\n", "")


@pytest.mark.parametrize("stage", STAGES)
def test_without_root(stage):
    done = run(*([] if os.geteuid() else NOBODY), STAGES[stage])
    assert done.returncode == 77 and done.stdout.startswith("not run: only root can "), done


@pytest.mark.parametrize("maker", MAKERS, ids=" ".join)
def test_without_a_mirror(maker, tmp_path):
    """What this machine's apt has is another distribution's."""
    shutil.copytree(ROOT / "tests", tmp_path / "tests", ignore=shutil.ignore_patterns("corpus", "golden"))
    shutil.copytree(ROOT / "deploy", tmp_path / "deploy")
    roots = tmp_path / "tests/roots.sh"
    roots.write_text(roots.read_text().replace("/etc/apt/sources.list", str(tmp_path / "sources.list")))
    (tmp_path / "sources.list").write_text("deb https://archive.example.org/elsewhere noble main\n")
    done = run(tmp_path / maker[0], tmp_path / "made", *maker[1:])
    assert (done.returncode, done.stdout) == (77, "") and done.stderr.startswith("no source of apt here "), done
    assert not [made for made in (tmp_path / "made").iterdir() if made.is_dir()]


def test_tests_run_says_so(tmp_path):
    """A stage alone that cannot run: nothing has passed, and nothing failed."""
    env = {"PATH": path_without("debootstrap", tmp_path), "NO_COLOR": "1"}
    folder = tmp_path / "tree"
    shutil.copytree(ROOT, folder, ignore=shutil.ignore_patterns("build", ".git", "corpus"), symlinks=True)
    (folder / "deploy/install-packages").write_text("#!/bin/sh\n")
    (folder / "build/sanitized").mkdir(parents=True)
    (folder / "build/sanitized/build.ninja").touch()  # the stage has a build of its own
    done = run(folder / "tests/run", "trixie", **env)
    said = done.stdout.splitlines()
    assert done.returncode == 0 and said[-1] == "0 passed, 0 failed", done
    assert said[-2].split("  ")[0].rstrip() == "trixie" and "not run: there is no debootstrap" in said[-2], done


def test_faults_without_a_build(tmp_path):
    """The reason alone: no report was written."""
    done = run("tests/faults/run", "--seed", "1", QUANTUM_BUILD=str(tmp_path))
    assert done.returncode == 1 and done.stdout.splitlines()[-1] == "0 passed, 1 failed", done
    assert done.stderr.strip() == f"ERROR: no quantum-router in {tmp_path}: build it, or set QUANTUM_BUILD"


def test_formatting_is_for_one_suite(tmp_path):
    other = tmp_path / "clang-format"
    other.write_text("#!/bin/sh\necho Debian clang-format version 19.1.7\n")
    other.chmod(0o755)
    done = run("tests/lint/run", "format", "syntax", PATH=f"{tmp_path}:{os.environ['PATH']}")
    assert done.returncode == 0, done
    assert done.stdout.splitlines() == ["not run format: formatting is checked on Debian 12", "ok syntax"]
