"""What a program says of itself: --help, and the tables of --list-options and --list-metrics."""

import csv
import os
import re
import subprocess
from dataclasses import dataclass, field

OPTION = re.compile(r"^(?: {6}|  (-\w), )--([\w.-]+)(?:\[?=([^\s\]]+)\]?)?(?: {2,}(.*))?$")
COMMAND = re.compile(r"^  ([a-z]+) {2,}(.*)$")
VALUES = re.compile(r"one of |default |[-\d.e+]+ to |[-\d.e+]+ or more|at most ")  # where range and default begin
CONTINUED = " " * 8


@dataclass
class Option:
    letter: str  # "-h"
    name: str  # "--help"
    takes: str  # "STREAM"; None: nothing
    lines: list = field(default_factory=list)

    def split(self):
        return next((at for at, line in enumerate(self.lines) if VALUES.match(line)), len(self.lines))

    @property
    def help(self):
        return " ".join(self.lines[: self.split()])

    @property
    def values(self):
        """Range and default, in a sentence; empty: nothing to say."""
        return " ".join(self.lines[self.split() :])

    @property
    def choices(self):
        found = re.match(r"one of ([^;]*)", self.values)
        return found[1].split(", ") if found else ["true", "false"] if self.takes == "BOOLEAN" else []


class Help:
    """One --help, taken apart."""

    def __init__(self, program, *words):
        lines = ask(program, *words, "--help=all").splitlines()
        self.usage = lines.pop(0).removeprefix("Usage: ")
        while lines[0].startswith(" "):  # it goes on under its first word
            self.usage += " " + lines.pop(0).strip()
        self.purpose = lines.pop(0)
        while lines[0]:
            self.purpose += " " + lines.pop(0)
        self.commands = {}  # purposes by name
        self.options = []
        self.paragraphs = [[]]  # the other lines
        self._read(lines)

    def _read(self, lines):
        open_ = None  # what an indented line goes on with
        for line in lines:
            option, command = OPTION.match(line), COMMAND.match(line)
            if option:
                letter, name, takes, first = option.groups()
                self.options.append(Option(letter, f"--{name}", takes, [first] if first else []))
                open_ = self.options
            elif line.startswith(CONTINUED) and open_ is self.options:
                self.options[-1].lines.append(line.strip())
            elif line.startswith(CONTINUED) and open_ is self.commands:
                self.commands[[*self.commands][-1]] += " " + line.strip()
            elif command and not self.options:
                self.commands[command[1]] = command[2]
                open_ = self.commands
            else:
                open_ = None
                self._add_line(line)

    def _add_line(self, line):
        if line.strip():
            self.paragraphs[-1].append(line)
        elif self.paragraphs[-1]:
            self.paragraphs.append([])


def ask(program, *words):
    """In 80 columns, whatever this is built on."""
    env = {"PATH": os.environ.get("PATH", ""), "LC_ALL": "C.UTF-8"}
    done = subprocess.run([program, *words], stdout=subprocess.PIPE, stdin=subprocess.DEVNULL, text=True, check=True,
                          encoding="utf-8", env=env)  # fmt: skip
    return done.stdout


def table(program, question):
    return list(csv.DictReader(ask(program, question).splitlines(), delimiter="\t", quoting=csv.QUOTE_NONE))


def options(program):
    return table(program, "--list-options")


def metrics(program):
    return table(program, "--list-metrics")
