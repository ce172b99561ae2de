"""quantumctl, run once to its end."""

import re
import subprocess

from harness.process import clean_environment, program
from harness.waiting import PATIENCE_SEC


def ctl(*words, url=None, **env):
    if url:
        env["REDIS_URL"] = url
    return subprocess.run(
        [*program("quantumctl"), *words],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        env=clean_environment(env),
        timeout=PATIENCE_SEC,
        encoding="utf-8",
        errors="surrogateescape",
    )


def must(rig, *words, **env):
    done = ctl(*words, url=rig.redis.url, **env)
    assert (done.returncode, done.stderr) == (0, ""), done
    return done.stdout


def expect_refused(status, said, *words, **env):
    """One line on stderr, nothing on stdout."""
    done = ctl(*words, **env)
    assert (done.returncode, done.stdout) == (status, ""), done
    assert re.fullmatch(rf"quantumctl[^\n]*{said}[^\n]*\n", done.stderr), done.stderr
