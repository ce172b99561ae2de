"""Counts the router's instructions under callgrind, on the fixed input of bench-instructions."""

import re
import subprocess
import tempfile

CASES = {"low": 2000, "third": 2000, "enters": 2000, "loses": 2000, "decides": 4000}
WINDOWS_SEC = (12, 60)  # the second one for a machine that is slow today
NO_WINDOW_SEC = 3600
COLLECTED = re.compile(r"Collected : (\d+)")


class CannotCount(Exception):
    pass


def command(programs, folder, case, window_sec):
    callgrind = ["valgrind", "--tool=callgrind", f"--callgrind-out-file={folder}/out", "--collect-atstart=no"]
    return [*callgrind, programs["bench-instructions"], folder, case, str(CASES[case]), str(window_sec)]


def count(programs, case):
    """Instructions for each signal, or for each candidate of the decision."""
    windows = WINDOWS_SEC if case == "decides" else (NO_WINDOW_SEC,)
    for window_sec in windows:
        with tempfile.TemporaryDirectory(prefix="quantum-bench-") as folder:
            done = subprocess.run(
                command(programs, folder, case, window_sec), capture_output=True, text=True, check=False)  # fmt: skip
        collected = COLLECTED.search(done.stderr)
        if done.returncode == 0 and collected and int(collected[1]) > 0:
            return round(int(collected[1]) / CASES[case])
    raise CannotCount(f"{case}: {done.stderr.strip()}")
