"""What deploy.sh asks Redis with: the programs of this build in a tree, the router's unit, and its files; and what it lets others see."""

import os
import subprocess
from pathlib import Path

from harness.process import BUILD, ROOT
from harness.waiting import PATIENCE_SEC

PARTS = """
set -Eeuo pipefail
for part in "$0"/*.sh; do source "$part"; done
work=$1/work stage=$1/stage root=$1/root
mkdir -p "$work"; : >"$work/facts"; rm -f "$work/why"
trap 'cat "$work/why" >&2 2>/dev/null || true' EXIT
"""
# What everybody on the machine may read of a process, and what its own user may, is kept of each that asks.
WATCHED = """#!/bin/bash
tr '\\0' '\\n' <"/proc/$$/cmdline" >>{seen}; tr '\\0' '\\n' <"/proc/$$/environ" >>{seen}
tr '\\0' '\\n' <"/proc/$PPID/cmdline" >>{seen}
exec {program} "$@"
"""
UNIT = """[Service]
EnvironmentFile=-{etc}/router.env
LoadCredential=redis-password:{etc}/redis-password
ExecStart=/usr/bin/quantum-router --config {etc}/router.conf
"""


class Staged:
    def __init__(self, folder):
        self.folder = folder
        self.etc = folder / "etc"
        self.seen = folder / "seen"
        (folder / "stage/usr/bin").mkdir(parents=True)
        (folder / "stage/lib/systemd/system").mkdir(parents=True)
        self.etc.mkdir()
        self.seen.touch()
        for name in ("quantum-router", "quantumctl"):
            program = folder / "stage/usr/bin" / name
            program.write_text(WATCHED.format(seen=self.seen, program=BUILD / name))
            program.chmod(0o755)
        (folder / "stage/lib/systemd/system/quantum-ai-strategy-router.service").write_text(UNIT.format(etc=self.etc))
        self.write("router.conf", "")
        self.write("router.env", "")
        self.write("redis-password", "")

    def write(self, name, text) -> Path:
        """A file of the router's, or of people's."""
        path = self.etc / name
        path.touch(0o600)
        path.write_text(text)
        return path

    def run(self, text, **more):
        command = ["bash", "-c", PARTS + text, ROOT / "deploy/deploy.d", self.folder]
        return subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE_SEC, env={**os.environ, **more})

    def shown(self, done):
        """All that a run said, kept, or let others see of its processes."""
        kept = (path.read_text() for path in (self.folder / "work").rglob("*") if path.is_file())
        return "".join((done.stdout, done.stderr, self.seen.read_text(), *kept))
