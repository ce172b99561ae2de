"""Nodes of a Cluster on loopback, and what an operator does with them."""

import redis
from redis.cluster import ClusterNode, RedisCluster

from harness.redis import RedisServer, free_port
from harness.waiting import wait_until

SLOTS = 16384


class Node(RedisServer):
    def __init__(self, folder, timeout_ms=60000, port=None, more=()):
        folder.mkdir()
        super().__init__(folder, port=port or free_port())
        self.bus = free_port()
        self.extra = ["--cluster-enabled", "yes", "--cluster-port", self.bus, "--cluster-config-file", folder / "nodes.conf",
                      "--cluster-node-timeout", timeout_ms, "--repl-diskless-sync-delay", "0", *more]  # fmt: skip
        self.start()
        self.id = self.ask("MYID")

    @property
    def place(self):
        return f"127.0.0.1:{self.port}"

    def ask(self, *words):
        return self.db.execute_command("CLUSTER " + words[0], *words[1:])

    def meet(self, other):
        self.ask("MEET", "127.0.0.1", other.port, other.bus)

    def state(self):
        info = self.ask("INFO")
        info = info if isinstance(info, dict) else dict(line.split(":") for line in info.split() if ":" in line)
        return info["cluster_state"], int(info["cluster_known_nodes"])


class Cluster:
    """So many owners that share the slots evenly, and so many replicas of the one that owns the tag's slot."""

    def __init__(self, folder, owners=3, replicas=1, tag="a", timeout_ms=1000):
        self.tag = tag
        self.nodes = [self.make_node(folder / f"node{n}", timeout_ms) for n in range(owners + replicas)]
        self.owners = self.nodes[:owners]
        self.slot = self.nodes[0].ask("KEYSLOT", f"{{{tag}}}")
        for n, node in enumerate(self.nodes):
            node.ask("SET-CONFIG-EPOCH", n + 1)
        for n, node in enumerate(self.owners):
            node.ask("ADDSLOTS", *range(SLOTS * n // owners, SLOTS * (n + 1) // owners))
        self.owner = self.owners[self.slot * owners // SLOTS]
        for node in self.nodes[1:]:
            self.nodes[0].meet(node)
        wait_until("all know all", lambda: all(node.state() == ("ok", len(self.nodes)) or node not in self.owners and node.state()[1] == len(self.nodes) for node in self.nodes))
        for node in self.nodes[owners:]:
            wait_until("the replica knows its master", lambda: self._replicate(node))
            wait_until("the replica is in step", lambda: node.db.info("replication").get("master_link_status") == "up")
        wait_until("all are well", lambda: all(node.state()[0] == "ok" for node in self.nodes))
        self.db = self.client()

    def make_node(self, folder, timeout_ms):
        return Node(folder, timeout_ms)

    def _replicate(self, node):
        try:
            return node.ask("REPLICATE", self.owner.id)
        except redis.ResponseError:
            return False

    def client(self, **more):
        return RedisCluster(startup_nodes=[ClusterNode("127.0.0.1", node.port) for node in self.nodes], decode_responses=True, **more)

    def places(self, *nodes):
        return ",".join(node.place for node in nodes or self.nodes)

    def others(self):
        return [node for node in self.owners if node is not self.owner]

    def migrate(self, to, pause=lambda: None):
        """The slot, with all that is in it, as redis-cli --cluster reshard does; pause() comes between two keys."""
        source, slot = self.owner, self.slot
        to.ask("SETSLOT", slot, "IMPORTING", source.id)
        source.ask("SETSLOT", slot, "MIGRATING", to.id)
        while keys := source.ask("GETKEYSINSLOT", slot, 1):
            source.db.execute_command("MIGRATE", "127.0.0.1", to.port, "", 0, 5000, "KEYS", *keys)
            pause()
        for node in (to, source, *(one for one in self.owners if one not in (to, source))):
            node.ask("SETSLOT", slot, "NODE", to.id)
        self.owner = to

    def close(self):
        for node in self.nodes:
            node.close()
