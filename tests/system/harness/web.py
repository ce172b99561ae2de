"""quantumctl web, and what a browser or anybody else asks of it."""

import http.client
import json
import socket

from harness.redis import free_port
from harness.service import Service
from harness.waiting import PATIENCE_SEC, wait_until

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self'; base-uri 'none'; "
    "form-action 'none'; frame-ancestors 'none'"
)


class Viewer:
    """Who asks the server at a port of this machine."""

    def __init__(self, port):
        self.port = port
    def ask(self, path="/state.json", method="GET", **headers):
        """(status, headers, body)."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE_SEC)
        try:
            connection.request(method, path, headers={name.replace("_", "-"): value for name, value in headers.items()})
            response = connection.getresponse()
            return response.status, response.headers, response.read().decode()
        finally:
            connection.close()

    def raw(self, request):
        """All that comes back to these bytes."""
        with socket.create_connection(("127.0.0.1", self.port), timeout=PATIENCE_SEC) as connection:
            connection.sendall(request.encode())
            seen = b""
            while piece := connection.recv(65536):
                seen += piece
        return seen.decode()

    def answer(self):
        """What it says now. Before its first look it has no figures, and no age."""
        status, _, body = self.ask()
        assert status == 200
        assert len(body.encode()) <= 64 * 1024
        return json.loads(body)

    def state(self):
        """What it says, once it has had a look."""
        return self.expect_state("a look", lambda state: True)

    def expect_state(self, what, holds, seconds=None):
        """The first state of which this holds; what has had no look has no state."""

        def seen():
            answer = self.answer()
            return answer if answer["age_ms"] is not None and holds(answer) else None

        return wait_until(what, seen, seconds, lambda: f"; {self.answer()}")


class Web(Viewer, Service):
    PROGRAM = "quantumctl"

    def __init__(self, rig, *flags, url=None, listen="127.0.0.1", port=None, metrics="127.0.0.1:1", says="http://", **env):
        Viewer.__init__(self, port or free_port())
        conf = rig.folder / "web.conf"
        conf.write_text("")
        env.setdefault("REDIS_URL", rig.redis.url if url is None else url)
        env.setdefault("METRICS_LISTEN", metrics)  # nobody is there
        address = f"{listen}:{self.port}"
        Service.__init__(self, rig.folder, f"web{self.port}", ["--config", conf, "web", f"--listen={address}", *flags], env)
        self.expect_anywhere(says)

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}"
