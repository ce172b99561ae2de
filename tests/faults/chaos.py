"""The faults of a soak: each begins, lasts a little, and is over."""

import signal as signals
import time

import redis
from harm import Hold, cut, cut_after, delay, swallow
from harness.names import OPEN_ORDERS, SAFE_MODE
from proxy import COMMAND, FIN, REPLY, RST

STEPS = ("commit", "take", "snapshot", "read new", "read pending", "xack", "renew")


class Chaos:
    def __init__(self, stage, supervisor, executor, chance):
        self.stage = stage
        self.supervisor = supervisor
        self.executor = executor
        self.chance = chance
        self.db = stage.redis.client(socket_timeout=5)
        self.counts = {}
        self.kinds = [name[3:] for name in dir(self) if name.startswith("do_")]

    def strike(self):
        kind = self.chance.choice(self.kinds)
        name = self.chance.choice("ab")
        try:
            getattr(self, "do_" + kind)(name)
        except redis.RedisError:
            return  # Redis was not there to be harmed
        self.counts[kind] = self.counts.get(kind, 0) + 1

    def wait(self, most):
        time.sleep(self.chance.uniform(0.02, most))

    def do_cut(self, name):
        self.supervisor.proxies[name].cut_all(self.chance.choice([FIN, RST]))

    def do_kill(self, name):
        self.supervisor.end(name, lambda router: router.kill())
        self.supervisor.start(name)

    def do_terminate(self, name):
        self.supervisor.proxies[name].heal()
        self.supervisor.end(name, lambda router: router.terminate())
        self.supervisor.start(name)

    def do_freeze(self, name):
        proxy = self.supervisor.proxies[name]
        proxy.freeze(*self.chance.choice([[COMMAND], [REPLY], [COMMAND, REPLY]]))
        self.wait(1.2)
        proxy.thaw()

    def do_stop(self, name):
        process = self.supervisor.at[name].process
        process.send_signal(signals.SIGSTOP)
        self.wait(1.5)
        process.send_signal(signals.SIGCONT)

    def do_step(self, name):
        acts = [cut(FIN), cut(RST), cut_after(FIN), cut_after(RST), delay(0.1), swallow]
        side = self.chance.choice([COMMAND, REPLY])
        self.supervisor.proxies[name].on(self.chance.choice(STEPS), side, self.chance.choice(acts))
        self.wait(0.3)

    def do_hold(self, name):
        """A commit that comes late, after whatever the next moments bring."""
        hold = Hold()
        self.supervisor.proxies[name].on("commit", COMMAND, hold)
        self.wait(1.5)
        hold.release()

    def do_client_kill(self, _):
        self.db.execute_command("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes")

    def do_debug_sleep(self, _):
        self.db.execute_command("DEBUG", "SLEEP", f"{self.chance.uniform(0.05, 0.8):.3f}")

    def do_server_stop(self, _):
        self.stage.redis.freeze()
        self.wait(0.8)
        self.stage.redis.thaw()

    def do_maxmemory(self, _):
        self.db.config_set("maxmemory", 1)
        self.wait(0.4)
        self.db.config_set("maxmemory", 0)

    def do_pause(self, _):
        self.db.execute_command("CLIENT", "PAUSE", self.chance.randrange(20, 600), "WRITE")

    def do_no_capacity(self, _):
        self.executor.silent_until = time.monotonic() + self.chance.uniform(0.1, 1)
        self.db.delete(OPEN_ORDERS)

    def do_nonsense_capacity(self, _):
        self.executor.silent_until = time.monotonic() + self.chance.uniform(0.1, 0.5)
        self.db.set(OPEN_ORDERS, self.chance.choice(["", "-1", "3.5", "x"]))

    def do_safe_mode(self, _):
        self.db.set(SAFE_MODE, "soak", px=self.chance.randrange(50, 500))

    def do_script_flush(self, _):
        self.db.script_flush()

    def do_reload(self, name):
        """Once it listens; before, the signal means what it means to everybody."""
        if self.supervisor.at[name].count("LEADER_|STANDBY|REDIS_LOST"):
            self.supervisor.at[name].process.send_signal(signals.SIGHUP)

    def heal(self):
        self.db.config_set("maxmemory", 0)
        self.db.execute_command("CLIENT", "UNPAUSE")
        self.db.delete(SAFE_MODE)
        for proxy in self.supervisor.proxies.values():
            proxy.heal()
