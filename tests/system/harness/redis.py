"""A Redis of one's own, on a unix socket in the test's folder."""

import itertools
import os
import random
import signal
import socket
import subprocess
from pathlib import Path

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from harness.process import kill_hard, spawn
from harness.waiting import wait_until


WORKERS_MAX = 32


AT_ONCE = {"retry": Retry(NoBackoff(), 0)}


def client_of(decode_responses=True, **where):
    """What fails is told at once. Newer versions of the library would try again by themselves, seconds later, and what was
    written twice would be there twice."""
    return redis.Redis(decode_responses=decode_responses, **AT_ONCE, **where)


def client_at(url, **more):
    return redis.from_url(url, **AT_ONCE, **more)


def server_command():
    """QUANTUM_REDIS_SERVER is another server than the one on the PATH. One that lies in another Debian's root runs with
    that Debian's libraries, by its loader."""
    named = os.environ.get("QUANTUM_REDIS_SERVER")
    if not named:
        return ["redis-server"]
    server = Path(named).absolute()  # its name tells some what they are to be
    for root in server.parents[:-1]:
        loader = root / "usr/lib64/ld-linux-x86-64.so.2"
        if loader.exists() and (root / "etc").is_dir():
            libraries = f"{root}/usr/lib/x86_64-linux-gnu"
            return [loader.resolve(), "--library-path", libraries, server]
    return [server]


SERVER = server_command()


def ports_of_worker():
    """In turn, those that no other test which runs beside this one is given."""
    worker = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
    ports = list(range(20001, 32001))[worker % WORKERS_MAX :: WORKERS_MAX]
    random.shuffle(ports)
    return itertools.cycle(ports)


PORTS = ports_of_worker()


def free_port():
    """A loopback port that nobody listens on now."""
    for port in PORTS:
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port


class RedisServer:
    def __init__(self, folder, port=0, durable=False):
        self.folder = folder
        self.socket = folder / "redis.sock"
        self.url = f"unix://{self.socket}"
        self.port = port
        self.durable = durable
        self.appendfsync = "always"
        self.env = {}  # beside what there is
        self.extra = []  # options of the next start
        self.process = None
        self.db = self.client()
        self.raw = self.client(decode_responses=False)

    def client(self, decode_responses=True, **options):
        return client_of(decode_responses, unix_socket_path=str(self.socket), **options)

    def url_for(self, program):
        """Where this program finds it: one user is all there is here."""
        return self.url

    def options(self):
        yield from ("--dir", self.folder, "--save", "", "--loglevel", "warning")
        yield from ("--unixsocket", self.socket, "--port", self.port, "--bind", "127.0.0.1")
        yield from ("--enable-debug-command", "yes", "--daemonize", "no")
        yield from ("--appendonly", "yes" if self.durable else "no", "--appendfsync", self.appendfsync)
        # Rewritten, the file would no longer tell what happened in which order.
        yield from ("--aof-timestamp-enabled", "yes", "--auto-aof-rewrite-percentage", "0", *self.extra)

    def start(self):
        command = [*SERVER, *self.options()]
        with open(self.folder / "redis.log", "ab") as log:
            self.process = spawn(command, stdout=log, stderr=subprocess.STDOUT, env={**os.environ, **self.env})
        wait_until("Redis answers PING", self._answers)

    def _answers(self):
        assert self.process.poll() is None, (self.folder / "redis.log").read_text()
        try:
            return self.db.ping()
        except redis.RedisError:
            return False

    def kill(self):
        kill_hard(self.process)

    def restart(self):
        self.kill()
        self.start()

    def freeze(self):
        self.process.send_signal(signal.SIGSTOP)

    def thaw(self):
        self.process.send_signal(signal.SIGCONT)

    def write_books(self):
        """All that was answered is in the append-only file; with everysec it may be two seconds behind."""
        self.db.config_set("appendfsync", "always")
        self.db.ping()

    def close(self):
        if self.process:
            kill_hard(self.process)
        self.db.close()
        self.raw.close()
