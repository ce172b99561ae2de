"""The release build that is measured, with the programs that measure it."""

import os
import subprocess
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PEERS = Path(__file__).resolve().parent / "peers"


@dataclass
class Programs:
    folder: Path
    router: Path  # the one that is measured; perhaps of another checkout

    def __getitem__(self, name):
        return str(self.folder / name)

    def python_peer(self):
        return ["/usr/bin/python3", str(PEERS / "router.py")]


def run_quietly(words, **more):
    return subprocess.run(words, capture_output=True, text=True, **more)


def checked(words):
    done = run_quietly(words, cwd=ROOT)
    if done.returncode != 0:
        raise SystemExit(f"{done.stdout}{done.stderr}tests/bench/run: this failed: {' '.join(words)}")


def build(folder, router=None):
    """Builds what is not up to date; `router` is measured instead of the one built here."""
    folder = Path(folder).resolve() if folder else ROOT / "build/bench"
    if not (folder / "build.ninja").exists():
        options = ["-Dbuildtype=release", "-Dtests=false", "-Dbench=true"]
        checked(["meson", "setup", str(folder), *options])
    checked(["ninja", "-C", str(folder)])
    router = Path(router).resolve() if router else folder / "quantum-router"
    if not os.access(router, os.X_OK):
        raise SystemExit(f"tests/bench/run: {router} is no program")
    return Programs(folder, router)
