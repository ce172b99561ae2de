"""What a service tells over HTTP and systemd."""

import http.client
import re
import socket
import subprocess
import threading
import time

from harness.waiting import PATIENCE_SEC, wait_until

SAMPLE = re.compile(r"^(\w+)(?:\{(.*)\})? (\S+)$")


class Page:
    """What a service shows over HTTP."""

    def __init__(self, port):
        self.port = port

    def try_ask(self, path, method="GET"):
        """(status, body), or None while nobody answers."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE_SEC)
        try:
            connection.request(method, path)
            response = connection.getresponse()
            return response.status, response.read().decode()
        except OSError:
            return None
        finally:
            connection.close()

    def ask(self, path, method="GET"):
        """(status, body), once somebody answers."""
        return wait_until(f"port {self.port} answers", lambda: self.try_ask(path, method))

    def text(self):
        status, body = self.ask("/metrics")
        assert status == 200
        return body

    def metrics(self):
        """Value by name, without our prefix, and labels."""
        found = {}
        for line in self.text().splitlines():
            if not line.startswith("#"):
                name, labels, value = SAMPLE.match(line).groups()
                name = name.removeprefix("quantum_router_").removeprefix("quantum_executor_")
                found[f"{name}{{{labels}}}" if labels else name] = float(value)
        return found

    def expect_metric(self, name, value, seconds=None):
        wait_until(
            f"{name} = {value}",
            lambda: self.metrics().get(name) == value,
            seconds,
            context=lambda: f"; it is {self.metrics().get(name)}",
        )

    def expect_ready(self, status, text):
        """/readyz says so in the end."""
        wait_until(
            f"/readyz {status} {text}",
            lambda: (answer := self.try_ask("/readyz")) and answer[0] == status and text in answer[1],
            context=lambda: f"; it says {self.try_ask('/readyz')}",
        )


class Systemd:
    """A socket that plays $NOTIFY_SOCKET, and what came over it."""

    def __init__(self, folder):
        self.path = str(folder / "notify.sock")
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.bind(self.path)
        self.heard = []
        threading.Thread(target=self._listen, daemon=True).start()

    def _listen(self):
        while True:
            try:
                message = self.socket.recv(4096).decode()
            except OSError:
                return
            self.heard += [(time.monotonic(), line) for line in message.split("\n")]

    def lines(self):
        return [line for _, line in self.heard]

    def expect(self, pattern, start=0):
        """The index of the first line like this."""

        def look():
            lines = self.lines()
            found = [i for i in range(start, len(lines)) if re.fullmatch(pattern, lines[i])]
            return found and [found[0]]

        return wait_until(f"systemd hears {pattern!r}", look, context=lambda: f"; {self.lines()}")[0]


def check_with_promtool(text):
    result = subprocess.run(
        ["promtool", "check", "metrics"], input=text, capture_output=True, text=True
    )
    assert result.returncode == 0, result.stdout + result.stderr
