"""Child processes that never outlive the tests."""

import ctypes
import os
import re
import signal
import subprocess
from pathlib import Path

LIBC = ctypes.CDLL(None, use_errno=True)
PR_SET_PDEATHSIG = 1

ROOT = Path(__file__).resolve().parents[3]
BUILD = Path(os.environ.get("QUANTUM_BUILD") or ROOT / "build/sanitized").resolve()
WRAP = os.environ.get("QUANTUM_WRAP", "").split()
SANITIZERS = {
    "ASAN_OPTIONS": "detect_leaks=1:detect_stack_use_after_return=1:strict_string_checks=1",
    "UBSAN_OPTIONS": "halt_on_error=1:print_stacktrace=1",
}


def _die_with_parent():
    LIBC.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


def spawn(command, stdout, stderr, env=None, cwd=None):
    return subprocess.Popen(
        [str(word) for word in command],
        stdin=subprocess.DEVNULL,
        stdout=stdout,
        stderr=stderr,
        env=env,
        cwd=cwd,
        preexec_fn=_die_with_parent,
    )


def kill_hard(process):
    """Ends a process, also a stopped one, and reaps it."""
    if process.poll() is None:
        process.kill()
    process.wait()


def catches(process, number):
    """Whether it has a handler for this signal."""
    try:
        status = Path(f"/proc/{process.pid}/status").read_text()
    except OSError:
        return False
    return bool(int(re.search(r"SigCgt:\s*(\w+)", status)[1], 16) >> (number - 1) & 1)


def program(name, bare=False):
    """Its command; `bare` leaves out what it is wrapped in, where that would change what is tested."""
    return [*([] if bare else WRAP), str(BUILD / name)]


def clean_environment(extra=None):
    """What every program here needs to run, and nothing that the caller's shell happens to set."""
    env = {"PATH": os.environ.get("PATH", "/usr/bin:/bin")}
    for name, usual in SANITIZERS.items():
        env[name] = os.environ.get(name, usual)
    env.update(extra or {})
    return env
