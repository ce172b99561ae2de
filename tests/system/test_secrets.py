"""A password stands in no log, no error and no list of processes, whatever goes wrong with the address that it is a part of."""

import subprocess
from pathlib import Path

import pytest

from harness.ctl import ctl
from harness.process import clean_environment, program
from harness.rig import Rig
from harness.guarded import GuardedRedis
from harness.waiting import PATIENCE_SEC

PLANTED = "pl4nted"
LOGIN = f"u:{PLANTED}%2Fs3cret"
REFUSED_AT_ONCE = [
    f"redis://{LOGIN}@h:99999", f"redis://{LOGIN}@[::1", f"http://{LOGIN}@h", f"redis://{LOGIN}@h/x", f"redis://{LOGIN}%zz@h",
    f"redis://{LOGIN}%00@h", f"redis://{LOGIN}@", f"redis+sentinel://{LOGIN}@h", f"redis+sentinel://{LOGIN}@h:1,/m",
    f"unix://{LOGIN}@relative", f"unix://{LOGIN}@/r.sock?db=x", f"{LOGIN}@h", f"redis:/{LOGIN}@h",
]  # fmt: skip
NOT_REACHED = [
    f"redis://{LOGIN}@127.0.0.1:1", f"redis://{LOGIN}@nowhere.invalid", f"unix://{LOGIN}@/nowhere/r.sock",
    f"redis+sentinel://{LOGIN}@127.0.0.1:1/m",
]  # fmt: skip
COMMANDS = (["groups"], ["status", "--sample=0"], ["halt", "why"], ["resume"], ["redis", "PING"], ["capacity", "set", "1"], ["--help"])


def in_file(folder, url):
    path = folder / "router.conf"
    path.touch(0o600)
    path.write_text('redis : { url = "%s"; };\n' % url.replace('"', "'"))
    return [f"--config={path}"], {}


def in_variables_of_a_file(folder, url):
    path = folder / "router.env"
    path.touch(0o600)
    path.write_text(f"REDIS_URL='{url}'\n")
    return [f"--env-file={path}"], {}


def in_a_variable(_folder, url):
    return [], {"REDIS_URL": url}


def said_by(words, env):
    done = subprocess.run(words, capture_output=True, text=True, env=clean_environment(env), timeout=PATIENCE_SEC)
    return done.returncode, done.stdout + done.stderr


@pytest.mark.parametrize("place", [in_file, in_variables_of_a_file, in_a_variable])
def test_an_address_that_is_refused(tmp_path, place):
    for url in REFUSED_AT_ONCE:
        flags, env = place(tmp_path, url)
        for service in "quantum-router", "quantum-executor":
            status, said = said_by([*program(service), *flags, "--check-config"], env)
            assert status == 2 and said and PLANTED not in said, (url, said)
        for words in COMMANDS:
            done = ctl(*flags, *words, **env)
            assert PLANTED not in done.stdout + done.stderr, (url, words, done)
            assert done.returncode > 0 or words == ["--help"], (url, words, done)


@pytest.mark.parametrize("url", NOT_REACHED)
def test_a_server_that_is_not_reached(url, tmp_path):
    for place in in_file, in_variables_of_a_file, in_a_variable:
        flags, env = place(tmp_path, url)
        for service in "quantum-router", "quantum-executor":
            status, said = said_by([*program(service), *flags, "--check-config"], env)
            assert status == 0 and PLANTED not in said and "********" in said, (url, said)
        for words in COMMANDS:
            done = ctl(*flags, "--redis.connect_timeout_ms=500", *words, **env)
            assert PLANTED not in done.stdout + done.stderr, (url, words, done)


@pytest.fixture
def guarded():
    with Rig(GuardedRedis) as rig:
        rig.redis.start()
        yield rig


def shown_by(service):
    process = Path(f"/proc/{service.process.pid}")
    return service.text() + (process / "cmdline").read_text() + (process / "status").read_text() + (process / "environ").read_text()


def test_a_server_that_does_not_let_in(guarded, tmp_path):
    """By the file of a password: the variables of a process are its user's to read, and others' only by an administrator's doing."""
    rig = guarded
    password = tmp_path / "password"
    password.touch(0o600)
    password.write_text(f"{PLANTED}-s3cret")
    place = f"127.0.0.1:{rig.redis.port}"
    for user in "quantum-router", "nobody":
        flags = [f"--redis.password_file={password}", "--log-level=debug"]
        services = [rig.start_router(*flags, url=f"redis://{user}@{place}"), rig.start_executor(*flags, url=f"redis://{user}@{place}")]
        for service in services:
            service.expect("REDIS_LOST .*WRONGPASS")
            assert PLANTED not in shown_by(service)
        for words in COMMANDS:
            done = ctl(flags[0], *words, url=f"redis://{user}@{place}")
            assert PLANTED not in done.stdout + done.stderr, done
    assert PLANTED not in (rig.folder / "redis.log").read_text()


def test_a_file_of_a_password_that_will_not_do(tmp_path):
    for text, mode in ((PLANTED * 100, 0o600), (f"{PLANTED}\0x", 0o600), (PLANTED, 0o644)):
        password = tmp_path / "password"
        password.unlink(missing_ok=True)
        password.touch(0o600)
        password.write_text(text)
        password.chmod(mode)
        for option in "redis.password_file", "redis.sentinel_password_file":
            env = {"REDIS_URL": "redis+sentinel://h:1/m"}
            for name, more in (("quantum-router", ["--check-config"]), ("quantum-executor", ["--check-config"]), ("quantumctl", ["groups"])):
                status, said = said_by([*program(name), f"--{option}={password}", *more], env)
                assert status == 2 and option in said and PLANTED not in said, (name, said)
