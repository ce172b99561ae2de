"""A Redis with the files of deploy/redis, where each program comes as its own user, and what they use is written down."""

import hashlib
import re
import secrets
import socket
import threading
from fnmatch import fnmatchcase

from harness.process import BUILD, ROOT
from harness.redis import RedisServer, free_port

SETTINGS = ROOT / "deploy/redis/quantum.conf"
ACL = BUILD / "quantum.acl"
CONTAINERS = ("client", "script", "xgroup", "xinfo", "acl", "config", "memory")
LINE = re.compile(r'\+[\d.]+ \[\d+ ([^\]]+)\] "([^"]*)"(?: "([^"]*)")?')
KEY = re.compile(r'"(quantum:[^"]*)"')


def granted(user):
    """What the ACL file gives a user: for each selector, the first of which is the user's own, commands and key patterns."""
    [line] = [line for line in ACL.read_text().splitlines() if line.split()[:2] == ["user", user]]
    own, *selectors = re.split(r" (?=\()", line)
    return [(set(re.findall(r"(?<=[ (]\+)[a-z|]+", part)), set(re.findall(r"~([^ )]+)", part))) for part in (own, *selectors)]


def superfluous(user, used):
    """Commands and keys that were granted, and that nobody made use of; and commands that were used without a word here."""
    selectors = granted(user)
    commands = set().union(*(commands for commands, _ in selectors))
    found = [("not granted", command) for command in {command for command, _ in used} - commands]
    for commands, patterns in selectors:
        hits = {(command, pattern) for command, key in used for pattern in patterns
                if command in commands and key and fnmatchcase(key, pattern)}  # fmt: skip
        found += [("no such key", sorted(commands), pattern) for pattern in patterns - {pattern for _, pattern in hits}]
        keyless = {command for command, key in used if not key} if (commands, patterns) == selectors[0] else set()
        found += [("not used", command, sorted(patterns)) for command in commands - {command for command, _ in hits} - keyless]
    return found


def users():
    return [line.split()[1] for line in ACL.read_text().splitlines()]


class Monitor:
    """Which command was run by whom, as Redis tells: by the name that a connection gave itself, and by its scripts."""

    def __init__(self, path):
        self.used = {}  # of each address, commands with their keys
        self.names = {}  # of each address
        self.last = None  # whose script runs
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.connect(str(path))
        self.socket.sendall(b"MONITOR\r\n")
        self.file = self.socket.makefile("r", encoding="utf-8", errors="replace")
        assert self.file.readline().strip() == "+OK"
        self.thread = threading.Thread(target=self._read, daemon=True)
        self.thread.start()

    def _read(self):
        for line in self.file:
            found = LINE.match(line)
            if found:
                self._take(found[1], found[2].lower(), (found[3] or "").lower(), line)

    def _take(self, address, command, word, line):
        if command == "auth":  # which needs no right
            return
        if command in CONTAINERS:
            command += "|" + word
        if command == "client|setname":
            self.names[address] = line.split('"')[5].partition(":")[0]
        if address != "lua":
            self.last = address
        self.used.setdefault(self.last, set()).update((command, key) for key in KEY.findall(line) or [""])

    def close(self):
        """What each program used."""
        self.socket.shutdown(socket.SHUT_RD)
        self.thread.join(10)
        self.socket.close()
        used = {}
        for address, commands in self.used.items():
            if address in self.names:
                used.setdefault(self.names[address], set()).update(commands)
        return used


class GuardedRedis(RedisServer):
    """Over TCP come the programs, which MONITOR so tells apart; the test is the default user, on the socket."""

    def __init__(self, folder, operator="quantum-operator"):
        super().__init__(folder, port=free_port())
        self.passwords = {user: secrets.token_hex(16) for user in users()}
        self.url = self.url_for(operator)
        self.used = {}
        self.monitor = None

    def url_for(self, program):
        return f"redis://{program}:{self.passwords[program]}@127.0.0.1:{self.port}/0"

    def _write_acl(self):
        """The file, and in it the passwords as ACL SAVE puts them there."""
        text = ACL.read_text()
        for user, password in self.passwords.items():
            hashed = hashlib.sha256(password.encode()).hexdigest()
            text = text.replace(f"user {user} on resetpass ", f"user {user} on #{hashed} ")
        (self.folder / "quantum.acl").write_text(text)

    def options(self):
        self._write_acl()
        yield from (SETTINGS, "--dir", self.folder, "--unixsocket", self.socket, "--port", self.port)
        yield from ("--aclfile", self.folder / "quantum.acl", "--daemonize", "no", *self.extra)

    def start(self):
        super().start()
        self.monitor = Monitor(self.socket)

    def name_by_user(self):
        """Who does not name itself, and is connected now, goes by its user."""
        for row in self.db.client_list():
            if not row["name"]:
                self.monitor.names.setdefault(row["addr"], row["user"])

    def note(self):
        """What was used so far is remembered."""
        monitor, self.monitor = self.monitor, None
        for name, commands in (monitor.close() if monitor else {}).items():
            self.used.setdefault(name, set()).update(commands)

    def kill(self):
        self.note()
        super().kill()

    def close(self):
        self.note()
        super().close()

    def refusals(self):
        """What was refused to whom. Newer libraries tell the server who they are, and go on where they may not."""
        told = [(entry["username"], entry["reason"], entry["object"]) for entry in self.db.acl_log()]
        return [refusal for refusal in told if refusal[2] != "client|setinfo"]
