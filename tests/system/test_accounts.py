"""A router for each account, as its unit starts it, over the nodes of a Cluster: each on its own slot, and what they cost."""

import json
import os
import re
import time
from pathlib import Path

import pytest

from harness.cluster import Cluster
from harness.names import Names
from harness.process import BUILD, ROOT
from harness.redis import free_port
from harness.router import Router
from harness.signals import signal
from harness.waiting import FULL, wait_until
from test_idle import WAKE_UPS_PER_SEC, wake_ups

ACCOUNTS = 40 if FULL else 8
UNIT = ROOT / "deploy/systemd/quantum-ai-strategy-router@.service.in"
LOOK_SEC = 4


class Account:
    def __init__(self, folder, number, cluster):
        self.name = f"acct{number}"
        self.names = Names(f"quantum:{{{self.name}}}:")
        self.cluster = cluster
        self.slot = cluster.nodes[0].ask("KEYSLOT", self.name_of_slot())
        self.node = cluster.owners[self.slot * len(cluster.owners) // 16384]
        cluster.db.set(self.names.open_orders, 0)
        folder.mkdir()
        (folder / f"router-{self.name}.conf").write_text(self.configuration())
        (folder / f"router-{self.name}.env").write_text(f"ROUTER_METRICS_LISTEN=127.0.0.1:{free_port()}\n")
        (folder / "none").touch()
        os.chmod(folder / "none", 0o400)
        self.router = Router(folder, self.name, self.flags(folder), {})

    def name_of_slot(self):
        return f"{{{self.name}}}"

    def configuration(self):
        """What the unit's own words make of the shipped file, and where the nodes are."""
        places = ", ".join(f'"{node.place}"' for node in self.cluster.nodes)
        shipped = (ROOT / "config/router.conf").read_text()
        told = shipped.replace('# prefix = "quantum:";', f'prefix = "{self.names.prefix}";')
        return told.replace("# nodes = [];", f"nodes = [ {places} ];")

    def flags(self, folder):
        [line] = re.findall(r"^ExecStart=@bindir@/quantum-router (.*)$", UNIT.read_text(), re.MULTILINE)
        line = line.replace("@confdir@", str(folder)).replace("%i", self.name).replace("%d/redis-password", str(folder / "none"))
        return [*line.split(), f"--env-file={folder}/router-{self.name}.env"]

    def published(self):
        return [json.loads(entry["payload"])["decision_id"] for _, entry in self.cluster.db.xrange(self.names.intents)]

    def send(self):
        self.cluster.db.xadd(self.names.signals, signal("BTCUSDT", correlation_id=f"of-{self.name}"))

    def has_cost(self):
        """Seconds of a processor and times that it woke, so far; MiB of its own."""
        pid = self.router.process.pid
        ran_ns = int(Path(f"/proc/{pid}/schedstat").read_text().split()[0])
        private = sum(int(line.split()[1]) for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines() if line.startswith("Private"))
        return ran_ns / 1e9, wake_ups(pid), private / 1024


@pytest.fixture
def accounts(tmp_path):
    cluster = Cluster(tmp_path, owners=3, replicas=0, timeout_ms=5000)
    accounts = []
    try:
        accounts += [Account(tmp_path / f"account{n}", n, cluster) for n in range(ACCOUNTS)]
        yield accounts
        for account in accounts:
            account.router.close()
    finally:
        for account in accounts:
            account.router.kill()
        cluster.close()


def clients_of(node):
    return [one["addr"] for one in node.db.client_list() if one["name"].startswith("quantum-router:")]


def test_each_on_its_slot(accounts):
    cluster = accounts[0].cluster
    for account in accounts:
        account.send()
    for account in accounts:
        wait_until(f"{account.name} to publish", account.published, context=account.router.tail)
        assert account.published() == [f"of-{account.name}"]
    for node in cluster.owners:
        assert len(clients_of(node)) == 2 * sum(account.node is node for account in accounts)
    assert len({account.node.port for account in accounts}) == 3

    before = [account.has_cost() for account in accounts]
    time.sleep(LOOK_SEC)  # what is looked at is what a time costs
    after = [account.has_cost() for account in accounts]
    cpu = sum(two[0] - one[0] for one, two in zip(before, after)) / LOOK_SEC / len(accounts)
    woken = sum(two[1] - one[1] for one, two in zip(before, after)) / LOOK_SEC / len(accounts)
    own = sum(cost[2] for cost in after) / len(accounts)
    print(f"{BUILD.name}: of {len(accounts)} idle accounts each: {100 * cpu:.2f}% of a core, {woken:.1f} wake-ups a second, {own:.1f} MiB, 2 connections")
    assert woken < WAKE_UPS_PER_SEC

    mover = accounts[0]
    cluster.slot, cluster.owner = mover.slot, mover.node
    cluster.migrate(next(node for node in cluster.owners if node is not mover.node))
    cluster.db.xadd(mover.names.signals, signal("ETHUSDT", correlation_id="moved"))
    wait_until("the one that moved to publish", lambda: "moved" in mover.published(), context=mover.router.tail)
    assert [account.name for account in accounts if account.router.count("REDIS_LOST")] == [mover.name]
