"""deploy.sh asks Redis over TLS, with a client certificate and as a user of Redis, and shows neither key nor password."""

import pytest

from harness.names import OPEN_ORDERS, SAFE_MODE
from harness.staged import Staged

ASKED = "redis_connect; host_refuse_shared_consumer 500; figures_sample"
RIGHTS = ["on", ">s3cretword", "~quantum:*", "+@read", "+@connection", "+info", "+time", "+scan"]


@pytest.fixture
def staged(tmp_path):
    (tmp_path / "deploy").mkdir()
    return Staged(tmp_path / "deploy")


def configure(staged, rig):
    certificate, key = rig.redis.authority.sign("client")
    place = rig.redis.place.replace("://", "://operator@")
    staged.write("router.conf", f"""redis : {{
        url = "{place}"; tls_ca = "{rig.redis.authority.certificate}"; tls_cert = "{certificate}"; tls_key = "{key}";
    }};\n""")
    staged.write("redis-password", "s3cretword\n")
    return ["s3cretword", *key.read_text().splitlines()[1:-1]]


def test_it_asks_over_tls(tls_rig, staged):
    tls_rig.redis.wants_client = True
    tls_rig.redis.start()
    tls_rig.db.execute_command("ACL", "SETUSER", "operator", *RIGHTS)
    tls_rig.db.mset({OPEN_ORDERS: 7, SAFE_MODE: 1})
    secrets = configure(staged, tls_rig)
    done = staged.run(ASKED)
    assert done.returncode == 0 and done.stdout.split()[1:] == ["0", "0-0", "7", "1"], done
    shown = staged.shown(done)
    assert "quantumctl" in shown and not [secret for secret in secrets if secret in shown]
    assert tls_rig.db.acl_log() == []


def test_a_server_that_is_not_believed_ends_the_run(tls_rig, staged):
    tls_rig.redis.shows("another-name", names="subjectAltName=DNS:other.example")
    tls_rig.redis.start()
    secrets = configure(staged, tls_rig)
    done = staged.run(ASKED)
    assert done.returncode == 1 and "TLS: hostname mismatch" in done.stderr and done.stdout == "", done
    assert not [secret for secret in secrets if secret in staged.shown(done)]
