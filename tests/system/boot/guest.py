"""A Debian that runs in a container, as a test sees it: a shell as root in it, its files, its journal.

It is a disposable copy of the root that make-root made. It dies with this process, however that ends, and leaves
nothing: tests/system/boot/launch sees to it.
"""

import json
import os
import re
import signal
import subprocess
from pathlib import Path

from harness.waiting import PATIENCE_SEC, wait_until

LAUNCH = Path(__file__).resolve().parent / "launch"
BOOT_SEC = 40
ENVIRONMENT = {
    "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
    "HOME": "/" + "root",
    "LANG": "C.UTF-8",
    "SYSTEMD_PAGER": "",
}


class CommandFailed(AssertionError):
    def __init__(self, done):
        self.done = done
        super().__init__(f"status {done.returncode}: {done.args}\n{done.stdout}{done.stderr}")


class Guest:
    def __init__(self, root, console):
        """Boots a copy of `root`; what its console says goes to the file `console`."""
        self.console = console
        self._leader = None
        with open(console, "wb") as log:
            self.process = subprocess.Popen(
                [LAUNCH, root], stdin=subprocess.PIPE, stdout=log, stderr=log, start_new_session=True
            )
        self._await_boot()

    # --- a shell in it

    def run(self, text, check=True, timeout=60, input=None):
        """Runs shell text as root in the guest: a CompletedProcess with stdout and stderr as text."""
        command = ["nsenter", f"--target={self.leader()}", "--all", "--", "/bin/bash", "-c", text]
        pipe = subprocess.PIPE
        process = subprocess.Popen(
            command, stdin=pipe if input else subprocess.DEVNULL, stdout=pipe, stderr=pipe,
            text=True, env=ENVIRONMENT, start_new_session=True,
        )
        try:
            out, err = process.communicate(input, timeout)
        except BaseException:
            os.killpg(process.pid, signal.SIGKILL)
            out, err = process.communicate()
            print(f"{text!r} was cut off\n{out}{err}")
            raise
        done = subprocess.CompletedProcess(text, process.returncode, out, err)
        if check and done.returncode:
            raise CommandFailed(done)
        return done

    def out(self, text, **options):
        """What a command says, without the end of the last line."""
        return self.run(text, **options).stdout.rstrip("\n")

    def wait(self, what, condition, seconds=PATIENCE_SEC):
        """The first true value of condition(); shell text is true when its status is 0."""
        if isinstance(condition, str):
            text = condition

            def condition():
                done = self.run(text, check=False)
                return done if done.returncode == 0 else None

        return wait_until(what, condition, seconds, self.tail)

    # --- its files

    @property
    def root(self):
        """Its / as the host sees it, while it is up."""
        return Path(f"/proc/{self.leader()}/root")

    def write(self, path, text, mode=0o644):
        file = self.root / path.lstrip("/")
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
        file.chmod(mode)

    def read(self, path):
        return (self.root / path.lstrip("/")).read_text()

    def push(self, source, folder):
        """Copies a file or a folder of the host into a folder of the guest."""
        (self.root / folder.lstrip("/")).mkdir(parents=True, exist_ok=True)
        subprocess.run(["cp", "-a", "--no-preserve=ownership", source, self.root / folder.lstrip("/")], check=True)

    # --- its journal

    def cursor(self):
        """The journal's end, as journal() and expect() take it."""
        return re.search(r"-- cursor: (.*)", self.out("journalctl --sync; journalctl -n 0 --show-cursor"))[1]

    def journal(self, unit=None, since=None, more=""):
        """The messages of a unit, or of all, behind a cursor; `more` are further words for journalctl."""
        return self.out(self._journalctl(unit, since) + f" -o cat {more}", check=False)

    def records(self, unit=None, since=None, more=""):
        """The same with all fields, as a list of dictionaries."""
        text = self.out(self._journalctl(unit, since) + f" -o json {more}", check=False)
        return [json.loads(line) for line in text.splitlines()]

    def _journalctl(self, unit, since):
        words = ["journalctl -q"]
        if unit:
            words.append(f"-u {unit}")
        if since:
            words.append(f"--after-cursor='{since}'")
        return " ".join(words)

    def expect(self, pattern, unit=None, since=None, seconds=PATIENCE_SEC):
        """Waits for a message like the pattern."""
        return self.wait(
            f"a line like {pattern!r} of {unit or 'the journal'}",
            lambda: re.search(pattern, self.journal(unit, since), re.MULTILINE),
            seconds,
        )

    # --- units

    def show(self, unit, name):
        return self.out(f"systemctl show -P {name} {unit}")

    def main_pid(self, unit):
        return int(self.show(unit, "MainPID"))

    # --- on and off

    def leader(self):
        """The host's number of its first process."""
        if not (self._leader and Path(f"/proc/{self._leader}/ns").exists()):
            self._leader = self._find_leader()
            assert self._leader, f"no guest runs{self._said()}"
        return self._leader

    def _find_leader(self):
        for pid in descendants(self.process.pid):
            try:
                status = Path(f"/proc/{pid}/status").read_text()
            except OSError:
                continue
            numbers = re.search(r"NSpid:\s*(.*)", status)[1].split()
            if status.startswith("Name:\tsystemd\n") and numbers[-1] == "1" and "State:\tZ" not in status:
                return pid
        return None

    def _await_boot(self, old=None):
        def look():
            assert self.process.poll() is None, f"it ended with {self.process.returncode}{self.tail()}"
            self._leader = self._find_leader()
            if self._leader in (None, old):
                return False
            state = self.run("systemctl is-system-running", check=False, timeout=BOOT_SEC).stdout.strip()
            assert state != "degraded", f"{self.out('systemctl --failed', check=False)}{self.tail()}"
            return state == "running"

        wait_until("a guest that has started", look, BOOT_SEC, self.tail)

    def reboot(self):
        old = self.leader()
        self.run("systemctl reboot", check=False)
        self._await_boot(old)

    def poweroff(self, seconds=PATIENCE_SEC):
        self.run("systemctl poweroff", check=False)
        self.process.wait(seconds)

    def close(self):
        """Ends it at once. The launcher follows only when all is cleaned up."""
        self.process.stdin.close()
        self.process.wait(PATIENCE_SEC)

    def _said(self):
        return "\n".join(Path(self.console).read_text(errors="replace").splitlines()[-5:])

    def tail(self, count=30):
        """For messages of failed tests: the end of journal and console."""
        lines = self._said().splitlines()
        try:
            lines += self.out(f"journalctl -q -n {count} --no-hostname", check=False, timeout=10).splitlines()
        except (AssertionError, subprocess.TimeoutExpired) as problem:
            lines.append(f"(no journal: {type(problem).__name__})")
        return "\n--- the guest's console and journal\n" + "\n".join(lines)


def descendants(pid):
    """All processes below this one, outer ones first."""
    try:
        below = [int(word) for task in Path(f"/proc/{pid}/task").iterdir()
                 for word in (task / "children").read_text().split()]
    except OSError:
        return
    for child in below:
        yield child
        yield from descendants(child)
