"""deploy/deploy.d: what is asked before a build, how far that is, and what a quiet watch does not prove."""

import json
import socket
import subprocess

import pytest

from harness.process import ROOT
from harness.waiting import PATIENCE_SEC

# The parts with a host of their own: an installed router, units, and a build that leaves a trace.
PARTS = """
set -Eeuo pipefail
for part in "$0"/*.sh; do source "$part"; done
work=$1/scratch root=$1/root here=$1/checkout/deploy progress_sec=0.2 backup=$1/backup
mkdir -p "$work" "$root/usr/bin" "$root/lib/systemd/system" "$here" "$1/bin" "$backup"
: >$work/facts; rm -f "$work/why"
: >"$1/checkout/meson.build"
for name in quantum-router quantumctl; do printf '#!/bin/sh\\n' >"$root/usr/bin/$name"; chmod +x "$root/usr/bin/$name"; done
printf 'ExecStart=/usr/bin/quantum-router\\n' >"$root/lib/systemd/system/quantum-ai-strategy-router.service"
for tool in meson cc pkg-config; do printf '#!/bin/sh\\n' >"$1/bin/$tool"; done
printf '#!/bin/sh\\ntouch %s/built\\nfor i in 1 2 3; do echo "[$i/3] Compiling"; sleep 0.4; done\\n' "$1" >"$1/bin/ninja"
chmod +x "$1"/bin/*; PATH=$1/bin:$PATH
redis_env=
unit_is() { if [[ $1 == "${masked-}" ]]; then echo masked; else echo loaded; fi; }
trap 'cat "$work/why" >&2 2>/dev/null || true; rm -f "$work/build.log"' EXIT
"""


@pytest.fixture
def parts(tmp_path):
    def run(text):
        command = ["bash", "-c", PARTS + text, ROOT / "deploy/deploy.d", tmp_path]
        done = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE_SEC)
        return done, (tmp_path / "built").exists()

    return run


BARE = 'rm "$root/usr/bin/quantum-router"; mkdir -p "$root/etc/quantum"; '


LISTENS = 'redis_listens() { echo "$1 $2" >$work/asked; return 1; }; redis_local_hint() { :; }; '


@pytest.mark.parametrize("files, where, asked", [
    (":", "127.0.0.1:6379", "127.0.0.1 6379"),
    ("echo '# REDIS_HOST=x' >$root/etc/quantum/router.env", "127.0.0.1:6379", "127.0.0.1 6379"),
    ("echo '  # url = \"redis://h\";' >$root/etc/quantum/router.conf", "127.0.0.1:6379", "127.0.0.1 6379"),
    ("echo 'redis : { url = \"redis://h\"; };' >$root/etc/quantum/router.conf", "h:6379", "h 6379"),
    ("echo 'REDIS_URL=redis://u:p@127.0.0.1:2/3' >$root/etc/quantum/router.env", "127.0.0.1:2", "127.0.0.1 2"),
    ("echo 'REDIS_URL=rediss://u:p%40x@[::1]:7' >$root/etc/quantum/router.env", "[::1]:7", "[::1] 7"),
    ("echo 'REDIS_URL=redis://127.0.0.1:3' >$1/mine.env; redis_env=$1/mine.env", "127.0.0.1:3", "127.0.0.1 3"),
])  # fmt: skip
def test_a_bare_host_where_nobody_listens_is_refused_before_a_build(parts, tmp_path, files, where, asked):
    """The port that is asked may be another's on the host of the tests, so nobody is really asked."""
    done, built = parts(f"{BARE} {LISTENS} {files}; candidate_build")
    assert (done.returncode, done.stderr, built) == (1, f"nobody listens at {where}, where Redis should be\n", False), done
    assert (tmp_path / "scratch/asked").read_text().strip() == asked


@pytest.mark.parametrize("url", ["unix:///nowhere/r.sock?db=3", "unix://u:p@/nowhere/r.sock"])
def test_a_bare_host_without_the_socket_is_refused_before_a_build(parts, url):
    done, built = parts(f"{BARE} echo 'REDIS_URL=\"{url}\"' >$root/etc/quantum/ai-engine.env; candidate_build")
    assert (done.returncode, done.stderr, built) == (1, "there is no Redis at /nowhere/r.sock\n", False), done


@pytest.mark.parametrize("files", [
    "echo 'REDIS_HOST=elsewhere' >$root/etc/quantum/router.env",
    "echo 'redis : { sentinels = [\"h:1\"]; };' >$root/etc/quantum/router.conf",
    "echo 'REDIS_URL=redis+sentinel://h:1/mymaster' >$root/etc/quantum/router.env",
])  # fmt: skip
def test_a_bare_host_is_asked_no_more_than_its_files_tell(parts, files):
    done, built = parts(f"{BARE} {LISTENS} {files}; candidate_build")
    assert (done.returncode, done.stderr, built) == (0, "", True), done


def test_who_listens_is_enough(parts):
    with socket.create_server(("::1", 0), family=socket.AF_INET6) as server:
        port = server.getsockname()[1]
        done, built = parts(f"{BARE} echo 'REDIS_URL=rediss://u:p@[::1]:{port}' >$root/etc/quantum/router.env; candidate_build")
        assert (done.returncode, done.stderr, built) == (0, "", True), done
    done, _ = parts(f"redis_listens ::1 {port} || echo nobody")
    assert done.stdout == "nobody\n", done


def test_what_redis_refuses_is_refused_before_a_build(parts):
    done, built = parts("redis_connect() { fail 'Redis gives no answer to SCAN: NOPERM'; }; candidate_build")
    assert (done.returncode, done.stderr, built) == (1, "Redis gives no answer to SCAN: NOPERM\n", False)


@pytest.mark.parametrize("wanted, why", [
    ("masked=quantum-execution.service wanted_services=quantum-execution.service", "quantum-execution.service is masked; unmask it first"),
    ("masked=quantum-ai-strategy-router.service", "quantum-ai-strategy-router.service is masked; unmask it first"),
    ("wanted_services=sshd.service", "--services: 'sshd.service' is no unit of ours"),
    ("masked=old.service replaces=old.service", "--replaces: there is no unit old.service"),
])  # fmt: skip
def test_what_was_named_is_looked_at_before_a_build(parts, wanted, why):
    done, built = parts(f"{wanted}; redis_connect() {{ :; }}; candidate_build")
    assert (done.returncode, done.stderr, built) == (1, why + "\n", False)


@pytest.mark.parametrize("host", [
    "redis_connect() { :; }",
    "candidate_check_settings() { refuse 'it does not know this option yet'; }; redis_connect() { fail never; }",
    'rm "$root/usr/bin/quantum-router"; redis_connect() { fail never; }',
    'echo exit 2 >>"$root/usr/bin/quantumctl"; redis_connect() { fail never; }',
    'rm "$root"/lib/systemd/system/*; redis_connect() { fail never; }',
])  # fmt: skip
def test_what_only_the_candidate_can_tell_waits_for_it(parts, host):
    done, built = parts("redis_listens() { :; }; " + host + '; candidate_build; echo "stage ${stage#"$1"}"; cat "$work/facts"; ls "$work"')
    assert (done.returncode, done.stderr, built) == (0, "", True), done
    assert "stage /scratch/stage\n" in done.stdout and "accepted" not in done.stdout and "effective" not in done.stdout
    assert "   [1/3]\n" in done.stdout or "   [2/3]\n" in done.stdout


@pytest.mark.parametrize("rate, verdict", [(3.5, "deployed and proved"), (0, "deployed, services only"), (None, "deployed, services only")])
def test_without_a_signal_the_services_alone_are_proved(parts, rate, verdict):
    document = json.dumps({"streams": {"s": {"length": 1, "added_per_sec": rate}}}, indent=2)
    done, _ = parts(f"signals=s; cat >\"$work/after.json\" <<'END'\n{document}\nEND\nwatch_verdict; echo \"$verdict\"; backup_outcome \"$backup\"")
    assert done.stdout == f"{verdict}\n{verdict}\n", done
    assert ("no signal came within 30 s" in done.stderr) == (verdict != "deployed and proved")
