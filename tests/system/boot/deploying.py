"""A guest that is deployed to: candidates good and bad, an old router, and what must not change."""

import contextlib
import json
import os
import secrets
import shutil
from pathlib import Path

from harness.names import CONSUMER, GROUP, INTENTS, SIGNALS

ROUTER = "quantum-ai-strategy-router.service"
BACKUPS = "/var/lib/quantum/deploy"
OPERATOR_ENV = "/etc/quantum/redis-operator.env"
SOCKET = "/run/redis/redis-server.sock"
REPOSITORY = Path(__file__).resolve().parents[3]

# A candidate that says the right things when it is asked, and then does something else.
WRAPPER = """#!/bin/bash
real=/usr/bin/quantum-router.real
if [[ ! -x $real ]]; then real=$(dirname "$0")/quantum-router.real; fi
if [[ " $* " == *" --version "* || " $* " == *" --check-config "* ]]; then exec $real "$@"; fi
{acts}
"""

OLD_ROUTER = f"""#!/bin/bash
while :; do
    redis-cli XREADGROUP GROUP {GROUP} {CONSUMER} COUNT 10 BLOCK 300 STREAMS {SIGNALS} '>' |
        grep -c '^payload$' | xargs -I N redis-cli EVAL "for i = 1, ARGV[1] do redis.call('XADD', KEYS[1], '*', 'payload', '{{}}') end" 1 {INTENTS} N
done
"""

OLD_UNIT = """[Unit]
Description=the old router
[Service]
ExecStart=/opt/old/ai_strategy_router
[Install]
WantedBy=multi-user.target
"""


class Deployer:
    def __init__(self, guest, folder):
        self.guest = guest
        self.folder = folder
        self.program = "/opt/quantum/deploy/deploy.sh"
        self.good = "/opt/quantum/good"
        self.staged = Path(os.environ["QUANTUM_BOOT_STAGED"])
        guest.run("mount -o remount,noexec /run")  # as a Debian with an initramfs has it
        guest.push(REPOSITORY / "deploy", "/opt/quantum")
        shutil.copytree(self.staged, folder / "good", symlinks=True)
        guest.push(folder / "good", "/opt/quantum")

    def candidate(self, name, acts):
        """A staged tree whose router is a wrapper that acts in shell text."""
        self.guest.run(f"cd /opt/quantum && cp -a good {name} && mv {name}/usr/bin/quantum-router{{,.real}}")
        self.guest.write(f"/opt/quantum/{name}/usr/bin/quantum-router", WRAPPER.replace("{acts}", acts), 0o755)
        return f"/opt/quantum/{name}"

    def deploy(self, candidate, options):
        return self.guest.run(f"{self.program} --candidate {candidate} {options}", check=False, timeout=120)

    def newest(self):
        return self.guest.out(f"ls {BACKUPS} | tail -n 1")

    def report(self):
        return json.loads(self.guest.read(f"{BACKUPS}/{self.newest()}/report.json"))

    def list(self):
        return self.guest.out(f"{self.program} --list")

    def said(self):
        """All that is kept of what was said, without the configuration in the backups."""
        return self.guest.out(f"grep -rh --exclude-dir=files --exclude-dir=code '' {BACKUPS}")

    # --- what must not change

    def files(self):
        return self.guest.out("find /usr/bin/quantum* /lib/systemd/system/quantum* /etc/quantum /etc/systemd/system /usr/share/quantum "
                              "-type f,l 2>/dev/null | sort | xargs -r sha256sum", check=False)

    def keys(self):
        return self.guest.out("for k in $(redis-cli KEYS '*' | sort); do echo $k; redis-cli DUMP $k | sha256sum; done")

    def keys_without_router(self):
        """What nobody but an operator or the execution side writes."""
        return self.redis("GET quantum:state:open_orders") + self.redis("EXISTS quantum:safety:safe_mode")

    @contextlib.contextmanager
    def edited(self, path, more):
        text = self.guest.read(path)
        self.guest.write(path, text + more)
        try:
            yield
        finally:
            self.guest.write(path, text)

    # --- Redis

    def redis(self, command):
        return self.guest.out(f"redis-cli {command}")

    def start_signals(self):
        self.guest.run(f"systemd-run -q --unit=feed {self.good}/usr/bin/quantumctl feed --rate=40 --seconds=600 --seed=3")

    def stop_signals(self):
        self.guest.run("systemctl stop feed; systemctl reset-failed feed", check=False)

    def open_socket(self):
        self.guest.run(f"printf 'unixsocket {SOCKET}\\nunixsocketperm 770\\n' >>/etc/redis/redis.conf && systemctl restart redis-server")
        self.guest.wait("a Redis that answers", f"redis-cli -s {SOCKET} PING")

    @contextlib.contextmanager
    def users(self):
        """As deploy/README.md sets them up: the router under its user on Redis' socket, and the operator's file."""
        router_env, file = "/etc/quantum/router.env", self.guest.read("/etc/quantum/router.env")
        passwords = {name: secrets.token_hex(24) for name in ("router", "operator")}
        self.guest.run(f"sed 's/^user/ACL SETUSER/' {self.good}/usr/share/quantum/redis/quantum.acl | redis-cli -e")
        for name, password in passwords.items():
            assert self.redis(f"ACL SETUSER quantum-{name} '>{password}'") == "OK"
            self.guest.write(f"/etc/quantum/redis-{name}.env", f"REDIS_URL=unix://quantum-{name}:{password}@{SOCKET}\n", 0o600)
        self.guest.write(router_env, file + self.guest.read("/etc/quantum/redis-router.env"))
        self.guest.write(f"/etc/systemd/system/{ROUTER}.d/redis-socket.conf", "[Service]\nSupplementaryGroups=redis\n")
        self.guest.run("systemctl daemon-reload")
        try:
            yield passwords.values()
        finally:
            self.guest.write(router_env, file)
            self.guest.run("rm /etc/quantum/redis-*.env")

    # --- the old router

    def leave_pending(self, count):
        """Signals an hour old that were given to the old router and never acknowledged."""
        self.redis(f"""EVAL "local from = redis.call('TIME')[1] * 1000 - 3600000
            for i = 1, ARGV[1] do redis.call('XADD', KEYS[1], (from + i) .. '-0', 'symbol', 'BTCUSDT') end" 1 {SIGNALS} {count}""".replace("\n", " "))
        self.redis(f"XGROUP CREATE {SIGNALS} {GROUP} 0")
        self.guest.run(f"redis-cli XREADGROUP GROUP {GROUP} {CONSUMER} COUNT {count} STREAMS {SIGNALS} '>' >/dev/null")

    def start_old_router(self):
        self.guest.write("/opt/old/ai_strategy_router", OLD_ROUTER, 0o755)
        self.guest.write("/etc/systemd/system/" + ROUTER, OLD_UNIT)
        self.guest.run(f"systemctl daemon-reload && systemctl enable -q --now {ROUTER}")

    def old_router_runs(self):
        return (self.guest.show(ROUTER, "FragmentPath") == "/etc/systemd/system/" + ROUTER
                and self.guest.show(ROUTER, "ActiveState") == "active"
                and self.guest.out(f"systemctl is-enabled {ROUTER}") == "enabled")

    def remove_all(self):
        self.guest.run(f"systemctl disable -q --now {ROUTER}; rm -f /etc/systemd/system/{ROUTER} /usr/bin/quantum* "
                       "/lib/systemd/system/quantum*; systemctl daemon-reload", check=False)
