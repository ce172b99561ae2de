"""A running quantum-router: what its CYCLE lines say."""

import re

from harness.process import ROOT
from harness.service import Service

ROWS = re.findall(r'\bFATE\(\w+, "(\w+)", (\w+)\)', (ROOT / "router/decide/fate.h").read_text())
FATES = [name for name, _ in ROWS]
CANDIDATE_FATES = [name for name, kind in ROWS if kind == "WEIGHED"]
assert "published" in CANDIDATE_FATES and "stale" in FATES, "the list in fate.h is written in another way"


class Router(Service):
    PROGRAM = "quantum-router"

    def cycles(self):
        """The numbers of each CYCLE line, and which record it names, if any."""
        lines = [message for message in self.messages() if re.search(r"\bCYCLE read=", message)]
        return [
            {name: int(value) if value.isdigit() else value for name, value in re.findall(r"(\w+)=([\d-]+)", line)}
            for line in lines
        ]

    def check(self):
        super().check()
        if self.forgiven:
            return
        for cycle in self.cycles():
            assert not (names := set(cycle) - {"read", "candidates", "record", *FATES}), f"CYCLE names {names}, FATES does not"
            assert sum(cycle[fate] for fate in FATES) == cycle["read"], cycle
            assert sum(cycle[fate] for fate in CANDIDATE_FATES) == cycle["candidates"], cycle
