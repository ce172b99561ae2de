"""deploy/debian/build: the same packages wherever they are built, and nothing is done twice."""

PACKAGES = ("quantum-router", "quantum-executor", "quantumctl")


def test_nothing_is_built_twice(here):
    folder = here.tree / "build/debian"
    before = {path: path.stat().st_mtime_ns for path in folder.glob("*.deb")}
    said = here.build()
    assert "── nothing has changed since they were built\n" in said
    assert {path: path.stat().st_mtime_ns for path in folder.glob("*.deb")} == before
    assert all(f"build/debian/{name}_" in said for name in PACKAGES)


def test_lintian_is_silent(here):
    done = here.run(
        "lintian", "--pedantic", "--allow-root", *sorted((here.tree / "build/debian").glob("*.changes")))
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
