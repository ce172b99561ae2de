"""One row of the table: what is measured, how far it must get, and what the rounds gave."""

from dataclasses import dataclass, field
from statistics import median


@dataclass
class Row:
    name: str  # of the group that --rows takes
    what: str
    target: float | None  # None: it is only told
    at_least: bool  # or else at most
    unit: str = ""
    values: list = field(default_factory=list)
    details: dict = field(default_factory=dict)

    def add(self, value):
        self.values.append(value)
        return value

    @property
    def reached(self):
        return median(self.values) if self.values else None

    @property
    def spread(self):
        """Half of what lies between the lowest and the highest, in percent of the median."""
        if len(self.values) < 2 or not self.reached:
            return None
        return 50 * (max(self.values) - min(self.values)) / abs(self.reached)

    @property
    def met(self):
        if self.target is None or self.reached is None:
            return self.target is None
        return self.reached >= self.target if self.at_least else self.reached <= self.target

    def told(self):
        return {
            "row": self.name,
            "what": self.what,
            "target": self.target,
            "at_least": self.at_least,
            "unit": self.unit,
            "reached": self.reached,
            "spread_percent": self.spread,
            "met": self.met,
            "values": self.values,
            "details": self.details,
        }


def at_least(name, what, target, unit="×"):
    return Row(name, what, target, True, unit)


def at_most(name, what, target, unit="×"):
    return Row(name, what, target, False, unit)


def only_told(name, what, unit="×"):
    return Row(name, what, None, False, unit)
