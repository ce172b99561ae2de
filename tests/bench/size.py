"""How much is measured: the full run, and the quick one."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Size:
    entries: int  # of a backlog
    rounds: int
    windows: int  # whose decision is timed
    idle_sec: int
    crowds: int  # windows of 100,000
    steady_sec: int
    counted_sec: int  # of steady work with counted allocations
    memory_entries: int
    peer_entries: int
    growth_max: int
    records: int  # that are replayed
    archive_mib: int
    is_full: bool


FULL = Size(
    entries=1000000, rounds=5, windows=60, idle_sec=60, crowds=5, steady_sec=600, counted_sec=60,
    memory_entries=1400000, peer_entries=200000, growth_max=1000000, records=1000000, archive_mib=1024, is_full=True)  # fmt: skip
QUICK = Size(
    entries=250000, rounds=2, windows=8, idle_sec=10, crowds=1, steady_sec=6, counted_sec=6,
    memory_entries=250000, peer_entries=60000, growth_max=100000, records=100000, archive_mib=32, is_full=False)  # fmt: skip
