"""Three servers, one of them the master, and three Sentinels that watch them; each behind a cable of its own."""

import os
import subprocess

import redis

from harness.cable import Cable
from harness.process import kill_hard, spawn
from harness.redis import RedisServer, client_of, free_port
from harness.waiting import PATIENCE_SEC, wait_until

MASTER = "quantum-master"
# On a machine that is busy a master seems dead that is not: one that is silent is given up where a test awaits it, and nowhere else.
DOWN_AFTER_MS, NEVER_MS = 1000, 600000


class Server(RedisServer):
    """Others reach it through its cable alone, and know it by that."""

    def __init__(self, folder):
        folder.mkdir()
        super().__init__(folder, port=free_port())
        self.place = free_port()
        self.cable = Cable(self.place, self.port)
        self.extra = ["--replica-announce-ip", "127.0.0.1", "--replica-announce-port", self.place,
                      "--repl-ping-replica-period", "1", "--repl-diskless-sync-delay", "0"]  # fmt: skip

    def close(self):
        super().close()
        self.cable.close()


class Sentinel:
    def __init__(self, folder, watched, password=None, listens="port {}", more=(), **client):
        folder.mkdir()
        self.folder = folder
        self.port = free_port()
        self.password = password
        words = [
            listens.format(self.port), "bind 127.0.0.1", f"dir {folder}", f"sentinel monitor {MASTER} 127.0.0.1 {watched} 2",
            f"sentinel down-after-milliseconds {MASTER} {NEVER_MS}", f"sentinel failover-timeout {MASTER} 6000",
            *more,
        ]  # fmt: skip
        if password:
            words += [f"requirepass {password}", f"sentinel sentinel-pass {password}"]
        self.file = folder / "sentinel.conf"
        self.file.write_text("\n".join(words) + "\n")
        self.db = client_of(port=self.port, password=password, **client)
        self.start()

    def start(self):
        with open(self.folder / "sentinel.log", "ab") as log:
            self.process = spawn(["redis-server", self.file, "--sentinel"], stdout=log, stderr=subprocess.STDOUT, env=dict(os.environ))
        wait_until("the sentinel answers", self._answers)

    def _answers(self):
        try:
            return self.db.ping()
        except redis.ConnectionError:
            return False

    def named(self):
        """The port of the master, as it says."""
        try:
            address = self.db.execute_command("SENTINEL", "GET-MASTER-ADDR-BY-NAME", MASTER)
        except redis.ConnectionError:
            return None
        return address and int(address[1])

    def knows_all(self):
        about = self.db.execute_command("SENTINEL", "MASTER", MASTER)
        about = about if isinstance(about, dict) else dict(zip(about[::2], about[1::2]))
        return int(about["num-slaves"]) == 2 and int(about["num-other-sentinels"]) == 2

    def give_up_after(self, ms):
        self.db.execute_command("SENTINEL", "SET", MASTER, "down-after-milliseconds", ms)

    def tail(self, count=20):
        lines = (self.folder / "sentinel.log").read_text(errors="replace").splitlines()
        return f"\n--- the last lines of {self.folder.name}/sentinel.log\n" + "\n".join(lines[-count:])

    def close(self):
        kill_hard(self.process)
        self.db.close()


class Trio:
    """Stands where a RedisServer stands in a rig; `db` is the master's as the test knows it."""

    def __init__(self, folder, password=None):
        self.servers = [self.make_server(folder / f"server{n}") for n in range(3)]
        self.master = self.servers[0]
        self.folder = folder
        self.password = password
        self.sentinels = []

    def make_server(self, folder):
        return Server(folder)

    def make_sentinel(self, folder):
        return Sentinel(folder, self.master.place, self.password)

    @property
    def db(self):
        return self.master.db

    @property
    def process(self):
        return self.master.process

    @property
    def port(self):
        return self.master.port

    @property
    def url(self):
        places = ",".join(f"127.0.0.1:{sentinel.port}" for sentinel in self.sentinels)
        return f"redis+sentinel://{places}/{MASTER}"

    def url_for(self, _program):
        return self.url

    def client(self, **options):
        return self.master.client(**options)

    def start(self):
        for server in self.servers:
            server.start()
        for server in self.servers[1:]:
            server.db.replicaof("127.0.0.1", self.master.place)
        for server in self.servers[1:]:
            wait_until("the replica is in step", lambda: server.db.info("replication")["master_link_status"] == "up")
        self.sentinels = [self.make_sentinel(self.folder / f"sentinel{n}") for n in range(3)]
        wait_until("each sentinel knows all others", lambda: all(one.knows_all() for one in self.sentinels))

    def named(self):
        """The server that most sentinels name."""
        ports = [one.named() for one in self.sentinels]
        for server in self.servers:
            if ports.count(server.place) >= 2:
                return server
        return None

    def await_failover(self):
        """Returns the new master, which is this one's from now on. Where a vote fails, or a Sentinel finds that it was held up, they wait
        for half a minute and begin again."""
        patience = 3 * PATIENCE_SEC
        for one in self.sentinels:
            one.give_up_after(DOWN_AFTER_MS)
        wait_until("most sentinels name another master", lambda: self.named() not in (None, self.master), patience, self.told)
        for one in self.sentinels:
            one.give_up_after(NEVER_MS)
        self.master = self.named()
        return self.master

    def told(self):
        return "".join(one.tail() for one in self.sentinels)

    def close(self):
        for one in (*self.sentinels, *self.servers):
            one.close()
