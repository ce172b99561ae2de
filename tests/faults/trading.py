"""Router and paper executor beside one another, and what they have published and executed, kept outside Redis."""

import json
import signal as signals
import time
from collections import Counter
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import NamedTuple

import executor_stage
from harness.ctl import ctl
from harness.ledger import entry_of, read_transactions
from harness.names import INTENTS, RESULTS
from harness.signals import signal
from harness.waiting import wait_until
from stage import Stage


class Trade(NamedTuple):
    published: list  # decisions
    executed: list


def trade_in_books(folder: Path):
    """By an append-only file, of a server that may be gone."""
    trade = Trade([], [])
    [file] = (folder / "appendonlydir").glob("*.incr.aof")
    for command in (command for commands in read_transactions(file.read_bytes()) for command in commands):
        if command[:2] == ["XADD", INTENTS]:
            trade.published.append(json.loads(entry_of(command)[1]["payload"])["decision_id"])
        elif command[:2] == ["XADD", RESULTS] and entry_of(command)[1]["status"] == "filled":
            trade.executed.append(entry_of(command)[1]["decision_id"])
    return trade


def trade_on(server):
    executed = [fields["decision_id"] for _, fields in server.db.xrange(RESULTS) if fields["status"] == "filled"]
    return Trade([json.loads(fields["payload"])["decision_id"] for _, fields in server.db.xrange(INTENTS)], executed)


def expect_none_twice(before, after, kept):
    """What was published or executed since both had `kept`, on either server, was so once."""
    for one, other, common in zip(before, after, kept):
        assert one[: len(common)] == other[: len(common)] == common, (one, other, common)
        times = Counter([*one, *other[len(common) :]])
        assert set(times.values()) <= {1}, times


class TradingStage(Stage):
    def write(self, *confidences):
        """As a paper venue can fill them: with a price."""
        uids = [f"uid-{self.written + 1 + i}" for i in range(len(confidences or (0.95,)))]
        self.written += len(uids)
        named = zip(uids, confidences or (0.95,))
        self.must_write(
            *[signal(f"COIN{uid[4:]}USDT", "BUY", c, correlation_id=uid, entry_price=50000) for uid, c in named]
        )
        return uids

    def feed_for(self, seconds):
        """A flow that has no end of its own: what came last is still on its way."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            self.write()
            time.sleep(0.01)
        return self.write(*[0.95] * 20)

    def trade(self, name="a", proxy=None, max_age_sec=600):
        """A router and an executor, on their way."""
        router = self.start(name, proxy, SIGNAL_MAX_AGE_SEC=f"{max_age_sec}")
        env = {**executor_stage.ENV, "INTENT_MAX_AGE_SEC": f"{max_age_sec}"}
        url = proxy.url if proxy else self.redis.url
        flags = [*executor_stage.QUICK, f"--keys.consumer=executor-{name}"]
        return router, self.start_executor(*flags, url=url, **env)

    def expect_executed(self, *uids, server=None, seconds=None):
        server = server or self.redis
        wait_until(f"fills of {uids}", lambda: set(uids) <= set(trade_on(server).executed), seconds, self.told)

    def must_resume(self, server=None):
        done = ctl("resume", url=(server or self.redis).url)
        assert (done.returncode, done.stderr) == (0, ""), done


@contextmanager
def stopped(*services):
    """They stand still, and go on; who is killed meanwhile stays so."""
    with ExitStack() as stack:
        for service in services:
            service.process.send_signal(signals.SIGSTOP)
            stack.callback(service.process.send_signal, signals.SIGCONT)
        yield
