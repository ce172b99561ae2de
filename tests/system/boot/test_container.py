"""The image of deploy/container, and its compose file, run by podman: as a user who is nobody, with nothing that can be written but the volume."""

import os
import subprocess
from pathlib import Path

import pytest
import yaml

from harness.names import SIGNALS
from harness.waiting import wait_until
from host import DEBS

HERE = Path(__file__).resolve().parent
CONTAINER = HERE.parents[2] / "deploy/container"
COMPOSE = yaml.safe_load((CONTAINER / "compose.yaml").read_text())
ORDER = ("redis", "router", "executor", "page")


class Engine:
    def __init__(self, folder):
        self.folder = folder
        self.keeper = subprocess.Popen([HERE / "engine", folder], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, start_new_session=True)
        assert self.keeper.stdout.readline() == "ready\n"
        children = Path(f"/proc/{self.keeper.pid}/task/{self.keeper.pid}/children").read_text().split()
        self.inside = ["nsenter", f"--target={children[0]}", "--all", "--"]
        self.env = os.environ | {"CONTAINERS_CONF": f"{folder}/containers.conf", "CONTAINERS_STORAGE_CONF": f"{folder}/storage.conf"}

    def run(self, *command, check=True):
        done = subprocess.run([*self.inside, *command], capture_output=True, text=True, env=self.env, timeout=120)
        assert not check or done.returncode == 0, f"{command}\n{done.stdout}{done.stderr}"
        return done

    def podman(self, *words, **options):
        return self.run("podman", *words, **options)

    def logs(self):
        return "".join(f"\n--- {name}\n{done.stdout}{done.stderr}" for name in ORDER for done in [self.podman("logs", "--tail=15", name, check=False)])

    def close(self):
        self.podman("kill", "--all", check=False)
        self.keeper.stdin.close()
        self.keeper.wait(60)


def words_of(name, project):
    """A service of compose.yaml as podman takes it; what is not known here fails."""
    service = dict(COMPOSE["services"][name])
    service.pop("depends_on", None)  # all of them wait for Redis themselves
    service.pop("restart")
    health = service.pop("healthcheck")
    words = ["--name", name, "--user", service.pop("user"), "--network", service.pop("network_mode"), "--health-cmd", " ".join(health["test"][1:]),
             "--health-interval=disable"]  # they are asked by hand: what asks them is systemd
    assert service.pop("read_only") and service.pop("image")
    words += ["--read-only"]
    words += [f"--tmpfs={path}" for path in service.pop("tmpfs")]
    words += [f"--cap-drop={name}" for name in service.pop("cap_drop")]
    words += [f"--security-opt={text}" for text in service.pop("security_opt")]
    words += [f"--volume={text}" for text in service.pop("volumes", [])]
    words += [f"--env-file={project / file}" for file in service.pop("env_file", [])]
    words += [f"--env={key}={value}" for key, value in service.pop("environment", {}).items()]
    words += [f"--volume={project / COMPOSE['secrets'][secret]['file']}:/run/secrets/{secret}:ro" for secret in service.pop("secrets")]
    command = service.pop("command")
    assert not service, f"compose.yaml has more of {name}: {service}"
    return words, command


@pytest.fixture(scope="module")
def image(tmp_path_factory):
    """As README says, but for a root that is there already."""
    file = tmp_path_factory.mktemp("image") / "quantum.tar"
    command = [CONTAINER / "build", "--base", os.environ["QUANTUM_BOOT_ROOT"], "--packages", DEBS, "--output", file]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    return file


@pytest.fixture(scope="module")
def pipeline(image, tmp_path_factory):
    project = tmp_path_factory.mktemp("project")
    subprocess.run([CONTAINER / "make-secrets", project / "secrets"], check=True)
    (project / "pipeline.env").write_text("CANDIDATE_WINDOW_SEC=0.3\nTRADE_INTENT_SAFE_DRAIN=false\n")
    engine = Engine(tmp_path_factory.mktemp("engine"))
    try:
        engine.image = engine.podman("load", "--quiet", "--input", image).stdout.split()[-1]
        for name in ORDER:
            words, command = words_of(name, project)
            engine.podman("run", "--detach", *words, engine.image, *command)
        for name in ORDER:
            wait_until(f"a healthy {name}", lambda: engine.podman("healthcheck", "run", name, check=False).returncode == 0, context=engine.logs)
        engine.project = project
        yield engine
    finally:
        engine.close()


def redis(engine, user, *words):
    """As one outside of the containers, on the host's loopback."""
    password = (engine.project / f"secrets/redis-{user}").read_text()
    return engine.run("redis-cli", "--user", f"quantum-{user}", "--pass", password, "--no-auth-warning", *words).stdout.strip()


def test_the_image_is_of_this_version(image, pipeline):
    version = subprocess.run(["dpkg-deb", "--field", *DEBS.glob("quantum-router_*.deb"), "Version"], capture_output=True, text=True).stdout.strip()
    assert pipeline.image == COMPOSE["services"]["router"]["image"].split(":-")[1].rstrip("}") == f"localhost/quantum:{version}"


def positions(engine):
    words = ("exec", "page", "quantumctl", "--redis.password_file=/run/secrets/redis-monitor", "positions")
    return engine.podman(*words, check=False).stdout


def test_a_signal_becomes_a_position(pipeline):
    redis(pipeline, "engine", "XADD", SIGNALS, "*", "symbol", "BTCUSDT", "side", "BUY", "confidence", "0.95", "entry_price", "100")
    wait_until("a position", lambda: "BTCUSDT" in positions(pipeline), context=pipeline.logs)


def test_who_runs_it_may_write_nothing(pipeline):
    for name in ORDER:
        assert pipeline.podman("exec", name, "id", "-u").stdout.strip() == "8058"
        assert "Read-only" in pipeline.podman("exec", name, "touch", "/usr/new", check=False).stderr
        assert pipeline.podman("exec", name, "sed", "-n", r"s/CapEff:\s*0*$/none/p", "/proc/1/status").stdout.strip() == "none"


def test_secrets_are_nowhere_but_in_their_files(pipeline):
    shown = "".join(pipeline.podman("inspect", name).stdout for name in ORDER) + pipeline.run("ps", "-eo", "args").stdout
    for file in (pipeline.project / "secrets").glob("redis-*"):
        assert file.stat().st_mode & 0o777 == 0o600 and file.read_text() not in shown
    assert "NOAUTH" in pipeline.run("redis-cli", "PING").stdout


def test_a_service_that_is_not_well_is_seen(pipeline):
    """Also one that hangs."""
    pipeline.podman("kill", "--signal=STOP", "redis")
    try:
        wait_until("an unhealthy Redis", lambda: pipeline.podman("healthcheck", "run", "redis", check=False).returncode == 1, context=pipeline.logs)
    finally:
        pipeline.podman("kill", "--signal=CONT", "redis")
    wait_until("a healthy router", lambda: pipeline.podman("healthcheck", "run", "router", check=False).returncode == 0, context=pipeline.logs)


def test_it_stops_cleanly_and_keeps_its_data(pipeline):
    for name in reversed(ORDER):
        pipeline.podman("stop", "--time=10", name)
        assert pipeline.podman("inspect", "--format={{.State.ExitCode}}", name).stdout.strip() == "0"
    pipeline.podman("start", *ORDER)
    wait_until("the same position", lambda: "BTCUSDT" in positions(pipeline), context=pipeline.logs)
