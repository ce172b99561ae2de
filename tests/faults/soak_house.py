"""The house around a soak: a neighbour that tells its positions symbol by symbol, a follower that counts them, an archive, a
page that somebody looks at, and a paper executor that trades the same intents. Those of ours are killed and started again."""

import json
import os
import re
import time
from collections import Counter
from contextlib import ExitStack

from chaos import Chaos
from harness.archive import Archive
from harness.ctl import ctl
from harness.follower import FROM, Follower
from harness.names import HELD, INTENTS, RESULTS
from harness.waiting import wait_until
from harness.web import Web
from harness.worker import Worker
from soak_world import SYMBOLS, Executor

KINDS = ("archive", "follower", "page", "paper")
# What the neighbour holds is known a tenth of a second after it is; the books look at the count alone.
ROUTER_FLAGS = ["--positions.same_side=add", "--positions.opposite_side=pass"]
PAPER_FLAGS = [
    "--prefix=paper:", f"--keys.intents={INTENTS}", f"--keys.results={RESULTS}", "--capacity.max_open=1000000",
    "--guards.global_rate_max=1000000", "--guards.symbol_rate_max=1000000", "--guards.symbol_policy=add",
    "--paper.latency_ms=0", "--paper.hold_sec=1", "--paper.poll_ms=200",
]  # fmt: skip


class Neighbour(Executor):
    """As the executor of a soak, but it keeps a hash a symbol, and no count."""

    def __init__(self, stage, seed):
        super().__init__(stage, seed)
        self.shown = set()  # in Redis, or perhaps: a transaction may be refused, or have run unheard
        self.held = set()

    def step(self):
        super().step()
        self.shown &= self.held

    def tell(self, pipe, symbols):
        for symbol in symbols:
            pipe.hset(f"{HELD}:{symbol}", mapping={"position_amt": 1, "ts_epoch": time.time()})
        for symbol in self.shown - set(symbols):
            pipe.delete(f"{HELD}:{symbol}")
        self.held = set(symbols)
        self.shown |= self.held


class Onlooker(Worker):
    """Looks at the page each second, as a browser does; while the page is dead nobody answers, and one that just began has
    not looked yet, or looks while Redis is away."""

    def __init__(self, stage, house):
        super().__init__(stage.redis.client(), pause_sec=1)
        self.house = house
        self.looks = 0

    def step(self):
        try:
            answer = self.house.page.answer()
        except OSError:
            return
        self.looks += "status" in answer


class House:
    def __init__(self, stage):
        self.stage = stage
        self.starts = Counter()
        self.rss_mib = Counter()
        self.filled = {}
        self.results_seen = "0"
        self.archive = Archive(stage, folder=stage.folder / "archive", start=False)
        self.follower = self.page = self.paper = None
        self.onlooker = Onlooker(stage, self)

    def __enter__(self):
        self.stage.db.mset({f"paper:price:{symbol}": 100 for symbol in SYMBOLS})
        for kind in KINDS:
            getattr(self, "start_" + kind)()
        self.curtain = ExitStack()
        self.curtain.enter_context(self.onlooker)
        return self

    def __exit__(self, *_):
        self.curtain.close()
        for kind in KINDS:
            self.kill(kind)

    # --- who lives there

    def start_archive(self):
        self.archive.start()

    def start_follower(self):
        self.follower = Follower(self.stage, "--amount=position_amt", "--at=ts_epoch", "--none-is-zero")

    def start_page(self):
        self.page = Web(self.stage)

    def start_paper(self):
        self.paper = self.stage.start_executor(*PAPER_FLAGS, TRADE_INTENT_SAFE_DRAIN="false")

    def kill(self, kind):
        one = getattr(self, kind)
        if kind == "follower":
            one.__exit__()
            one.log.unlink()
        else:
            one.kill()
        if kind == "paper":
            one.close()
            self.stage.executors.remove(one)
        if kind in ("page", "paper"):
            one.log_path.unlink()

    def kill_and_start(self, kind):
        self.kill(kind)
        getattr(self, "start_" + kind)()
        self.starts[kind] += 1

    # --- what is looked at

    def look(self):
        if self.onlooker.failure:
            raise self.onlooker.failure
        for kind in KINDS:
            process = getattr(self, kind).process
            assert process.poll() is None, f"{kind} ended"
            with open(f"/proc/{process.pid}/statm") as file:
                rss_mib = int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE") >> 20
            self.rss_mib[kind] = max(self.rss_mib[kind], rss_mib)
        self.read_results()

    def read_results(self):
        """No intent is filled twice."""
        while found := self.stage.db.xread({RESULTS: self.results_seen}, count=1000):
            for id, result in found[0][1]:
                if result["status"] == "filled":
                    assert result["intent_id"] not in self.filled, f"filled twice: {result}{self.stage.told()}"
                    self.filled[result["intent_id"]] = id
                self.results_seen = id

    def end(self, commits):
        """Every commit's record is in the archive, and decides as it did."""
        self.read_results()
        assert self.filled and self.onlooker.looks, self.numbers()

        def kept():
            done = ctl("replay", "--json", f"--archive={self.archive.folder}", url=self.stage.redis.url)
            assert done.returncode == 0, done.stdout + done.stderr
            self.replayed = json.loads(done.stdout)
            return self.replayed["records"] >= commits

        wait_until("every record in the archive", kept, 60, self.archive.told)

    def numbers(self):
        return {
            "paper filled": len(self.filled),
            "looks at the page": self.onlooker.looks,
            **{f"{kind} killed": count for kind, count in sorted(self.starts.items())},
            **{f"{kind} rss_mib": most for kind, most in sorted(self.rss_mib.items())},
            "archive mib": sum(path.stat().st_size for path in self.archive.folder.glob("*.qra")) >> 20,
            "archive told gaps": len(re.findall("gap", self.archive.log.read_text())),
        }


class HouseChaos(Chaos):
    """The same faults, and each of the house dies and comes back."""

    def __init__(self, house, *others):
        super().__init__(*others)
        self.house = house

    def do_house(self, _):
        self.house.kill_and_start(self.chance.choice(KINDS))
