"""What passes on the wire: whole commands and replies, and what they are called."""

import hashlib

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


# Each script by what it alone does.
SCRIPTS = (
    ("take", b"HSETNX"),
    ("commit", b"'INCRBY'"),
    ("snapshot", b"local MARKS, CHUNK"),
    ("renew", b"'PEXPIRE'"),
    ("release", b"redis.call('DEL', KEYS[1])"),
    ("arrive", b"'DELCONSUMER'"),
    ("hold", b"seen(safe_mode, most), redis"),
    ("sight", b"local LACKING"),
    ("look", b"seen(price, most)"),
    ("begin", b"begun, 'count', 1)"),
    ("fail", b"'count', -1"),
    ("open", b"end_of_symbol"),
    ("close", b"kind == 'close'"),
    ("end", b"dead_letter_fields"),
    ("leave", b"'HEXISTS', positions, id)"),
    ("answer", b"has_moved()"),
    ("ack", b"'XACK', stream, group, unpack"),
)


class Namer:
    """Names commands as the tests call them: 'take', 'commit', 'read pending', 'read new', 'xack', …"""

    def __init__(self):
        self.scripts = {}  # SHA-1: name

    def name(self, words):
        verb = words[0].decode().lower()
        if verb == "script":
            found = [name for name, mark in SCRIPTS if mark in words[2]]
            assert len(found) == 1, found
            self.scripts[hashlib.sha1(words[2]).hexdigest().encode()] = found[0]
            return "load " + found[0]
        if verb == "evalsha":
            return self.scripts.get(words[1], "a script")
        if verb == "xreadgroup":
            return "read new" if words[-1] == b">" else "read pending"
        if verb in ("client", "xgroup"):
            return f"{verb} {words[1].decode().lower()}"
        return verb
