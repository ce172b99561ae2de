"""Configuration: nothing runs on a half-understood one, and each complaint is one clear line."""

import re
from concurrent.futures import ThreadPoolExecutor

import pytest

from harness.options import list_options, run
from harness.process import WRAP
from harness.waiting import FULL

# What each kind does not take: as a literal of the file, and as text of a variable or flag.
WRONG_LITERAL = {
    "INTEGER": ['"12"', "true", "1.5", "[1]", "{ a = 1; }"],
    "NUMBER": ['"0.5"', "true", "[0.5]"],
    "BOOLEAN": ['"maybe"', "2", "1.5"],
    "TEXT": ["12", "true", "[1]"],
    "WORD": ["1", '"loud"'],
    "A,B,…": ['"a,b"', "[1, 2]", '["a", ""]'],
}
WRONG_TEXT = {
    "INTEGER": ["abc", "012", "1.5", "1 ", "0x10", "12e0", "99999999999999999999"],
    "NUMBER": ["abc", "00.5", "0,5", "nan", "inf", "0x1", "1e999", " 1"],
    "BOOLEAN": ["maybe", "2", "ja"],
    "TEXT": ["two\nlines", "x" * 5000],
    "WORD": ["loud", "4"],
    "A,B,…": ["a,,b", "a,b\n"],
}
ALLOWED = {
    "INTEGER": "integer",
    "NUMBER": "number",
    "BOOLEAN": "true, false, 1, 0, yes, no, on, off",
    "TEXT": "text of at most",
    "WORD": "one of ",
    "A,B,…": "list of names",
}


def refused(result):
    """The one line that says why it does not start."""
    assert result.returncode == 2, result
    assert result.stdout == ""
    assert result.stderr.endswith("\n")
    [line] = result.stderr.splitlines()
    assert line.startswith("quantum-router: ")
    return line


class Place:
    """One of the three places in which an option can be set wrongly."""

    def __init__(self, option, folder):
        self.option = option
        self.file = folder / f"{option.key}.conf"

    def from_file(self, literal):
        text = self.option.in_file(literal)
        self.file.write_text(text)
        number = next(n for n, line in enumerate(text.splitlines(), 1) if f"= {literal};" in line)
        return refused(run("--config", self.file)), f"{self.file}:{number}: "

    def from_env(self, text):
        return refused(run(env={self.option.env: text})), f"{self.option.env}: "

    def from_flag(self, text):
        return refused(run(f"--{self.option.key}={text}")), f"--{self.option.key}: "

    def all_but_file(self):
        return [self.from_flag, *([self.from_env] if self.option.env else [])]


def some(cases):
    """All in a full run, else the first two: each is a process of its own."""
    return cases if FULL else cases[:2]


def check_wrong_types(option, folder):
    place = Place(option, folder)
    tries = [(place.from_file, literal) for literal in some(WRONG_LITERAL[option.kind])]
    tries += [(f, text) for f in place.all_but_file() for text in some(WRONG_TEXT[option.kind])]
    for attempt, value in tries:
        line, where = attempt(value)
        assert line.startswith(f"quantum-router: {where}"), line
        assert option.key in line, line
        assert ALLOWED[option.kind] in line or "allowed" in line, line
        for bound in option.range or ():
            assert bound in line, line
        if option.kind in ("INTEGER", "NUMBER", "BOOLEAN", "WORD") and attempt != place.from_file:
            assert f"'{value}'" in line, line


def just_outside(option):
    low, high = option.range
    if option.kind == "INTEGER":
        return str(int(low) - 1), str(int(high) + 1)
    return str(float(low) - 0.001), str(float(high) * 1.001)


def as_literal(option, text):
    return text + "L" if option.kind == "INTEGER" else text


def check_ranges(option, folder):
    place = Place(option, folder)
    for value in just_outside(option):
        tries = [(place.from_file, as_literal(option, value))]
        tries += [(attempt, value) for attempt in place.all_but_file()]
        for attempt, text in tries:
            line, where = attempt(text)
            assert line.startswith(f"quantum-router: {where}"), line
            low, high = option.range
            assert option.key in line and f"{low} to {high}" in line, line


def check_all(check, options, folder):
    """Two at a time, a sample of them under valgrind."""
    chosen = options[::6] if WRAP else options
    with ThreadPoolExecutor(2) as pool:
        for _ in pool.map(lambda option: check(option, folder), chosen):
            pass


def test_help_tells_all_options():
    options = {option.key: option for option in list_options()}
    variables = {option.env: key for key, option in options.items() if option.env}
    expected = {
        "REDIS_URL": "redis.url",
        "REDIS_HOST": "redis.host",
        "REDIS_PORT": "redis.port",
        "MAX_OPEN_ORDERS": "capacity.max_open",
        "TARGET_OPEN_ORDERS": "capacity.target_open",
        "MAX_NEW_PER_CYCLE": "capacity.max_new_per_cycle",
        "SUPER_CONFIDENCE": "capacity.super_confidence",
        "CANDIDATE_WINDOW_SEC": "window.seconds",
        "MIN_CONFIDENCE": "window.min_confidence",
        "SIGNAL_MAX_AGE_SEC": "window.signal_max_age_sec",
        "MAX_POSITION_USD": "sizing.max_position_usd",
        "MAX_LEVERAGE": "sizing.max_leverage",
        "ROUTER_READ_COUNT": "redis.read_count",
        "PIPELINE_DIAG": "log.pipeline_diag",
    }
    assert expected.items() <= variables.items()
    assert options["capacity.max_open"].range == ("1", "1000000")
    assert options["window.seconds"].range == ("0.05", "3600")
    assert len(options) > 40
    for option in options.values():
        assert option.range or option.kind not in ("INTEGER", "NUMBER"), option


def test_wrong_type_of_every_option(tmp_path):
    check_all(check_wrong_types, list_options(), tmp_path)


def test_out_of_range_of_every_option(tmp_path):
    check_all(check_ranges, [option for option in list_options() if option.range], tmp_path)


def conf(tmp_path, text):
    file = tmp_path / "router.conf"
    file.write_text(text)
    return file


@pytest.mark.parametrize(
    "text, wanted",
    [
        ("capacity : { max_opne = 5; };", r":1: capacity\.max_opne .*capacity\.max_open\?$"),
        ("\n\ncapacty : { max_open = 5; };", r":3: capacty .*capacity\?$"),
        ("max_open = 5;", r":1: max_open .*capacity\.max_open\?$"),
        ("capacity = 5;", r":1: capacity must be a group"),
        ("capacity : { max_open = 4294967306; };", r":1: .*4294967306"),
        ("capacity : {\n max_open = 5000000000;\n};", r":2: .*5000000000"),
        ("capacity : { max_open = 99999999999999999999; };", r":1: .*99999999999999999999"),
        ("capacity : { max_open = 5;", r":1: this \{ is never closed; write \}; at its end$"),
        ("capacity.max_open = 5;", r":1: capacity\.max_open: .*; write capacity: \{ max_open = …; \};$"),
        ("lease : { ttl_ms = 1000; };", r":1: lease\.renew_ms \(1000 by default\) must be .* 333$"),
        ("window : { seconds = 1e999; };", r":1: .*1e999"),
        ("window : { seconds = 3;\nseconds = 4; };", r":\d: duplicate setting name"),
        ("window : { seconds = 3; }; /* never", r":1: .*\*/"),
    ],
)
def test_strict_file(tmp_path, text, wanted):
    file = conf(tmp_path, text)
    line = refused(run("--config", file))
    assert re.search(re.escape(str(file)) + wanted, line), line


@pytest.mark.parametrize(
    "flags, wanted",
    [
        (["--capacity.max_opne=5"], r"--capacity\.max_opne .*--capacity\.max_open\?"),
        (["--capacity.max_open"], r"--capacity\.max_open needs a value"),
        (["--capacity.max=5"], r"--capacity\.max "),
        (["--config", "/nowhere/router.conf"], r"/nowhere/router\.conf: .*No such file"),
        (["--help=yes"], r"--help takes no value but all"),
        (["start"], r"'start' is not expected"),
        (["--log-level=loud"], r"--log-level: .*error, warn, info, debug"),
        (["--redis.url=http://h:1"], r"must begin with redis://, rediss://, redis\+sentinel:// or unix://"),
        (["--redis.url=redis://h:99999"], r"bad port"),
        (["--redis.url=redis://h/x"], r"bad database"),
        (["--redis.url=redis://:%zz@h"], r"percent-escape"),
        (["--redis.password_file=/nowhere"], r"redis\.password_file .*No such file"),
        (["--intent.dedup_ttl_sec=66"], r"--intent\.dedup_ttl_sec: .*more than 66"),
        (["--redis.backoff_min_ms=3000"], r"redis\.backoff_min_ms .*redis\.backoff_max_ms"),
        (["--keys.signals=k", "--keys.intents=k"], r"names the same key"),
        (["--keys.group="], r"keys\.group must not be empty"),
        (["--intent.carry=horizon,score"], r"'score', which the router itself writes"),
    ],
    ids=lambda value: value[0] if isinstance(value, list) else "",
)
def test_refused_flags(flags, wanted):
    line = refused(run(*flags))
    assert re.search(wanted, line), line


@pytest.mark.parametrize("source", ["REDIS_URL", "--redis.url"])
def test_a_build_without_tls_says_what_to_use_instead(source):
    url = "rediss://user:secret@h:6380/0"
    flags, env = ([], {source: url}) if source == "REDIS_URL" else ([f"{source}={url}"], {})
    result = run("--check-config", *flags, env=env)
    assert "secret" not in result.stdout + result.stderr
    if result.returncode == 0:  # this one has it
        assert re.search(r'^redis\.url = "rediss://', result.stdout, re.MULTILINE), result.stdout
        return
    line = refused(result)
    assert re.match(rf"quantum-router: {source}: redis\.url asks for TLS.*unix.*stunnel", line), line


def test_a_file_for_tls_is_refused_without_tls():
    assert "redis.tls_ca is for TLS" in refused(run("--redis.tls_ca=/nowhere"))


def test_all_errors_are_told_at_once(tmp_path):
    file = conf(tmp_path, "capacity : { max_open = 0;\nmax_opne = 1; };")
    result = run("--config", file, "--window.seconds=0", env={"MIN_CONFIDENCE": "2"})
    assert result.returncode == 2
    assert len(result.stderr.splitlines()) == 4


@pytest.mark.parametrize(
    "env", [{"CANDIDATE_WINDOW_SEC": "200"}, {"SIGNAL_MAX_AGE_SEC": "1000"}]
)
def test_marks_outlast_what_they_guard(env):
    line = refused(run("--intent.dedup_ttl_sec=300", env=env))
    assert "intent.dedup_ttl_sec" in line


def test_unset_marks_grow_as_needed(rig):
    rig.start_open_router(0, SIGNAL_MAX_AGE_SEC="1000")
    rig.must_xadd("BTCUSDT", correlation_id="c-1")
    rig.expect_intent("BTCUSDT")
    assert 1020 < rig.db.ttl("quantum:dedup:trade_intent:c-1") <= 1032


# --- what is accepted


def expect_start_lines(rig, *lines, flags=(), conf="", **env):
    router = rig.start_router(*flags, conf=conf, **env)
    for line in lines:
        router.expect(line)
    return router


def test_precedence(empty_rig):
    """A default, the file over it, the environment over that, a flag over all."""
    expect_start_lines(
        empty_rig,
        "Capacity: max=14 target=7 burst=5$",
        "Quality: min_conf=70.00% super_conf=90.00%",
        conf="capacity : { max_open = 12; target_open = 6; max_new_per_cycle = 5; };\n"
        "window : { min_confidence = 0.7; };",
        MAX_OPEN_ORDERS="13",
        TARGET_OPEN_ORDERS="7",
        flags=["--capacity.max_open=14"],
    )


def test_empty_variable_is_not_set(empty_rig):
    expect_start_lines(
        empty_rig,
        "Capacity: max=12 target=3 burst=2$",
        conf="capacity : { max_open = 12; };",
        MAX_OPEN_ORDERS="",
        TARGET_OPEN_ORDERS="",
    )


def test_integer_where_a_real_is_meant(empty_rig):
    expect_start_lines(
        empty_rig, "window=3s", conf="window : { seconds = 3; };", CANDIDATE_WINDOW_SEC=""
    )


def test_fraction_of_a_second(empty_rig):
    expect_start_lines(empty_rig, "window=2.5s", CANDIDATE_WINDOW_SEC="2.5")


def test_odd_values_are_allowed_with_a_warning(empty_rig):
    expect_start_lines(
        empty_rig,
        r"\[WARNING\] .*CONFIG_WARNING .*capacity\.target_open = 20 .*capacity\.max_open = 10",
        r"\[WARNING\] .*CONFIG_WARNING .*capacity\.super_confidence = 0\.5 .*window\.min_confidence",
        TARGET_OPEN_ORDERS="20",
        SUPER_CONFIDENCE="0.5",
    )


@pytest.mark.parametrize(
    "word, on", [("TRUE", 1), ("1", 1), ("yes", 1), ("On", 1), ("off", 0), ("No", 0)]
)
def test_booleans(empty_rig, word, on):
    router = expect_start_lines(empty_rig, "Quality", flags=[f"--log.emoji={word}"])
    assert ("📊" in router.text()) == bool(on)


def test_shortest_and_longest_window_start(empty_rig):
    for window in ("0.05", "3600"):
        expect_start_lines(empty_rig, f"window={window}s", CANDIDATE_WINDOW_SEC=window)


def test_log_level(empty_rig):
    router = empty_rig.start_router("--log-level=error")
    router.expect("REDIS_LOST")
    assert router.count(r"\[(INFO|WARNING|DEBUG)\]") == 0


def test_help_and_version():
    for flag in ("--help", "-h"):
        result = run(flag)
        assert (result.returncode, result.stderr) == (0, "")
        assert result.stdout.startswith("Usage: quantum-router ")
        for word in ("--config", "--version", "--log-level", "--capacity.max_open"):
            assert word in result.stdout
    for flag in ("--version", "-V"):
        result = run(flag)
        assert (result.returncode, result.stderr) == (0, "")
        assert re.fullmatch(r"quantum-router \d+\.\d+\.\d+\S*\n", result.stdout)
