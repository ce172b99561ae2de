"""The options of a program, as its --help=all tells them."""

import re
import subprocess
from dataclasses import dataclass

from harness.process import clean_environment, program
from harness.waiting import PATIENCE_SEC

HEAD = re.compile(r"^ {6}--([a-z_0-9.]+)=(TEXT|INTEGER|NUMBER|BOOLEAN|WORD|A,B,…)(?: |$)")


@dataclass
class Option:
    key: str
    kind: str
    env: str = None
    range: tuple = None  # both ends, as they are told

    def in_file(self, literal):
        """The lines of a file that sets it, a group per line."""
        *groups, name = self.key.split(".")
        text = f"{name} = {literal};"
        for group in reversed(groups):
            text = f"{group} :\n{{\n{text}\n}};"
        return f"# one option\n{text}\n"


def run(*flags, env=None):
    return run_program("quantum-router", *flags, env=env)


def run_program(name, *flags, env=None):
    return subprocess.run(
        [str(word) for word in (*program(name), *flags)],
        env=clean_environment(env),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=PATIENCE_SEC,
        check=False,
    )


def list_options(name="quantum-router"):
    blocks = []
    for line in run_program(name, "--help=all").stdout.splitlines():
        head = HEAD.match(line)
        if head and head[1] != "log-level":
            blocks.append((head[1], head[2], []))
        if blocks:
            blocks[-1][2].append(line)
    return [read_option(key, kind, " ".join(lines)) for key, kind, lines in blocks]


def read_option(key, kind, text):
    env = re.search(r"\$([A-Z_]+)", text)
    numbers = re.search(r" ([\d.]+) to ([\d.]+);", text)
    return Option(key, kind, env and env[1], numbers and numbers.groups())
