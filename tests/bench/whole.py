"""What a program takes from its start to its end."""

import os
import subprocess
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

PAUSE_SEC = 0.005


@dataclass
class Whole:
    told: str
    seconds: float
    cpu_sec: float
    resident_mib: float  # at most


def resident_kib(pid):
    """At most, so far; 0: it has ended. ru_maxrss would begin with what we have ourselves, who start it."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1])
    return 0


def run_whole(words, **more):
    """Runs it to its end, which must be a good one."""
    resident = 0
    with tempfile.TemporaryFile() as told:
        began = time.monotonic()
        child = subprocess.Popen(words, stdout=told, **more)
        while not (ended := os.wait4(child.pid, os.WNOHANG))[0]:
            resident = max(resident, resident_kib(child.pid))
            time.sleep(PAUSE_SEC)
        seconds, (_, status, used) = time.monotonic() - began, ended
        child.returncode = os.waitstatus_to_exitcode(status)
        told.seek(0)
        text = told.read().decode()
    if child.returncode != 0:
        raise RuntimeError(f"{' '.join(map(str, words))}: status {child.returncode}: {text[-500:]}")
    return Whole(text, seconds, used.ru_utime + used.ru_stime, resident / 1024)
