"""quantum-router --check-config, as an operator types it."""

import os
import subprocess

from harness.process import BUILD, SANITIZERS, WRAP


def check(*flags, **variables):
    """(status, lines of stdout, lines of stderr)"""
    result = subprocess.run(
        [*WRAP, BUILD / "quantum-router", "--check-config", *flags],
        env={"PATH": os.environ["PATH"], **SANITIZERS, **variables},
        capture_output=True,
        text=True,
    )
    return result.returncode, result.stdout.splitlines(), result.stderr.splitlines()


def shown(lines, key):
    """(value, origin) of an option."""
    (line,) = (line for line in lines if line.startswith(f"{key} = "))
    value, origin = line.removeprefix(f"{key} = ").rsplit("  # ", 1)
    return value.rstrip(), origin


def test_origins(tmp_path):
    conf, env = tmp_path / "router.conf", tmp_path / "env"
    conf.write_text('prefix = "q:";\ncapacity : {\n  max_open = 12;\n};\n')
    env.write_text("# as systemd reads it\nMIN_CONFIDENCE = '0.8'\n")
    status, lines, errors = check(
        "--config", conf, "--env-file", env, f"--env-file=-{tmp_path}/none", "--log-level=debug",
        MIN_CONFIDENCE="0.7", MAX_NEW_PER_CYCLE="1", TARGET_OPEN_ORDERS="",
    )  # fmt: skip
    assert (status, errors) == (0, [])
    assert shown(lines, "capacity.max_open") == ("12", f"{conf}:3")
    assert shown(lines, "capacity.target_open") == ("3", "default")
    assert shown(lines, "capacity.max_new_per_cycle") == ("1", "MAX_NEW_PER_CYCLE")
    assert shown(lines, "window.min_confidence") == ("0.8", f"{env}:2 (MIN_CONFIDENCE)")
    assert shown(lines, "log.level") == ('"debug"', "--log-level")
    assert shown(lines, "keys.signals") == ('"q:stream:ai.decision.made"', "default, worked out")


def test_no_file_at_all():
    status, lines, errors = check("--config=/dev/null", "--env-file=/dev/null")
    assert (status, errors) == (0, [])
    assert {origin for origin in (shown([line], line.split(" = ")[0])[1] for line in lines)} <= {"default", "default, worked out"}


def test_a_comment_behind_a_value(tmp_path):
    """From a file, and where systemd has put it, into the environment."""
    env = tmp_path / "router.env"
    env.write_text("MAX_OPEN_ORDERS=10 # cap\n")
    said = "holds a comment: systemd strips none behind a value; put it on a line of its own"
    assert check("--env-file", env) == (
        2, [], [f"quantum-router: {env}:1 (MAX_OPEN_ORDERS): capacity.max_open = '10 # cap' {said}"])
    assert check(REDIS_URL="redis://a:1 # home") == (
        2, [], [f"quantum-router: REDIS_URL: redis.url = 'redis://a:1 # home' {said}"])


def test_worked_out_values():
    status, lines, errors = check("--window.seconds=200", "--window.signal_max_age_sec=200", REDIS_HOST="::1", REDIS_PORT="7000")
    assert (status, errors) == (0, [])
    assert shown(lines, "intent.dedup_ttl_sec") == ("631", "default, worked out")
    assert shown(lines, "redis.url") == ('"redis://[::1]:7000/0"', "default, worked out")


def test_the_password_stays_out():
    status, lines, errors = check(REDIS_URL="redis://me:hush@host:1/2")
    assert shown(lines, "redis.url") == ('"redis://me:********@host:1/2"', "REDIS_URL")
    status, lines, errors = check("--redis.url=http://me:hush@host")
    assert (status, lines) == (2, [])
    assert errors == ["quantum-router: --redis.url: redis.url must begin with redis://, rediss://, redis+sentinel:// or unix://"]


def test_warnings():
    status, lines, errors = check("--window.seconds=31", TARGET_OPEN_ORDERS="20", SUPER_CONFIDENCE="0.5")
    assert (status, shown(lines, "capacity.target_open")[0]) == (0, "20")
    assert [line.split(" = ")[0] for line in errors] == [
        "quantum-router: warning: capacity.target_open",
        "quantum-router: warning: capacity.super_confidence",
        "quantum-router: warning: window.signal_max_age_sec",
    ]


def test_every_error_is_named(tmp_path):
    conf, env = tmp_path / "router.conf", tmp_path / "env"
    conf.write_text(
        'window : { seconds = "x"; };\n'
        "redis : { backoff_min_ms = 100;\n backoff_max_ms = 50; };\n"
        "intent : { dedup_ttl_sec = 1;\n"
        ' carry = ["symbol"]; };\n'
        'keys : { intents = "a"; signals = "a"; };\n'
        "bogus = 1;\n"
    )
    env.write_text("MAX_OPEN_ORDERS=0\nnonsense\n")
    status, lines, errors = check("--config", conf, "--env-file", env, "--redis.url=x")
    assert (status, lines) == (2, [])
    starts = [
        f"{env}:2: this line has no '='",
        f"{conf}:1: window.seconds must be a number",
        f"{conf}:7: bogus is not an option",
        f"{env}:1 (MAX_OPEN_ORDERS): capacity.max_open = 0 is out of range",
        f"{conf}:6: keys.intents names the same key",
        "--redis.url: redis.url must begin",
        f"{conf}:2: redis.backoff_min_ms must not exceed",
        f"{conf}:5: intent.carry names 'symbol'",
    ]  # and nothing of dedup_ttl_sec, which would be compared with a window that nobody set
    for start in starts:
        assert any(line.startswith(f"quantum-router: {start}") for line in errors), (start, errors)
    assert len(errors) == len(starts)
