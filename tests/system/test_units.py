"""The units as the build renders them, and what meson install puts where."""

import re
import shlex
import shutil
import subprocess
from pathlib import Path

import pytest
from harness.process import BUILD, ROOT, clean_environment, program, spawn
from harness.waiting import wait_until

UNITS = BUILD / "deploy/systemd"
SERVICES = sorted(unit.name for unit in UNITS.glob("*.service"))
SCORE_MAX = 1.1
INSTALLED = """
    etc/quantum/executor.conf
    etc/quantum/router.conf
    lib/systemd/system/quantum-ai-strategy-router.service
    lib/systemd/system/quantum-ai-strategy-router@.service
    lib/systemd/system/quantum-archive.service
    lib/systemd/system/quantum-capacity.service
    lib/systemd/system/quantum-drain.service
    lib/systemd/system/quantum-drain.timer
    lib/systemd/system/quantum-execution.service
    lib/systemd/system/quantum-web.service
    usr/bin/quantum-executor
    usr/bin/quantum-router
    usr/bin/quantumctl
    usr/lib/systemd/catalog/quantum.catalog
    usr/lib/sysusers.d/quantum.conf
    usr/share/bash-completion/completions/quantum-executor.bash
    usr/share/bash-completion/completions/quantum-router.bash
    usr/share/bash-completion/completions/quantumctl.bash
    usr/share/fish/vendor_completions.d/quantum-executor.fish
    usr/share/fish/vendor_completions.d/quantum-router.fish
    usr/share/fish/vendor_completions.d/quantumctl.fish
    usr/share/man/man1/quantumctl-archive.1
    usr/share/man/man1/quantumctl-capacity.1
    usr/share/man/man1/quantumctl-check.1
    usr/share/man/man1/quantumctl-compare.1
    usr/share/man/man1/quantumctl-demo.1
    usr/share/man/man1/quantumctl-dlq.1
    usr/share/man/man1/quantumctl-drain.1
    usr/share/man/man1/quantumctl-explain.1
    usr/share/man/man1/quantumctl-feed.1
    usr/share/man/man1/quantumctl-groups.1
    usr/share/man/man1/quantumctl-halt.1
    usr/share/man/man1/quantumctl-positions.1
    usr/share/man/man1/quantumctl-redis.1
    usr/share/man/man1/quantumctl-replay.1
    usr/share/man/man1/quantumctl-report.1
    usr/share/man/man1/quantumctl-resume.1
    usr/share/man/man1/quantumctl-send.1
    usr/share/man/man1/quantumctl-status.1
    usr/share/man/man1/quantumctl-trim.1
    usr/share/man/man1/quantumctl-web.1
    usr/share/man/man1/quantumctl.1
    usr/share/man/man5/quantum-executor.conf.5
    usr/share/man/man5/quantum-router.conf.5
    usr/share/man/man7/quantum-log.7
    usr/share/man/man7/quantum-metrics.7
    usr/share/man/man7/quantum-streams.7
    usr/share/man/man8/quantum-executor.8
    usr/share/man/man8/quantum-router.8
    usr/share/quantum/config/executor.conf
    usr/share/quantum/config/neighbours.conf
    usr/share/quantum/config/router.conf
    usr/share/quantum/deploy/deploy.d/backup.sh
    usr/share/quantum/deploy/deploy.d/candidate.sh
    usr/share/quantum/deploy/deploy.d/decisions.sh
    usr/share/quantum/deploy/deploy.d/figures.sh
    usr/share/quantum/deploy/deploy.d/host.sh
    usr/share/quantum/deploy/deploy.d/lock.sh
    usr/share/quantum/deploy/deploy.d/options.sh
    usr/share/quantum/deploy/deploy.d/redis.sh
    usr/share/quantum/deploy/deploy.d/report.sh
    usr/share/quantum/deploy/deploy.d/rollback.sh
    usr/share/quantum/deploy/deploy.d/say.sh
    usr/share/quantum/deploy/deploy.d/switch.sh
    usr/share/quantum/deploy/deploy.d/watch.sh
    usr/share/quantum/deploy/deploy.d/writers.sh
    usr/share/quantum/deploy/deploy.sh
    usr/share/quantum/examples/adapter.js
    usr/share/quantum/examples/adapter.py
    usr/share/quantum/examples/log-files.conf
    usr/share/quantum/examples/logrotate.conf
    usr/share/quantum/examples/on-failure.conf
    usr/share/quantum/examples/quantum-notify@.service
    usr/share/quantum/examples/quantum-status.service
    usr/share/quantum/examples/quantum-status.timer
    usr/share/quantum/examples/read-intents.js
    usr/share/quantum/examples/read_intents.py
    usr/share/quantum/examples/redis-remote.conf
    usr/share/quantum/examples/redis-socket.conf
    usr/share/quantum/examples/redis-token.conf
    usr/share/quantum/examples/write-signals.js
    usr/share/quantum/examples/write_signals.py
    usr/share/quantum/monitoring/alertmanager.yml
    usr/share/quantum/monitoring/prometheus.yml
    usr/share/quantum/monitoring/quantum.dashboard.json
    usr/share/quantum/monitoring/quantum.rules.yml
    usr/share/quantum/redis/quantum-ha.conf
    usr/share/quantum/redis/quantum.acl
    usr/share/quantum/redis/quantum.conf
    usr/share/quantum/signal.schema.json
    usr/share/quantum/trade-intent.schema.json
    usr/share/zsh/site-functions/_quantum-executor
    usr/share/zsh/site-functions/_quantum-router
    usr/share/zsh/site-functions/_quantumctl
""".split()
MADE = ("quantum-router", "quantum-executor", "quantumctl", "quantum.acl", "*.[1578]", "*.bash", "*.fish", "_quantum*")


def run(*words):
    return subprocess.run([str(word) for word in words], capture_output=True, text=True, env=clean_environment())


def score(unit):
    """What systemd-analyze says all in all, 0 to 10."""
    said = run("systemd-analyze", "security", "--offline=true", "--no-pager", unit)
    return float(re.search(r"Overall exposure level for \S+: ([\d.]+)", said.stdout + said.stderr)[1])


def settings(unit, name):
    return re.findall(rf"^{name}=(.*)$", (UNITS / unit).read_text(), re.MULTILINE)


def test_there_is_a_unit_for_each_service():
    assert SERVICES == [
        "quantum-ai-strategy-router.service",
        "quantum-ai-strategy-router@.service",
        "quantum-archive.service",
        "quantum-capacity.service",
        "quantum-drain.service",
        "quantum-execution.service",
        "quantum-status.service",
        "quantum-web.service",
    ]


@pytest.mark.parametrize("unit", SERVICES)
def test_the_sandbox_is_tight(unit):
    assert score(UNITS / unit) <= SCORE_MAX


def test_an_open_unit_scores_worse(tmp_path):
    text = (UNITS / SERVICES[0]).read_text()
    (tmp_path / SERVICES[0]).write_text(text.replace("ProtectSystem=strict\n", "").replace("NoNewPrivileges=yes\n", ""))
    assert score(tmp_path / SERVICES[0]) > score(UNITS / SERVICES[0])


@pytest.mark.parametrize("unit", SERVICES)
def test_nothing_runs_as_root(unit):
    commands = [command for name in ("ExecStart", "ExecStartPre", "ExecReload") for command in settings(unit, name)]
    assert (settings(unit, "User"), settings(unit, "Group")) == (["quantum"], ["quantum"])
    assert commands and not any(re.match(r"[-@:]*[+!]", command) for command in commands)


@pytest.mark.parametrize("unit", SERVICES)
def test_nothing_is_run_that_a_bare_debian_lacks(unit):
    """kill, for one, is a program of procps, and of no package that must be there."""
    commands = [command for name in ("ExecStart", "ExecStartPre", "ExecReload") for command in settings(unit, name)]
    programs = {command.split()[0].lstrip("-") for command in commands}
    assert {path for path in programs if not path.endswith(("/quantum-router", "/quantum-executor", "/quantumctl"))} <= {"/bin/sh"}


@pytest.mark.parametrize("unit", [unit for unit in SERVICES if settings(unit, "Type") == ["notify"]])
def test_a_service_is_kept_up_and_heard(unit):
    """What deploy/README.md says of start, watchdog, password and journal."""
    promises = {
        "Type": ["notify"], "Restart": ["always"], "RestartSec": ["500ms"], "RestartPreventExitStatus": ["2"],
        "StartLimitIntervalSec": ["0"], "WatchdogSec": ["10s"], "StandardError": ["journal"], "SyslogLevelPrefix": ["no"],
        "LogRateLimitIntervalSec": ["0"], "SetCredential": [r"redis-password:\n"],
        "StandardOutput": ["null", "journal"] if re.search("capacity|archive|web", unit) else ["null"],
    }  # fmt: skip
    assert {name: settings(unit, name) for name in promises} == promises
    first = "-/etc/quantum/ai-engine.env"
    own = {
        "quantum-ai-strategy-router@.service": ["-/etc/quantum/router-%i.env"],
        "quantum-capacity.service": [first, "-/etc/quantum/capacity.env"],
        "quantum-archive.service": [first, "-/etc/quantum/redis-monitor.env", "-/etc/quantum/archive.env"],
        "quantum-web.service": [first, *(f"-/etc/quantum/{name}.env" for name in ("quantumctl", "redis-monitor", "web"))],
    }
    usual = [first, f"-/etc/quantum/{'executor' if 'execution' in unit else 'router'}.env"]
    assert settings(unit, "EnvironmentFile") == own.get(unit, usual)


def test_the_user_is_made_and_cannot_log_in(tmp_path):
    (tmp_path / "etc").mkdir()
    done = run("systemd-sysusers", f"--root={tmp_path}", UNITS / "quantum.conf")
    assert done.returncode == 0, done.stderr
    (line,) = (tmp_path / "etc/passwd").read_text().splitlines()
    name, _, user, group, *_, shell = line.split(":")
    assert name == "quantum" and user != "0" and group != "0" and shell.endswith("nologin")
    assert f"quantum:x:{group}:" in (tmp_path / "etc/group").read_text()


@pytest.fixture
def etc(tmp_path):
    """Configuration as installed, and the credential of one who gives no password."""
    for name in ("router", "executor"):
        shutil.copy(ROOT / f"config/{name}.conf", tmp_path)
    (tmp_path / "redis-password").write_text("\n")
    (tmp_path / "redis-password").chmod(0o400)
    return tmp_path


def command_of(unit, name, etc):
    """The words of a unit's first command, for the built program and this folder."""
    line = settings(unit, name)[0].lstrip("-").replace("%d/", f"{etc}/").replace("%i", "acct7").replace("/etc/quantum/", f"{etc}/")
    for variable, value in (setting.split("=", 1) for setting in settings(unit, "Environment")):
        line = line.replace(f"${variable}", value)
    binary, *words = shlex.split(line)
    return [*program(Path(binary).name), *words]


@pytest.mark.parametrize("name", ["ExecStartPre", "ExecReload"])
@pytest.mark.parametrize("unit", ["quantum-ai-strategy-router.service", "quantum-execution.service"])
def test_the_units_check_takes_the_shipped_configuration(unit, name, etc):
    done = run(*command_of(unit, name, etc))
    assert (done.returncode, done.stderr) == (0, "")
    (etc / Path(settings(unit, name)[0].split("--config=")[1].split()[0]).name).write_text("nonsense = 5;\n")
    assert run(*command_of(unit, name, etc)).returncode == 2


def test_an_accounts_configuration_is_made_as_the_template_says(etc):
    unit = "quantum-ai-strategy-router@.service"
    (sed,) = re.findall(r"^#   (sed .*)$", (UNITS / unit).read_text(), re.MULTILINE)
    subprocess.run(["sh", "-c", sed.replace("/etc/quantum/", f"{etc}/")], check=True)
    done = run(*command_of(unit, "ExecStartPre", etc))
    assert (done.returncode, done.stderr) == (0, "")
    assert re.search(r'^prefix = "quantum:\{acct7\}:"', done.stdout, re.MULTILINE)


def run_drain(rig, etc):
    command = command_of("quantum-drain.service", "ExecStart", etc)
    at = command.index("drain")
    return run(*command[:at], f"--redis.url={rig.redis.url}", *command[at:])


def test_the_drain_of_a_fresh_host_has_nothing_to_do(rig, etc):
    done = run_drain(rig, etc)
    assert done.returncode == 0 and "nothing to do" in done.stderr and rig.redis.db.keys() == []


def test_the_drain_is_dry_unless_told_else(rig, etc):
    intents = "quantum:stream:trade.intent"
    rig.redis.db.xadd(intents, {"payload": "{}"}, id="1-1")
    rig.redis.db.xgroup_create(intents, "quantum:group:execution:trade.intent", id="0")
    done = run_drain(rig, etc)
    assert done.returncode == 0, done.stderr
    assert "Dry run: nothing was written." in done.stdout
    assert rig.redis.db.keys("*drain*") == [] and rig.redis.db.xinfo_groups(intents)[0]["lag"] == 1


def test_capacity_starts_with_what_its_unit_names_and_not_without(etc):
    command = command_of("quantum-capacity.service", "ExecStart", etc)
    assert command[-3:] == ["capacity", "follow", "$CAPACITY_OPTIONS"]
    done = run(*command[:-1])
    assert done.returncode == 2 and "--from is missing" in done.stderr
    (example,) = re.findall(r"^#   CAPACITY_OPTIONS=(.*)$", (UNITS / "quantum-capacity.service").read_text(), re.MULTILINE)
    done = run(*command[:-1], *example.split(), "--interval=0")
    assert done.returncode == 2 and re.fullmatch(r"quantumctl capacity: --interval: [^\n]*out of range[^\n]*\n", done.stderr), done.stderr


def test_the_status_is_told_by_its_unit(rig, etc):
    """A warning is no failure of the unit; critical and unknown are."""
    command = command_of("quantum-status.service", "ExecStart", etc)
    assert (command[-1], settings("quantum-status.service", "SuccessExitStatus")) == ("status", ["1"])
    assert settings("quantum-status.service", "EnvironmentFile") == [
        f"-/etc/quantum/{name}.env" for name in ("ai-engine", "quantumctl", "redis-monitor")
    ]
    for url, status in ((rig.redis.url, 2), (f"unix://{etc}/nobody.sock", 3)):
        done = run(*command[:-1], f"--redis.url={url}", "status", "--sample=0")
        assert done.returncode == status, done


def test_an_archive_is_kept_where_its_unit_says(rig, etc):
    """With no options where there is no archive.env, and with those of the example."""
    unit = "quantum-archive.service"
    command = command_of(unit, "ExecStart", etc)
    at = command.index("archive")
    assert command[at:] == ["archive", "$ARCHIVE_OPTIONS", "%S/quantum/archive"]
    (example,) = re.findall(r"^#   ARCHIVE_OPTIONS=(.*)$", (UNITS / unit).read_text(), re.MULTILINE)
    front = [*command[:at], f"--redis.url={rig.redis.url}"]
    for options in ([], example.split()):
        with open(etc / "said", "wb") as said:
            process = spawn([*front, "archive", *options, etc / "archive"], said, said, clean_environment())
        wait_until("its first word", lambda: b"\n" in (etc / "said").read_bytes())
        process.terminate()
        assert process.wait(60) == 0, (etc / "said").read_text()


def files_in(folder):
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if not path.is_dir())


def build_for_usr(build):
    """As packages are built; the programs are those that stand in the build folder."""
    done = run("meson", "setup", build, ROOT, "--prefix=/usr", "-Dtests=false")
    assert done.returncode == 0, done.stdout
    for pattern in MADE:
        for made in BUILD.glob(pattern):
            shutil.copy(made, build)


def units_in(root):
    """They lie where this Debian has them."""
    return next(folder for folder in (root / "lib/systemd/system", root / "usr/lib/systemd/system") if folder.is_dir())


def installed_in(target):
    return sorted(name.replace("usr/lib/systemd/system/", "lib/systemd/system/") for name in files_in(target))


def install(build, target):
    done = run("meson", "install", "-C", build, "--no-rebuild", "--destdir", target)
    assert done.returncode == 0, done.stdout + done.stderr


def verify(root):
    """systemd's opinion of the installed units, beside those of this machine."""
    units = units_in(root)
    ours = sorted(units.glob("quantum*[er]"))  # services and a timer
    for unit in Path("/lib/systemd/system").glob("*.target"):
        shutil.copy(unit, units)
    return run("systemd-analyze", "verify", "--man=no", f"--root={root}", *ours)


def put_examples(root):
    """A failed unit is told, and the status is looked at: as an operator would put them, with a curl and a shell beside."""
    units, examples = units_in(root), root / "usr/share/quantum/examples"
    for example in examples.glob("quantum-*"):
        shutil.copy(example, units)
    for unit in ("quantum-execution", "quantum-ai-strategy-router@", "quantum-drain"):
        (units / f"{unit}.service.d").mkdir()
        shutil.copy(examples / "on-failure.conf", units / f"{unit}.service.d")
    (root / "bin").mkdir()
    for name in ("usr/bin/curl", "bin/sh"):
        shutil.copy(root / "usr/bin/quantumctl", root / name)


def expect_sound_units(target):
    put_examples(target)
    done = verify(target)
    assert (done.returncode, done.stdout + done.stderr) == (0, "")
    (target / "usr/bin/quantum-executor").unlink()
    assert verify(target).returncode != 0, "a unit without its program is not sound"


def test_install_and_uninstall(tmp_path):
    build, target = tmp_path / "build", tmp_path / "target"
    build_for_usr(build)
    install(build, target)
    assert installed_in(target) == INSTALLED

    edited = target / "etc/quantum/router.conf"
    edited.write_text("capacity : { max_open = 7; };\n")
    install(build, target)
    assert "max_open = 7" in edited.read_text(), "the operator's configuration is kept"

    done = run("ninja", "-C", build, "uninstall")
    assert done.returncode == 0, done.stdout
    assert installed_in(target) == INSTALLED[:2], "the operator's configuration is kept"

    install(build, target)
    expect_sound_units(target)


def test_a_unit_that_failed_is_told(receiver, tmp_path):
    """What the notice's unit runs, for a receiver on loopback in place of a chat."""
    (tmp_path / "notify.curl").write_text(f'url = "{receiver.url}"\n')
    text = (ROOT / "deploy/systemd/drop-ins/quantum-notify@.service").read_text().replace("\\\n", "")
    (command,) = re.findall(r"^ExecStart=(.*)$", text, re.MULTILINE)
    for sign, value in (("%d", tmp_path), ("%i", "quantum-execution"), ("%H", "host7")):
        command = command.replace(sign, str(value))
    done = run(*shlex.split(command))
    assert (done.returncode, done.stderr) == (0, "")
    (said,) = receiver.documents
    assert said == {"text": "quantum-execution has failed on host7: journalctl -u quantum-execution -n 20"}
