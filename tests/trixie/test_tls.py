"""Redis over TLS: who is believed, who is not and with which words, and that nothing is lost by it."""

import json
import os
import re
import socket
import subprocess
from pathlib import Path

import pytest

from authority import Authority
from cutter import Cutter
from harness.ctl import ctl
from harness.process import clean_environment, program
from harness.waiting import FULL, wait_until

HASTE = ["--redis.backoff_min_ms=1", "--redis.backoff_max_ms=20"]


def trusting(rig):
    return [f"--redis.tls_ca={rig.redis.authority.certificate}", *HASTE]


def start_router(rig, *flags, **env):
    return rig.start_router(*trusting(rig), *flags, **env)


def list_groups(rig, *flags):
    return ctl(trusting(rig)[0], *flags, "groups", "list", url=rig.redis.place)


def expect_lost(rig, words):
    """Neither a service nor the tool gets in, and both say why."""
    reason = start_router(rig).expect("REDIS_LOST (.*) retry_ms=")[1]
    assert re.search(words, reason), reason
    asked = list_groups(rig)
    assert asked.returncode == 1 and re.search(words, asked.stderr), asked.stderr
    assert len(asked.stderr.splitlines()) == 1


def expect_trade(rig):
    """From the signal to the result, both services over TLS."""
    rig.set_open(0)
    rig.db.set("quantum:price:BTCUSDT", "100")
    start_router(rig)
    rig.start_paper(*trusting(rig))
    rig.must_xadd("BTCUSDT")
    rig.expect_intent("BTCUSDT")
    rig.expect_result("filled")


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "[::1]"])
def test_its_right_name(tls_rig, host):
    tls_rig.redis.host = host
    tls_rig.redis.extra = ["--bind", "127.0.0.1", "::1"]
    tls_rig.redis.start()
    expect_trade(tls_rig)
    listed = list_groups(tls_rig)
    assert listed.returncode == 0 and "quantum:stream:ai.decision.made" in listed.stdout, listed


WRONG = {
    "another-name": (dict(names="subjectAltName=DNS:other.example"), "hostname mismatch: .* not for localhost"),
    "an-address-alone": (dict(names="subjectAltName=IP:127.0.0.1"), "hostname mismatch: .* not for localhost"),
    "half-a-name": (dict(names="subjectAltName=DNS:local*"), "hostname mismatch: .* not for localhost"),
    "ended": (dict(begins_days=-9, ends_days=-2), r"certificate has expired: it ended at \d{4}-\d\d-\d\dT"),
    "to-come": (dict(begins_days=2, ends_days=9), r"certificate is not yet valid: it begins at \d{4}-\d\d-\d\dT"),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_certificate_that_is_not_believed(tls_rig, name):
    rules, words = WRONG[name]
    tls_rig.redis.shows(name, **rules)
    tls_rig.redis.start()
    expect_lost(tls_rig, "TLS: " + words)


def test_an_address_that_the_certificate_does_not_name(tls_rig):
    tls_rig.redis.host = "127.0.0.1"
    tls_rig.redis.shows("names-alone", names="subjectAltName=DNS:localhost,DNS:127.0.0.1")
    tls_rig.redis.start()
    expect_lost(tls_rig, "TLS: IP address mismatch: .* not for 127.0.0.1")


def test_nobody_known_has_signed(tls_rig, tmp_path):
    tls_rig.redis.start()
    tls_rig.redis.authority = Authority(tmp_path, "stranger")
    expect_lost(tls_rig, "TLS: .*certificate.*: name the authority .* redis.tls_ca")
    refused = tls_rig.start_router(*HASTE)  # nor does the system know it
    refused.expect("REDIS_LOST TLS: .*: name the authority .* redis.tls_ca")


def test_a_client_without_a_certificate(tls_rig):
    tls_rig.redis.wants_client = True
    tls_rig.redis.start()
    expect_lost(tls_rig, "TLS: .*redis.tls_cert and redis.tls_key")


def test_a_client_with_one(tls_rig, authority):
    certificate, key = authority.sign("client")
    tls_rig.redis.wants_client = True
    tls_rig.redis.start()
    tls_rig.set_open(0)
    files = [f"--redis.tls_cert={certificate}", f"--redis.tls_key={key}"]
    start_router(tls_rig, *files)
    tls_rig.must_xadd("BTCUSDT")
    tls_rig.expect_intent("BTCUSDT")
    asked = list_groups(tls_rig, *files)
    assert asked.returncode == 0, asked.stderr


def test_a_client_whose_certificate_nobody_knows(tls_rig, tmp_path):
    certificate, key = Authority(tmp_path, "stranger").sign("client")
    tls_rig.redis.wants_client = True
    tls_rig.redis.start()
    router = start_router(tls_rig, f"--redis.tls_cert={certificate}", f"--redis.tls_key={key}")
    # The alert may be lost with the connection.
    router.expect("REDIS_LOST TLS: .*(does not take the certificate|may not take the one) in redis.tls_cert")


def test_a_protocol_that_is_too_old(tls_rig):
    tls_rig.redis.extra = ["--tls-protocols", "TLSv1.1", "--tls-ciphers", "DEFAULT@SECLEVEL=0"]
    tls_rig.redis.start()
    expect_lost(tls_rig, "TLS: .*: the server knows none of TLS 1.2 and later")


@pytest.mark.parametrize("protocol", ["TLSv1.2", "TLSv1.3"])
def test_each_protocol_that_is_taken(tls_rig, protocol):
    tls_rig.redis.extra = ["--tls-protocols", protocol]
    tls_rig.redis.start()
    expect_trade(tls_rig)


def test_a_port_without_tls(tls_rig):
    tls_rig.redis.port = tls_rig.redis.tls_port
    tls_rig.redis.options = lambda: super(type(tls_rig.redis), tls_rig.redis).options()
    tls_rig.redis.start()
    expect_lost(tls_rig, "TLS: .*: what listens there speaks no TLS")


def test_one_who_accepts_and_is_silent(tls_rig):
    with socket.create_server(("127.0.0.1", tls_rig.redis.tls_port)):
        flags = ["--redis.connect_timeout_ms=200", "--redis.reply_timeout_ms=200"]
        start_router(tls_rig, *flags).expect("REDIS_LOST TLS: the handshake did not end in time")
        asked = list_groups(tls_rig, *flags)
        assert "TLS: the handshake did not end in time" in asked.stderr


STEP = 1 if FULL else 64
# Bytes: a handshake takes some 1,300 from Redis and 600 to it, and the first words on the connection follow.
HANDSHAKE = 2500


@pytest.mark.parametrize("side", ["to Redis", "from Redis"])
@pytest.mark.parametrize("how", ["fin", "rst"])
def test_a_cut_anywhere_in_the_handshake(tls_rig, side, how):
    """Each connection comes a step further, until one is whole. A reason is told for each way to fail, and nothing hangs."""
    tls_rig.redis.start()
    tls_rig.set_open(0)
    with Cutter(tls_rig.redis.tls_port, side, how, STEP) as cutter:
        router = start_router(tls_rig, "--redis.connect_timeout_ms=5000", url=f"rediss://localhost:{cutter.port}")
        wait_until("more than a handshake to be cut", lambda: cutter.limit > HANDSHAKE, seconds=600 if FULL else 60, context=router.tail)
        cutter.spare()
        tls_rig.must_xadd("BTCUSDT")
        tls_rig.expect_intent("BTCUSDT")
        router.expect_anywhere("REDIS_LOST TLS: the connection ended before the handshake did")
        router.expect_anywhere("REDIS_LOST (?!TLS)")
    assert not re.search("Success|not say why", router.text()), router.tail()


def test_a_connection_that_ends_is_no_failure_of_tls(tls_rig):
    tls_rig.redis.start()
    router = tls_rig.start_open_router(0, *trusting(tls_rig))
    tls_rig.redis.restart()
    reason = router.expect("REDIS_LOST (.*) retry_ms=")[1]
    assert "TLS" not in reason, reason
    router.expect("REDIS_BACK")


def test_a_certificate_that_was_renewed_needs_no_restart(tls_rig, tmp_path):
    """The authority's too: the files are read with each connection."""
    trusted = tmp_path / "trusted.crt"
    trusted.write_bytes(tls_rig.redis.authority.certificate.read_bytes())
    tls_rig.redis.start()
    router = tls_rig.start_open_router(0, f"--redis.tls_ca={trusted}", *HASTE)
    (tmp_path / "new").mkdir()
    tls_rig.redis.authority = Authority(tmp_path / "new", "successor")
    tls_rig.redis.shows("server")
    tls_rig.redis.restart()
    router.expect("REDIS_LOST TLS: ")
    trusted.write_bytes(tls_rig.redis.authority.certificate.read_bytes())
    router.expect("REDIS_BACK")
    trusted.unlink()
    tls_rig.redis.restart()
    router.expect("REDIS_LOST redis.tls_ca cannot be used: No such file")


# --- what the settings refuse


def check(*flags, url="rediss://localhost", **env):
    """What --check-config says."""
    done = subprocess.run(
        [*program("quantum-router"), "--check-config", "--config=/dev/null", *flags],
        capture_output=True, text=True, env=clean_environment({"REDIS_URL": url, **env}),
    )
    return done


def refused(*flags, **more):
    done = check(*flags, **more)
    assert done.returncode == 2 and len(done.stderr.splitlines()) == 1, done.stderr
    return done.stderr


def test_files_that_cannot_be_used(authority, tmp_path):
    certificate, key = authority.sign("client")
    other = authority.sign("server")[1]
    empty, locked, shared = (tmp_path / name for name in ("empty", "locked", "shared"))
    empty.touch(0o600)
    subprocess.run(["openssl", "ec", "-in", key, "-out", locked, "-aes256", "-passout", "pass:x"], check=True, capture_output=True)
    os.chmod(locked, 0o600)
    shared.write_bytes(key.read_bytes())
    os.chmod(shared, 0o644)
    pair = [f"--redis.tls_cert={certificate}"]
    assert check(*pair, f"--redis.tls_key={key}", f"--redis.tls_ca={authority.certificate}").returncode == 0
    assert "redis.tls_ca cannot be used: No such file" in refused("--redis.tls_ca=/nowhere")
    assert "redis.tls_ca cannot be used: " in refused(f"--redis.tls_ca={empty}")
    assert "redis.tls_cert needs redis.tls_key" in refused(*pair)
    assert "redis.tls_key needs redis.tls_cert" in refused(f"--redis.tls_key={key}")
    assert "redis.tls_cert cannot be used: " in refused(f"--redis.tls_cert={empty}", f"--redis.tls_key={key}")
    assert "redis.tls_key cannot be used: No such file" in refused(*pair, "--redis.tls_key=/nowhere")
    assert "redis.tls_key cannot be used: there is no private key" in refused(*pair, f"--redis.tls_key={empty}")
    assert "redis.tls_key cannot be used: it wants a passphrase" in refused(*pair, f"--redis.tls_key={locked}")
    assert "it is not the key of redis.tls_cert" in refused(*pair, f"--redis.tls_key={other}")
    assert "others than its owner" in refused(*pair, f"--redis.tls_key={shared}")


@pytest.mark.parametrize("url", ["redis://localhost", "unix:///run/redis.sock"])
def test_files_without_tls(authority, url):
    said = refused(f"--redis.tls_ca={authority.certificate}", url=url)
    assert "redis.tls_ca is for TLS alone, which redis.url asks for with rediss://" in said


def test_a_host_beside_a_url_with_tls_does_not_take_it_off():
    assert "redis.host would take off the TLS that redis.url asks for" in refused("--redis.host=elsewhere")
    assert "redis.port would take off the TLS" in refused("--redis.port=7000")


# --- what nobody may read


def test_neither_key_nor_password_is_told(tls_rig, authority, tmp_path):
    certificate, key = authority.sign("client")
    password = tmp_path / "password"
    password.touch(0o600)
    password.write_text("s3cretword")
    tls_rig.redis.wants_client = True
    tls_rig.redis.start()
    tls_rig.db.config_set("requirepass", "s3cretword")
    files = [f"--redis.tls_cert={certificate}", f"--redis.tls_key={key}", f"--redis.password_file={password}"]
    router = start_router(tls_rig, *files, "--log-level=debug")
    router.expect("CAPACITY_")
    secrets = ["s3cretword", *key.read_text().splitlines()[1:-1]]
    process = Path(f"/proc/{router.process.pid}")
    shown = router.text() + (process / "cmdline").read_text() + (process / "environ").read_text()
    shown += check(*trusting(tls_rig)[:1], *files, url="rediss://u:s3cretword@localhost").stdout
    assert not [secret for secret in secrets if secret in shown]


# --- until when


@pytest.mark.parametrize("whose", ["server", "client"])
def test_a_certificate_that_ends_within_a_week_is_told(tls_rig, authority, whose):
    certificate, key = authority.sign("client-short", ends_days=5) if whose == "client" else authority.sign("client")
    if whose == "server":
        tls_rig.redis.shows("server-short", ends_days=5)
    tls_rig.redis.start()
    files = [f"--redis.tls_cert={certificate}", f"--redis.tls_key={key}"]
    router = tls_rig.start_open_router(0, *trusting(tls_rig), *files)
    executor = tls_rig.start_executor(*trusting(tls_rig), *files)
    for service in router, executor:
        service.expect_anywhere(rf"🟠 CERTIFICATE_ENDS whose={whose} at=\d{{4}}-\d\d-\d\dT\S+ in_days=4 → renew ")
    tls_rig.redis.restart()
    router.expect("REDIS_BACK")
    tls_rig.await_ticks(30)
    router.expect_count("CERTIFICATE_ENDS", 1)


def look(rig, *flags):
    done = ctl(trusting(rig)[0], *flags, "status", "--sample=0", "--json", url=rig.redis.place)
    document = json.loads(done.stdout)
    return document["certificate"], [finding["text"] for finding in document["findings"] if "CERTIFICATE" in finding["text"]]


@pytest.mark.parametrize("whose", ["server", "client"])
def test_status_tells_whose_certificate_ends_when(tls_rig, authority, whose):
    certificate, key = authority.sign("client-short", ends_days=5)
    tls_rig.redis.start()
    tls_rig.set_open(0)
    about, findings = look(tls_rig)
    assert about["whose"] == "server" and re.fullmatch(r"\d{4}-\d\d-\d\dT\S+Z", about["ends_at"]) and findings == []
    if whose == "server":
        tls_rig.redis.shows("server-short", ends_days=5)
        tls_rig.redis.restart()
    files = [f"--redis.tls_cert={certificate}", f"--redis.tls_key={key}"] if whose == "client" else []
    about, [finding] = look(tls_rig, *files)
    assert about["whose"] == whose
    assert finding.startswith(f"CERTIFICATE_ENDS: the certificate of the {whose} ends at {about['ends_at']}: renew "), finding
    text = ctl(trusting(tls_rig)[0], *files, "status", "--sample=0", url=tls_rig.redis.place).stdout
    assert f"certificate   of the {whose}, until {about['ends_at']}\n" in text and finding in " ".join(text.split()), text


def test_status_without_tls_tells_of_none(tls_rig):
    tls_rig.redis.start()
    done = ctl("status", "--sample=0", "--json", url=tls_rig.redis.url)
    assert json.loads(done.stdout)["certificate"] is None and "certificate" not in ctl("status", "--sample=0", url=tls_rig.redis.url).stdout


def test_a_certificate_that_ends_later_is_no_matter(tls_rig):
    tls_rig.redis.start()
    router = tls_rig.start_open_router(0, *trusting(tls_rig))
    tls_rig.await_ticks(30)
    router.expect_count("CERTIFICATE_ENDS", 0)
