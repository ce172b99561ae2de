"""What is built in two folders is the same, byte by byte."""

import re
from pathlib import Path

from harness.waiting import FULL

PROGRAMS = ("quantum-router", "quantum-executor", "quantumctl")
FILES = (
    *PROGRAMS,
    "quantum-router.8", "quantum-router.conf.5", "quantum-streams.7", "quantumctl-drain.1", *(f"{name}.bash" for name in PROGRAMS),
    "deploy/systemd/quantum-ai-strategy-router.service",
)  # fmt: skip


def test_packages(here, elsewhere):
    elsewhere.build()
    first, second = here.packages(), elsewhere.packages()
    assert first.keys() == second.keys() and len(first) >= 3
    different = [name for name in first if first[name] != second[name]]
    assert not different


def parts(checkout, build):
    """A short run compiles a part of it: what is generated and what common/base becomes."""
    if FULL:
        return []
    targets = checkout.run("ninja", "-C", build, "-t", "targets", "all").stdout
    objects = re.findall(r"^libquantum\.a\.p/common_base_\w+\.c\.o(?=:)", targets, re.M)
    assert len(objects) > 10
    return ["scripts.c", "executor_scripts.c", "ctl_scripts.c", *objects]


def release(checkout, folder):
    """A plain release build: the bytes of what it made, by name."""
    build = checkout.tree / folder
    if not (build / "build.ninja").exists():
        done = checkout.run("meson", "setup", build, "--buildtype=release", "-Dtests=false")
        assert done.returncode == 0, done.stdout
    names = parts(checkout, build)
    done = checkout.run("ninja", "-C", build, *names)
    assert done.returncode == 0, done.stdout
    return {name: Path(build, name).read_bytes() for name in names or FILES}


def test_a_plain_release(here, elsewhere):
    first, second = release(here, "build/same-bytes"), release(elsewhere, "build/same-bytes")
    different = [name for name in first if first[name] != second[name]]
    assert not different


def test_a_build_that_fails_is_shown(elsewhere):
    """Last, because it breaks the copy. The packages of before stay."""
    before = elsewhere.packages()
    changelog = elsewhere.tree / "deploy/debian/changelog"
    text = changelog.read_text()
    changelog.write_text(text.replace("(0.", "(9.", 1))
    done = elsewhere.run("deploy/debian/build", "--no-tests")
    assert done.returncode == 1 and "changelog has 9." in done.stderr, done

    changelog.write_text(text)
    (elsewhere.tree / "meson.build").open("a").write("no_such_function()\n")
    done = elsewhere.run("deploy/debian/build", "--no-tests")
    assert done.returncode == 1 and 'Unknown function "no_such_function"' in done.stderr, done
    assert done.stderr.endswith("deploy/debian/build: dpkg-buildpackage failed\n")
    assert elsewhere.packages() == before != {}
