"""A password in a file that everybody may read is warned of, by what checks and by what starts."""

import subprocess

import pytest

from harness.ctl import ctl
from harness.process import clean_environment, program

URL = "redis://me:hush@127.0.0.1:1"
PROGRAMS = ["quantum-router", "quantum-executor"]


@pytest.fixture
def folder(tmp_path):
    """As /etc/quantum is: everybody may look for a name in it."""
    tmp_path.chmod(0o755)
    return tmp_path


def write(path, text, mode):
    path.write_text(text)
    path.chmod(mode)
    return path


def warnings(name, *flags, **env):
    done = subprocess.run([*program(name), "--check-config", *flags], env=clean_environment(env), capture_output=True, text=True)
    assert done.returncode == 0 and "hush" not in done.stdout + done.stderr
    return [line for line in done.stderr.splitlines() if "everybody may read it" in line]


@pytest.mark.parametrize("name", PROGRAMS)
def test_a_configuration(folder, name):
    conf = write(folder / "a.conf", f'redis : {{ url = "{URL}"; }};\n', 0o644)
    (line,) = warnings(name, "--config", conf)
    assert line.startswith(f"{name}: warning: {conf}: everybody may read it, and its redis.url holds a password; use redis.password_file")
    # What the file says, also where another source wins.
    assert warnings(name, "--config", conf, REDIS_URL="redis://127.0.0.1") == [line]
    assert f"{conf}: everybody may read it" in ctl("check", "config", str(conf)).stderr
    conf.chmod(0o640)
    assert warnings(name, "--config", conf) == []
    write(conf, 'redis : { url = "redis://127.0.0.1"; };\n', 0o644)
    assert warnings(name, "--config", conf) == []


@pytest.mark.parametrize("name", PROGRAMS)
def test_files_of_variables(folder, name):
    """What --env-file names, and what lies beside the configuration for the units."""
    (folder / "etc").mkdir(mode=0o755)
    conf = write(folder / "etc/a.conf", "", 0o644)
    env = write(folder / "some", f"MAX_OPEN_ORDERS=3\nREDIS_URL={URL}\n", 0o644)
    (line,) = warnings(name, "--config", conf, "--env-file", env)
    assert line.startswith(f"{name}: warning: {env}: everybody may read it, and its REDIS_URL holds a password; chmod 600 it")
    beside = write(folder / "etc/executor.env", env.read_text(), 0o644)
    assert len(warnings(name, "--config", conf)) == len(warnings(name, "--config", conf, "--env-file", beside)) == 1
    assert len(warnings(name, "--config", conf, "--env-file", env)) == 2
    for path in (env, beside):
        path.chmod(0o600)
    assert warnings(name, "--config", conf, "--env-file", env) == []


def test_a_closed_folder_hides_its_files(folder):
    conf = write(folder / "a.conf", f'redis : {{ url = "{URL}"; }};\n', 0o644)
    folder.chmod(0o750)
    assert warnings("quantum-router", "--config", conf) == []


@pytest.mark.parametrize("start", ["start_router", "start_executor"])
def test_at_the_start(rig, start):
    rig.folder.chmod(0o755)
    write(rig.folder / "other.env", f"REDIS_URL={URL}\n", 0o644)
    service = getattr(rig, start)()
    service.expect("CONFIG_WARNING .*other.env: everybody may read it")
