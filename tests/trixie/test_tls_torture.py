"""A connection over TLS is cut anywhere in a session: in its handshake, its start, and cycles with commits (F03 to F06)."""

from types import SimpleNamespace

import pytest

from cutter import Cutter
from harness.waiting import FULL, wait_until
from stage import Stage
from tls_server import TlsServer

# Bytes of TLS until a new session has made two cycles; most of what goes to Redis are the scripts, and there not every byte is taken.
LENGTH = {"to Redis": 60_000, "from Redis": 11_000}
STEP = {"to Redis": 13, "from Redis": 1} if FULL else {"to Redis": 401, "from Redis": 67}

# What is told of a cut in the handshake; the same reason again is told once.
HANDSHAKE = {"fin": "TLS: the connection ended before the handshake did", "rst": "TLS: the connection ended|Connection reset by peer"}


@pytest.fixture
def tls_stage(authority):
    with Stage(server=TlsServer, authority=authority, durable=True) as stage:
        stage.redis.start()
        stage.set_open(0)
        yield stage
        stage.end()


@pytest.mark.parametrize("how", ["fin", "rst"])
@pytest.mark.parametrize("side", LENGTH)
def test_torture_cut_anywhere_in_tls(tls_stage, side, how):
    """Reader and decider are cut in turn, each a step later than the one before; in the end the books are right."""
    stage = tls_stage
    with Cutter(stage.redis.tls_port, side, how, STEP[side]) as cutter:
        through = SimpleNamespace(url=f"rediss://localhost:{cutter.port}")
        flags = f"--redis.tls_ca={stage.redis.authority.certificate}", "--redis.backoff_max_ms=10"
        # Hardly a commit comes through at first: what waits meanwhile may wait.
        router = stage.start("a", through, *flags, SIGNAL_MAX_AGE_SEC="3600")
        while cutter.limit < LENGTH[side]:
            limit = cutter.limit
            if router.count("LEADER_ACQUIRED") and stage.pending() == stage.lag() == 0:
                stage.write(0.95, 0.5)
            wait_until(f"a cut behind byte {limit}", lambda: cutter.limit > limit, context=router.tail)
        cutter.spare()
        stage.works()
        published = len(stage.published())
    assert published > 10, stage.told()
    assert router.count(HANDSHAKE[how]), stage.told()
    print(f"torture: {cutter.limit // STEP[side]} cuts of {side}, {published} published")
