"""quantumctl status: what waits because Redis may lack its last seconds."""

import http.server
import threading

import pytest

from harness.ctl import ctl
from harness.names import COMMIT, EXECUTORS, GROUP, INTENTS, SIGNALS
from harness.signals import signal
from harness.status import CRITICAL, HEALTHY, WARNING, findings, must_run_well, status

SERVER = "quantum:exec:server"
LACKING = (1 << 53) - 1
SURE = {"unsure_since": None, "rolled_back": False}


def must_hold_back(rig, key, stream, group, age_ms):
    """One entry that is pending, and a server that was first seen so long ago."""
    must_run_well(rig)
    rig.db.xadd(stream, {**signal(), "source": "ai_strategy_router"} if stream == INTENTS else signal())
    rig.db.xreadgroup(group, "one", {stream: ">"})
    rig.db.hset(key, mapping={"unsure_since": rig.now_ms() - age_ms, "unsure_resumed": ""})


@pytest.mark.parametrize(
    "key, stream, group, who, waiting",
    [(COMMIT, SIGNALS, GROUP, "router", "signals"), (SERVER, INTENTS, EXECUTORS, "executor", "openings")],
)
def test_what_is_held_back_is_told_until_somebody_resumes(rig, key, stream, group, who, waiting):
    must_hold_back(rig, key, stream, group, 1000)
    document, code = status(rig)
    assert code == WARNING and document["past"][who]["unsure_since"].endswith("Z")
    [found] = findings(document, "warning")
    assert found.startswith(f"STATE_UNSURE: Redis may lack its last seconds; the {who}'s {waiting} from before ")
    assert found.endswith("quantumctl resume")
    assert ctl("resume", url=rig.redis.url).returncode == 0
    document, code = status(rig)
    assert (code, document["past"][who]["unsure_since"]) == (HEALTHY, None)


@pytest.mark.parametrize("key, stream, group", [(COMMIT, SIGNALS, GROUP), (SERVER, INTENTS, EXECUTORS)])
def test_what_is_stale_waits_no_more(rig, key, stream, group):
    must_hold_back(rig, key, stream, group, 1_000_000)
    document, code = status(rig)
    assert (code, document["past"]["executor"]) == (HEALTHY, SURE)
    assert document["past"]["router"] == {**SURE, "rolled_back": None}


def test_without_anything_pending_nothing_waits(rig):
    must_run_well(rig)
    rig.db.hset(COMMIT, mapping={"unsure_since": rig.now_ms(), "unsure_resumed": ""})
    document, code = status(rig)
    assert code == HEALTHY and document["past"]["router"]["unsure_since"]


def test_an_executor_that_found_a_loss_is_critical(rig):
    must_run_well(rig)
    rig.db.hset(SERVER, mapping={"unsure_since": LACKING, "unsure_resumed": ""})
    document, code = status(rig)
    assert (code, document["past"]["executor"]) == (CRITICAL, {"unsure_since": None, "rolled_back": True})
    [found] = findings(document, "critical")
    assert found.startswith("STATE_ROLLED_BACK: what the executor settled last") and found.endswith("quantumctl resume")
    assert ctl("resume", url=rig.redis.url).returncode == 0
    assert status(rig)[1] == HEALTHY


class Page(http.server.BaseHTTPRequestHandler):
    """The metrics of a router that remembers more than it finds."""

    def do_GET(self):
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b"quantum_router_state_rolled_back 1\n")

    def log_message(self, *_):
        pass


def test_a_router_that_found_a_loss_is_critical(rig):
    must_run_well(rig)
    with http.server.HTTPServer(("127.0.0.1", 0), Page) as page:
        threading.Thread(target=page.handle_request, daemon=True).start()
        document, code = status(rig, ROUTER_METRICS_LISTEN=f"127.0.0.1:{page.server_port}")
    assert (code, document["past"]["router"]["rolled_back"]) == (CRITICAL, True)
    [found] = findings(document, "critical")
    assert found.startswith("STATE_ROLLED_BACK: what the router wrote last") and found.endswith("quantumctl resume")
