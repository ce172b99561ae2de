"""A connection over TLS is cut anywhere in a session: in its handshake, its start, and cycles with commits (F03 to F06)."""

from types import SimpleNamespace

import pytest

from cutter import Cutter
from harness.waiting import FULL, wait_until
from stage import Stage
from tls_server import TlsServer

# Most of what goes to Redis are the scripts, and there not every byte is taken.
STEP = {"to Redis": 13, "from Redis": 1} if FULL else {"to Redis": 401, "from Redis": 67}
CYCLES = 12

# What is told of a cut in the handshake; the same reason again is told once.
HANDSHAKE = {"fin": "TLS: the connection ended before the handshake did", "rst": "TLS: the connection ended|Connection reset by peer"}


@pytest.fixture
def tls_stage(authority):
    with Stage(server=TlsServer, authority=authority, durable=True) as stage:
        stage.redis.start()
        stage.set_open(0)
        yield stage
        stage.end()


def start(stage, cutter):
    """Hardly a commit comes through at first: what waits meanwhile may wait."""
    through = SimpleNamespace(url=f"rediss://localhost:{cutter.port}")
    flags = f"--redis.tls_ca={stage.redis.authority.certificate}", "--redis.backoff_max_ms=10"
    return stage.start("a", through, *flags, SIGNAL_MAX_AGE_SEC="3600")


def length_of_a_session(stage, side):
    """Bytes of TLS on the longer of its connections, until it has made some cycles."""
    with Cutter(stage.redis.tls_port, side, "fin", step=0) as cutter:
        cutter.spare()
        start(stage, cutter)
        for _ in range(CYCLES):
            stage.works()
        length = cutter.most
        stage.close_routers()
    return length


@pytest.mark.parametrize("how", ["fin", "rst"])
@pytest.mark.parametrize("side", STEP)
def test_torture_cut_anywhere_in_tls(tls_stage, side, how):
    """Reader and decider are cut in turn, each a step later than the one before; in the end the books are right."""
    stage = tls_stage
    length = length_of_a_session(stage, side)
    with Cutter(stage.redis.tls_port, side, how, STEP[side]) as cutter:
        router = start(stage, cutter)
        while cutter.limit < length:
            limit = cutter.limit
            if router.count("LEADER_ACQUIRED") and stage.pending() == stage.lag() == 0:
                stage.write(0.95, 0.5)
            wait_until(f"a cut behind byte {limit}", lambda: cutter.limit > limit, context=router.tail)
        survived = len(stage.published()) - CYCLES
        cutter.spare()
        stage.works()
    assert survived > 2, stage.told()  # so the last cuts came behind commits
    assert router.count(HANDSHAKE[how]), stage.told()
    print(f"torture: {cutter.limit // STEP[side]} cuts of {side} in {length} bytes, {survived} published meanwhile")
