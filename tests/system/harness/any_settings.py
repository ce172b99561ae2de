"""Random settings of a program, out of all that its --check-config accepts."""

import math
import re
import subprocess

from harness.process import clean_environment, program

# Where a test runs, and not how.
FIXED = re.compile(r"prefix|keys\.|redis\.(url|host|port|password_file)|metrics\.|log\.|venue\.(kind|armed|wait_replicas)|lease\.instance|guards\.intent_max_age_min")
TRIES_MAX = 40


class Row:
    def __init__(self, line):
        self.key, self.type, _, _, self.range, *_ = line.split("\t")

    def draw(self, chance):
        """A value as a flag has it: an end of the range, one beside it, or any other."""
        if self.type == "boolean":
            return chance.choice(["true", "false"])
        if self.type == "word":
            return chance.choice(re.sub("^one of ", "", self.range).split(", "))
        low, high = (float(end) for end in self.range.split(" to "))
        kind = chance.randrange(4)
        if kind < 2:
            return f"{(low, high)[kind]:.15g}"
        if self.type == "integer":
            value = min(high, low + 1) if kind == 2 else round(spread(chance, low, high))
            return f"{value:.0f}"
        return f"{low + (high - low) / 1000 if kind == 2 else spread(chance, low, high):.6g}"


def spread(chance, low, high):
    """Each order of magnitude as likely as any other."""
    least = max(low, high / 1e6) or 1e-6
    return min(high, max(low, math.exp(chance.uniform(math.log(least), math.log(high)))))


def run(name, *flags):
    return subprocess.run(
        [str(word) for word in (*program(name), *flags)], env=clean_environment(), stdin=subprocess.DEVNULL,
        capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip


def rows_of(name):
    lines = run(name, "--list-options").stdout.splitlines()[1:]
    rows = [Row(line) for line in lines]
    return [row for row in rows if not FIXED.match(row.key) and row.type in ("boolean", "word", "integer", "number")]


class Accepted:
    """What was drawn, every effective value, and what was warned of."""

    def __init__(self, flags, done):
        self.flags = flags
        self.warnings = re.findall(r"warning: (.*)", done.stderr)
        self.values = dict(re.findall(r"^(\S+) = (.*?) +# ", done.stdout, re.MULTILINE))

    def number(self, key):
        return float(self.values[key])

    def warns_of(self, pattern):
        return any(re.search(pattern, warning) for warning in self.warnings)


def draw(name, chance, rows, always=()):
    """Settings that are accepted. What is refused is refused in words that name its option."""
    for _ in range(TRIES_MAX):
        some = chance.sample(rows, chance.choice([1, 2, 2, 4, 8, len(rows)]))
        drawn = {row.key: row.draw(chance) for row in some} | {key: choose(chance) for key, choose in always}
        flags = [f"--{key}={value}" for key, value in drawn.items()]
        done = run(name, *flags, "--check-config")
        if done.returncode == 0:
            return Accepted(flags, done)
        assert done.returncode == 2 and done.stderr, f"{flags}: {done}"
        for line in done.stderr.splitlines():
            if ": warning: " not in line:
                assert any(key in line for key in drawn), f"{flags}: {line}"
    raise AssertionError(f"nothing is accepted of {TRIES_MAX}; the last ones: {flags}")
