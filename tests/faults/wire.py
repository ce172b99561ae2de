"""What passes on the wire: whole commands and replies, and what they are called."""

import hashlib

from harness.process import ROOT
from harness.script_source import script_source

SIMPLE = b"+-:"


class Framer:
    """Cuts a stream into whole values, however it is chopped."""

    def __init__(self):
        self.buffer = bytearray()
        self._begin()

    def _begin(self):
        self.at = 0  # all before it is understood
        self.missing = 1  # values that the frame still needs

    def feed(self, data):
        self.buffer += data
        while self._read_on():
            frame = bytes(self.buffer[: self.at])
            del self.buffer[: self.at]
            self._begin()
            yield frame

    def _read_on(self):
        while self.missing:
            line_end = self.buffer.find(b"\r\n", self.at)
            if line_end < 0:
                return False
            kind, number = self.buffer[self.at : self.at + 1], self.buffer[self.at + 1 : line_end]
            end = line_end + 2
            if kind == b"$" and int(number) >= 0:
                end += int(number) + 2
                if end > len(self.buffer):
                    return False
            if kind == b"*":
                self.missing += max(int(number), 0)
            else:
                assert kind in SIMPLE or kind == b"$", bytes(self.buffer[self.at : self.at + 40])
            self.missing -= 1
            self.at = end
        return True


def words_of(frame):
    """A command's words."""
    words, at = [], frame.index(b"\n") + 1
    while at < len(frame):
        line_end = frame.index(b"\n", at)
        length = int(frame[at + 1 : line_end])
        words.append(frame[line_end + 1 : line_end + 1 + length])
        at = line_end + 1 + length + 2
    return words


# Each script by its file, as the build embeds it.
SCRIPTS = {
    script_source(path).encode(): path.stem.removeprefix("lease_")
    for folder in ("common/redis", "router/act", "executor/act")
    for path in (ROOT / folder).glob("*.lua")
}
# A reader runs it, and the worker loads it.
PENDING = hashlib.sha1(script_source(ROOT / "common/redis/pending.lua").encode()).hexdigest().encode()


class Namer:
    """Names commands as the tests call them: 'take', 'commit', 'read pending', 'read new', 'xack', …"""

    def __init__(self):
        self.scripts = {}  # SHA-1: name

    def name(self, words):
        verb = words[0].decode().lower()
        if verb == "script":
            name = SCRIPTS[words[2]]
            self.scripts[hashlib.sha1(words[2]).hexdigest().encode()] = name
            return "load " + name
        if verb == "evalsha":
            return "read pending" if words[1] == PENDING else self.scripts.get(words[1], "a script")
        if verb == "xreadgroup":
            return "read new" if words[-1] == b">" else "read pending"
        if verb in ("client", "xgroup"):
            return f"{verb} {words[1].decode().lower()}"
        return verb
