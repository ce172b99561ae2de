"""What a program takes of memory and time."""

import os
import subprocess
import tempfile
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

PAUSE_SEC = 0.005


@dataclass
class Whole:
    told: str
    seconds: float
    cpu_sec: float
    resident_mib: float  # at most


def memory_kib(pid, name):
    """VmRSS, or VmHWM, the most so far. ru_maxrss would begin with what we have ourselves, who start it."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith(f"{name}:"):
            return int(line.split()[1])
    raise RuntimeError(f"no {name}")


def run_whole(words, good=(0,), **more):
    """Runs it to its end, with a status that is good."""
    resident = 0
    with tempfile.TemporaryFile() as told:
        began = time.monotonic()
        child = subprocess.Popen(words, stdout=told, **more)
        while not (ended := os.wait4(child.pid, os.WNOHANG))[0]:
            with suppress(RuntimeError):  # it may have ended by now
                resident = max(resident, memory_kib(child.pid, "VmHWM"))
            time.sleep(PAUSE_SEC)
        seconds, (_, status, used) = time.monotonic() - began, ended
        child.returncode = os.waitstatus_to_exitcode(status)
        told.seek(0)
        text = told.read().decode()
    if child.returncode not in good:
        raise RuntimeError(f"{' '.join(map(str, words))}: status {child.returncode}: {text[-500:]}")
    return Whole(text, seconds, used.ru_utime + used.ru_stime, resident / 1024)
