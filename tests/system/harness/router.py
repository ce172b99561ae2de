"""A running quantum-router: what its CYCLE lines say."""

import re

from harness.service import Service

FATES = (
    "published outranked low_confidence invalid stale hold duplicate same_symbol below_super "
    "no_slots safe_mode close cooldown not_listed"
).split()
CANDIDATE_FATES = (
    "published outranked duplicate same_symbol below_super no_slots safe_mode cooldown"
).split()


class Router(Service):
    PROGRAM = "quantum-router"

    def cycles(self):
        """The numbers of each CYCLE line."""
        lines = [message for message in self.messages() if re.search(r"\bCYCLE read=", message)]
        return [
            {name: int(number) for name, number in re.findall(r"(\w+)=(\d+)", line)}
            for line in lines
        ]

    def check(self):
        super().check()
        if self.forgiven:
            return
        for cycle in self.cycles():
            assert not (names := set(cycle) - {"read", "candidates", *FATES}), f"CYCLE names {names}, FATES does not"
            assert sum(cycle[fate] for fate in FATES) == cycle["read"], cycle
            assert sum(cycle[fate] for fate in CANDIDATE_FATES) == cycle["candidates"], cycle
