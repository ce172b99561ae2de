"""quantumctl demo: what it shows, whether its numbers add up, and that nothing of it is left behind."""

import json
import os
import pty
import re
import shlex
import shutil
import signal
import subprocess
import tempfile
import urllib.request
import xml.etree.ElementTree as ElementTree
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from pathlib import Path

import pytest

from harness.names import INTENTS, OPEN_ORDERS
from harness.process import BUILD, ROOT, clean_environment, kill_hard, program
from harness.redis import client_of
from harness.service import DISASTER
from harness.waiting import PATIENCE_SEC, SLOWNESS, wait_until
from harness.web import Viewer

SECONDS = 9 * min(SLOWNESS, 3)
SHORT = ("--seconds=3", "--rate=100")
LINE = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d \[(ERROR|WARNING|INFO)\] \S.*")
CYCLE = re.compile(r"CYCLE read=(\d+) candidates=(\d+) published=(\d+) ")
ROW = re.compile(r"^   (\w+) +(\d+) +(\d+) +(\d+) +(\d+)(?:  supers in \d+)?$", re.MULTILINE)
STATES = ["CAPACITY_UNKNOWN", "CAPACITY_OK", "TARGET_REACHED", "CAPACITY_FULL", "SAFE_MODE"]
WALK = [
    "redis-cli DEL quantum:state:open_orders",
    "redis-cli SET quantum:state:open_orders 10",
    "redis-cli DEL quantum:state:open_orders",
    "quantum-executor --config=quantum-executor.conf, on paper",
    "redis-cli SET quantum:safety:safe_mode 1",
    "redis-cli DEL quantum:safety:safe_mode",
]
OPEN = re.compile(r"(FILLED|CLOSED) .* open=(\d+) ")


@pytest.fixture
def tmp():
    """The TMPDIR of one demo; its path marks the demo's processes."""
    folder = Path(tempfile.mkdtemp(prefix="qd-", dir="/tmp"))
    yield folder
    for pid in processes_of(folder):
        os.kill(pid, signal.SIGKILL)
    shutil.rmtree(folder)


def processes_of(folder):
    """Processes that have the folder in their command line or variables, but for zombies."""
    found = []
    for place in Path("/proc").glob("[0-9]*"):
        try:
            text = (place / "cmdline").read_bytes() + (place / "environ").read_bytes()
        except OSError:
            continue
        if str(folder).encode() in text:
            found.append(int(place.name))
    return found


def command(*words):
    return [*program("quantumctl"), "demo", *words]


def environment(tmp, **env):
    return clean_environment({"TMPDIR": str(tmp), **env})


def default_signals():
    """As a login shell starts programs: the one who runs these tests may ignore some."""
    for number in (signal.SIGHUP, signal.SIGINT):
        signal.signal(number, signal.SIG_DFL)


class Demo:
    """A demo that runs, its output in a file."""

    def __init__(self, tmp, *words, **env):
        self.tmp = tmp
        self.output = tmp / "output"
        with open(self.output, "wb") as file:
            self.process = subprocess.Popen(
                command(*words), stdin=subprocess.DEVNULL, stdout=file, stderr=subprocess.STDOUT,
                env=environment(tmp, **env), preexec_fn=default_signals)  # fmt: skip

    def __enter__(self):
        return self

    def __exit__(self, *_):
        kill_hard(self.process)

    def text(self):
        return self.output.read_text(encoding="utf-8", errors="replace")

    def expect(self, pattern):
        return wait_until(pattern, lambda: re.search(pattern, self.text()), 30, self.text)

    def end(self, number=None):
        if number is not None:
            self.process.send_signal(number)
        self.process.wait(PATIENCE_SEC)
        return self.text()

    def expect_nothing_left(self):
        assert processes_of(self.tmp) == []
        assert os.listdir(self.tmp) == ["output"]


def number_of(name, text):
    return float(re.search(rf"^   {name} +([\d.]+)", text, re.MULTILINE)[1])


def expect_summary(text, whole=True):
    """The last summary is the sum of the CYCLE lines above, and says that Redis agrees."""
    text = text[: text.rindex("── all that was started is gone")]
    summary = text[text.rindex("── summary") :]
    rows = {name: [int(number) for number in numbers] for name, *numbers in ROW.findall(summary)}
    total = rows.pop("all")
    assert [sum(column) for column in zip(*rows.values())] == total
    cycles = [[int(number) for number in cycle] for cycle in CYCLE.findall(text)]
    assert total == [len(cycles), *(sum(column) for column in zip(*cycles))]
    read, candidates, published = total[1:]
    assert number_of("signals read", summary) == read
    assert number_of("candidates", summary) == candidates
    assert number_of("published", summary) == published
    assert f"and Redis has {published} intents: they agree" in summary
    assert number_of("reduction", summary) == pytest.approx(100 * (1 - published / candidates), abs=0.051)
    assert f"an intent per candidate: {candidates}\n" in summary
    assert ("all that were fed" in summary) == whole
    return rows, read, published


def expect_closed_loop(text, published):
    """Open orders rose to the target and past it, fell, and what the summary says of intents adds up."""
    opens = [int(count) for _, count in OPEN.findall(text)]
    assert opens[:3] == [1, 2, 3] and 3 < max(opens) <= 10, opens
    assert "CLOSED" in {word for word, _ in OPEN.findall(text)} and any(later < sooner for sooner, later in pairwise(opens)), opens
    summary = text[text.rindex("── summary") :]
    assert number_of("executed", summary) + number_of("rejected", summary) == published
    assert number_of("executed", summary) == len(re.findall(r" FILLED ", text))
    assert 0 < number_of("latency", summary) < 1000
    assert number_of("open orders", summary) == max(opens)
    assert f"and {published} results: they agree" in summary


def test_all_states_in_a_pipe(tmp):
    with Demo(tmp, f"--seconds={SECONDS}", "--rate=100", REDIS_URL="redis://127.0.0.1:1",
              MAX_OPEN_ORDERS="1", METRICS_LISTEN="127.0.0.1:1") as demo:  # fmt: skip
        text = demo.end()
        assert demo.process.returncode == 0, text
        demo.expect_nothing_left()
    assert "\033" not in text and not DISASTER.search(text), text
    assert re.findall(r"^── ((?:redis-cli|quantum-executor) .*?)(?: ── .*)?$", text, re.MULTILINE) == WALK
    for said in (
        "CAPACITY_UNKNOWN: quantum:state:open_orders missing → fail-closed",
        "PAPER mode - simulated fills, no exchange",
        "CAPACITY_INIT open=0",
        "CAPACITY_OK open=0 target=3 allowed=2",
        "TARGET_REACHED open=3 target=3 (awaiting super-signal)",
        "SUPER_SIGNAL_BYPASS open=",
        "CAPACITY_FULL open=10 max=10",
        "SAFE_MODE: quantum:safety:safe_mode is set",
        "SAFE_MODE_CLEARED",
        "BEST_OF_PUBLISH",
        "STOPPED",
    ):
        assert said in text, said
    rows, read, published = expect_summary(text)
    assert list(rows) == STATES
    assert all(cycles >= 2 for cycles, *_ in rows.values())
    assert all(rows[state][3] == 0 for state in ("CAPACITY_UNKNOWN", "CAPACITY_FULL", "SAFE_MODE"))
    assert rows["CAPACITY_OK"][3] > 0 and rows["TARGET_REACHED"][3] > 0
    assert read == pytest.approx(100 * SECONDS, rel=0.1) and 0 < published < read / 4
    expect_closed_loop(text, published)
    ours = re.compile(r"|──.*|   .*")
    odd = [line for line in text.splitlines() if not LINE.fullmatch(line) and not ours.fullmatch(line)]
    assert odd == []


# --- how it ends


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_ends_it_with_its_summary(tmp, number):
    with Demo(tmp, "--seconds=1000", "--rate=200") as demo:
        demo.expect("CYCLE")
        text = demo.end(number)
        assert demo.process.returncode == 0, text
        demo.expect_nothing_left()
    assert "STOPPED" in text and "they agree" in text
    assert not DISASTER.search(text), text


def test_killed_hard_it_takes_all_with_it(tmp):
    with Demo(tmp) as demo:
        demo.expect("CYCLE")
        assert len(processes_of(tmp)) == 3
        demo.process.kill()
        demo.process.wait()
        wait_until("no process is left", lambda: processes_of(tmp) == [])


def type_hint(text, label):
    """What a hint says to type, typed where variables point elsewhere."""
    line = re.search(rf"^ *{label} +(.*quantumctl .*)$", text, re.MULTILINE)[1]
    done = subprocess.run(shlex.split(line), env=clean_environment({"REDIS_URL": "redis://127.0.0.1:1", "MAX_OPEN_ORDERS": "1"}),
                          capture_output=True, text=True, timeout=PATIENCE_SEC)  # fmt: skip
    assert done.stderr == "", done
    return done.stdout


def test_keep_stays_until_it_is_told(tmp):
    with Demo(tmp, "--keep", *SHORT) as demo:
        demo.expect(r"tail -f \S+ \S+\n")
        text = demo.text()
        socket = re.search(r"redis-cli -s (\S+) XREVRANGE ", text)[1]
        log = Path(re.search(r"tail -f (\S+router\.log) \S+executor\.log", text)[1])
        metrics = re.search(r"curl -s (\S+)", text)
        with client_of(unix_socket_path=socket) as db:
            before = db.xlen(INTENTS)
            wait_until("it feeds on", lambda: db.xlen(INTENTS) > before)
            type_hint(text, "halt")
            # Its reason is a second write, which the line need not have seen.
            demo.expect(r"tail -f (?s:.*)SAFE_MODE: quantum:safety:safe_mode is set ")
            said = type_hint(text, "status")
            assert f"Redis at {socket}" in said and "SAFE_MODE is set: 'trying it" in said
            wait_until("all positions have closed", lambda: db.get(OPEN_ORDERS) == "0")
            said = type_hint(text, "report")
            closed, won, profit = re.search(r"^side +BUY +(\d+) +(\d+) +([+-][\d.]+)$", said, re.MULTILINE).groups()
            assert int(closed) >= int(won) and float(profit) != 0, said
            assert "profit that is not known" not in said and "closed without a profit" not in said, said
        if metrics:
            with urllib.request.urlopen(metrics[1], timeout=PATIENCE_SEC) as answer:
                assert b"quantum_router_" in answer.read()
        assert "CAPACITY_FULL" in log.read_text()
        assert demo.process.poll() is None
        text = demo.end(signal.SIGINT)
        assert demo.process.returncode == 0, text
        demo.expect_nothing_left()
    assert text.count("they agree") == 4
    assert text.endswith("── all that was started is gone\n")


def test_the_page_shows_it(tmp):
    with Demo(tmp, "--keep", "--web", *SHORT) as demo:
        demo.expect(r"── the page: http://127\.0\.0\.1:\d+/\n")
        page = Viewer(int(re.search(r"the page: http://127\.0\.0\.1:(\d+)/", demo.text())[1]))
        page.expect_state("Redis is there", lambda state: state["up"])
        page.expect_state("its window", lambda state: state["window"].get("candidates", 0) > 0)
        page.expect_state("its results", lambda state: state["results"]["today"]["closed"] > 0)
        assert demo.end(signal.SIGINT).endswith("── all that was started is gone\n")
        assert demo.process.returncode == 0
        demo.expect_nothing_left()


def test_a_reader_who_goes_ends_it(tmp):
    process = subprocess.Popen(
        command("--seconds=1000"), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
        stderr=subprocess.PIPE, env=environment(tmp))  # fmt: skip
    process.stdout.readline()
    process.stdout.close()
    error = process.stderr.read()
    assert process.wait(PATIENCE_SEC) == 0 and error == b""
    process.stderr.close()
    assert processes_of(tmp) == [] and os.listdir(tmp) == []


def test_a_reader_who_sleeps_does_not_hold_up_the_end(tmp):
    ours, theirs = os.pipe()
    os.set_blocking(theirs, False)
    with pytest.raises(BlockingIOError):
        while os.write(theirs, bytes(4096)):
            pass
    os.set_blocking(theirs, True)
    process = subprocess.Popen(command(), stdin=subprocess.DEVNULL, stdout=theirs, stderr=subprocess.PIPE,
                               env=environment(tmp))  # fmt: skip
    os.close(theirs)
    wait_until("its processes", lambda: len(processes_of(tmp)) >= 2)
    process.terminate()
    assert process.wait(PATIENCE_SEC) == 0 and process.stderr.read() == b""
    os.close(ours)
    process.stderr.close()
    assert processes_of(tmp) == [] and os.listdir(tmp) == []


# --- on a terminal


def on_terminal(tmp, *words, columns=80, hang_up=False, **env):
    """What it writes to a terminal of its own; `hang_up` closes that on the first cycle."""
    pid, master = pty.fork()
    if pid == 0:
        default_signals()
        os.execvpe("sh", ["sh", "-c", f'stty cols {columns} && exec "$0" "$@"', *command(*words)],
                   environment(tmp, TERM="xterm", **env))  # fmt: skip
    said = b""
    while True:
        try:
            piece = os.read(master, 65536)
        except OSError:
            break
        said += piece
        if not piece or (hang_up and b"CYCLE" in said):
            break
    os.close(master)
    _, status = os.waitpid(pid, 0)
    assert processes_of(tmp) == [] and os.listdir(tmp) == []
    return os.waitstatus_to_exitcode(status), said.decode()


def test_colours_and_width(tmp):
    status, text = on_terminal(tmp, *SHORT)
    assert status == 0
    assert "\033[0;32m🟢 CAPACITY_OK" in text and "\033[0;1;31m⛔ SAFE_MODE" in text
    plain = re.sub(r"\033\[[\d;]*m", "", text).replace("\r", "")
    assert max(len(line) for line in plain.splitlines()) <= 80
    expect_summary(re.sub(r"\n    +", " ", plain))


def test_no_color_is_honoured(tmp):
    _, text = on_terminal(tmp, columns=200, hang_up=True, NO_COLOR="1")
    assert "\033" not in text and "CAPACITY_UNKNOWN" in text


def test_a_terminal_that_closes_ends_it(tmp):
    on_terminal(tmp, "--seconds=1000", "--keep", hang_up=True)


# --- what can be missing


def must_fail(tmp, *words, path, binary=None):
    done = subprocess.run(
        [binary or BUILD / "quantumctl", "demo", *words], env=environment(tmp, PATH=str(path)),
        stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=PATIENCE_SEC)  # fmt: skip
    assert done.returncode == 1, done
    assert processes_of(tmp) == []
    return done.stderr


def tool_folder(tmp, **scripts):
    folder = tmp / "bin"
    folder.mkdir()
    for name, text in scripts.items():
        file = folder / name.replace("_", "-")
        file.write_text(f"#!/bin/sh\n{text}\n")
        file.chmod(0o755)
    return folder


def test_without_redis(tmp):
    error = must_fail(tmp, path="/nowhere")
    assert error == ("quantumctl demo: redis-server is not on the PATH; install it: "
                     "apt-get install redis-server\n")  # fmt: skip


def test_valkey_alone(tmp):
    path = tool_folder(tmp, valkey_server="echo second; exit 3")
    error = must_fail(tmp, path=str(path))
    assert error.startswith("quantumctl demo: valkey-server ended with status 3 before its time; its last words:\n"), error


def test_redis_that_does_not_start(tmp):
    path = tool_folder(tmp, redis_server="echo first; echo the disk is on fire; exit 3")
    error = must_fail(tmp, path=f"{path}:/usr/bin:/bin")
    assert error == ("quantumctl demo: redis-server ended with status 3 before its time; its last words:\n"
                     "  first\n  the disk is on fire\n")  # fmt: skip
    assert os.listdir(tmp) == ["bin"]


def test_a_router_that_does_not_start(tmp):
    path = tool_folder(tmp, quantum_router="echo no configuration pleases me; exit 2")
    alone = tmp / "quantumctl"
    shutil.copy(BUILD / "quantumctl", alone)
    error = must_fail(tmp, path=f"{path}:{os.environ['PATH']}", binary=alone)
    assert error == ("quantumctl demo: quantum-router ended with status 2 before its time; its last words:\n"
                     "  no configuration pleases me\n")  # fmt: skip
    error = must_fail(tmp, path="/usr/bin:/bin", binary=alone)
    assert re.fullmatch(r"quantumctl demo: quantum-router is neither beside [^\n]*\n", error), error
    assert sorted(os.listdir(tmp)) == ["bin", "quantumctl"]


def test_a_router_that_dies(tmp):
    with Demo(tmp) as demo:
        demo.expect("CYCLE")
        (router,) = [
            pid for pid in processes_of(tmp)
            if Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")[0].endswith(b"/quantum-router")
        ]  # fmt: skip
        os.kill(router, signal.SIGKILL)
        text = demo.end()
        assert demo.process.returncode == 1
        demo.expect_nothing_left()
    assert "quantumctl demo: quantum-router was killed by signal 9 before its time; its last words:\n" in text


def test_two_at_once(tmp):
    """Neither port nor folder is shared."""
    folders = [tmp / "a", tmp / "b"]
    for folder in folders:
        folder.mkdir()

    def play(folder):
        with Demo(folder, *SHORT) as demo:
            return demo.end(), demo.process.returncode

    with ThreadPoolExecutor() as pool:
        for text, status in pool.map(play, folders):
            assert status == 0, text
            assert "METRICS_UNAVAILABLE" not in text
            expect_summary(text)


def test_the_picture_is_drawn_from_a_run(tmp):
    """What it shows is what the demo said, and all of it lies within its frame."""
    drawn = tmp / "demo.svg"
    subprocess.run(
        [ROOT / "deploy/demo-picture", f"--output={drawn}", *SHORT],
        env=clean_environment({"TMPDIR": str(tmp), "QUANTUM_BUILD": str(BUILD)}), check=True, timeout=PATIENCE_SEC)  # fmt: skip
    for picture in (drawn, ROOT / "deploy/demo.svg"):
        root = ElementTree.parse(picture).getroot()
        texts = root.findall(".//{http://www.w3.org/2000/svg}text")
        words = " ".join(text.text for text in texts)
        for shown in ("quantum-executor --config=", "PAPER mode", "summary of the router's CYCLE lines", "they agree"):
            assert shown in words
        assert max(float(text.get("x")) for text in texts) < float(root.get("width"))
        assert max(float(text.get("y")) for text in texts) < float(root.get("height"))
