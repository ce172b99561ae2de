import sys
from pathlib import Path

import pytest

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent / "system"), str(HERE.parent / "faults")]

from authority import Authority  # noqa: E402
from harness.rig import Rig  # noqa: E402
from tls_server import TlsServer  # noqa: E402


@pytest.fixture(scope="session")
def authority(tmp_path_factory):
    """Who signs the certificates of these tests; no system knows it."""
    return Authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture
def tls_rig(authority):
    """A Redis that is reached by TLS alone, under its right name; the test starts it."""
    with Rig(TlsServer, authority=authority) as rig:
        yield rig
