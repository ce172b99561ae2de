"""quantumctl archive: what is followed is kept, once, whatever ends it and whatever goes on beneath it."""

import hashlib
import os
import random
import resource
import signal as signals
import subprocess
import threading

import pytest
from harness.archive import DECISIONS, SETTINGS, Archive
from harness.cable import Scissors
from harness.ctl import ctl, expect_refused
from harness.names import PRICE, RESULTS, SIGNALS
from harness.process import catches, clean_environment, kill_hard, program, spawn
from harness.waiting import wait_until

DAY_SEC = 86400
TEXT = "capacity.max_open = 10\n"
DIGEST = hashlib.sha256(TEXT.encode()).hexdigest()


def write(rig, count=1, stream=SIGNALS, **fields):
    with rig.redis.raw.pipeline(transaction=False) as pipeline:
        for n in range(count):
            pipeline.xadd(stream, fields or {"payload": f'{{"symbol": "BTCUSDT", "n": {n}}}', "binary": b"\x00\n:\xff"})
        return pipeline.execute()


def told_of(rig, what, stream=SIGNALS):
    """What Redis says of the stream."""
    value = rig.redis.raw.xinfo_stream(stream)[what]
    return value.decode() if isinstance(value, bytes) else value


def move(rig, days):
    """The clock, and waits until the archive has asked it."""

    def asked():
        return rig.db.info("commandstats").get("cmdstat_time", {}).get("calls", 0)

    rig.clock.move(days * DAY_SEC)
    before = asked()
    wait_until("another look at the clock", lambda: asked() > before)


def decide(rig, *symbols, digest=DIGEST):
    rows = "\n".join(f"1-{n} {symbol} BUY 0.9 0.93 100 1 - outranked {n} =" for n, symbol in enumerate(symbols, 1))
    return write(rig, stream=DECISIONS, v="1", settings=digest, rows=rows)


# --- what is kept


def test_everything_is_kept_once(rig):
    write(rig, 1000)
    rig.db.hset(SETTINGS, DIGEST, TEXT)
    decide(rig, "BTCUSDT", "ETHUSDT")
    with Archive(rig) as archive:
        archive.expect("begins")
        archive.expect_kept()
        write(rig, 10, RESULTS, status="filled", reason="")
        write(rig, 10)
        archive.expect_kept()
        archive.stop()
        write(rig, 10)
        archive.start()
        archive.expect(f"goes on with {archive.files()[0]}")
        archive.expect_kept()
        assert archive.gaps() == []


def test_settings_stand_before_the_first_decision_that_names_them(rig):
    rig.db.hset(SETTINGS, DIGEST, TEXT)
    other = "f" * 64
    with Archive(rig) as archive:
        decide(rig, "BTCUSDT")
        decide(rig, "BTCUSDT")
        decide(rig, "BTCUSDT", digest=other)
        archive.expect(f"the settings {other[:16]}… are not in {SETTINGS}")
        archive.expect_kept()
        kinds = [(kind, fields) for kind, _, fields in archive.entries() if kind in ("settings", "decision")]
        assert [kind for kind, _ in kinds] == ["settings", "decision", "decision", "decision"]
        assert kinds[0][1] == {DIGEST.encode(): TEXT.encode()}


def test_settings_that_a_lost_connection_kept_back_are_asked_for_again(rig):
    rig.db.hset(SETTINGS, DIGEST, TEXT)
    decide(rig, "BTCUSDT")
    with Scissors(rig.redis.socket, b"HMGET") as scissors, Archive(rig, url=scissors.url) as archive:
        archive.expect("Redis answers again")
        archive.expect_kept()
        assert [fields for _, fields in archive.of("settings")] == [{DIGEST.encode(): TEXT.encode()}]


def test_prices_of_what_stood_in_decisions(rig):
    decide(rig, "BTCUSDT", "ETHUSDT")
    for symbol, price in {"BTCUSDT": "50000.5", "ETHUSDT": "nan", "XRPUSDT": "1"}.items():
        rig.db.set(PRICE + symbol, price)

    def last():
        prices = archive.of("prices")
        return prices and {name.decode(): value.decode() for name, value in prices[-1][1].items()}

    with Archive(rig) as archive:
        wait_until("its price", lambda: last() == {"BTCUSDT": "50000.5"}, context=archive.told)
        rig.db.set(PRICE + "ETHUSDT", "2500")
        wait_until("both", lambda: last() == {"BTCUSDT": "50000.5", "ETHUSDT": "2500"}, context=archive.told)
        archive.stop()
        before = len(archive.of("prices"))
        archive.start()
        wait_until("more after a start, without a new decision", lambda: len(archive.of("prices")) > before, context=archive.told)


def test_each_day_has_its_file_and_all_that_it_needs(timed):
    timed.db.hset(SETTINGS, DIGEST, TEXT)
    with Archive(timed) as archive:
        for day in range(3):
            move(timed, day)
            write(timed, 5)
            decide(timed, "BTCUSDT")
            archive.expect_kept()
        assert len(archive.files()) == 3
        for name in archive.files():
            kinds = [kind for kind, _, _ in archive.entries(name)]
            assert (kinds.count("signal"), kinds.count("decision"), kinds.count("settings")) == (5, 1, 1)
        archive.stop()
        # Set back, it goes on in the file that there is.
        timed.clock.move(0)
        archive.start()
        archive.expect("goes on")
        timed.redis.raw.xadd(SIGNALS, {"a": "b"})
        archive.expect_kept()
        assert len(archive.files()) == 3


def test_the_oldest_days_go(timed):
    chance = random.Random(5)
    with Archive(timed, "--max-gib=0.00001") as archive:  # some ten thousand bytes
        for day in range(4):
            move(timed, day)
            for _ in range(20):
                write(timed, payload=chance.randbytes(300))
            last = told_of(timed, "last-generated-id")
            wait_until("all of it", lambda: archive.of("signal") and archive.of("signal")[-1][0] == last, context=archive.told)
        days = archive.files()
        assert archive.expect("removed, for --max-gib").split(":")[0] not in days and 0 < len(days) < 4


# --- killed, trimmed, another server, a full disk


def test_killed_at_any_moment(rig):
    stop = threading.Event()

    def pour():
        while not stop.is_set():
            write(rig, 20)
            stop.wait(0.01)

    pouring = threading.Thread(target=pour)
    pouring.start()
    chance = random.Random(7)
    try:
        with Archive(rig, start=False) as archive:
            for _ in range(8):
                archive.start()
                archive.expect(f"{archive.folder}: ")  # it begins, or goes on
                threading.Event().wait(chance.uniform(0.02, 0.5))
                archive.kill()
            stop.set()
            pouring.join()
            archive.start()
            archive.expect_kept()
            assert archive.gaps() == []
    finally:
        stop.set()
        pouring.join()


def test_a_torn_end_is_cut_and_read_again(rig):
    write(rig, 5)
    with Archive(rig) as archive:
        archive.expect_kept()
        archive.stop()
        path = archive.folder / archive.files()[0]
        path.write_bytes(path.read_bytes()[:-3] + b"")
        archive.start()
        archive.expect("behind the last whole block were cut off")
        archive.expect_kept()


def test_what_was_trimmed_before_it_was_read_is_a_gap(rig):
    write(rig, 5)
    with Archive(rig) as archive:
        archive.expect_kept()
        archive.process.send_signal(signals.SIGSTOP)
        last = told_of(rig, "last-generated-id")
        ids = write(rig, 500)
        rig.db.xtrim(SIGNALS, maxlen=100, approximate=False)
        archive.process.send_signal(signals.SIGCONT)
        archive.expect(f"gap: {SIGNALS}: 400 entries behind {last}: trimmed")
        wait_until("the rest", lambda: [id for id, _ in archive.of("signal")][5:] == [id.decode() for id in ids[400:]], context=archive.told)
        gap = {"kind": "signal", "stream": SIGNALS, "after": last, "before": ids[400].decode(), "lost": "400", "why": "trimmed"}
        assert archive.gaps() == [gap]


def test_what_was_deleted_before_it_was_read_is_a_gap(rig):
    with Archive(rig) as archive:
        write(rig, 5)
        archive.expect_kept()
        archive.process.send_signal(signals.SIGSTOP)
        ids = write(rig, 10)
        rig.db.xdel(SIGNALS, *ids[3:6])
        archive.process.send_signal(signals.SIGCONT)
        archive.expect(f"gap: {SIGNALS}: 3 entries")
        # What was read before may go.
        rig.db.xtrim(SIGNALS, maxlen=0, approximate=False)
        write(rig, 1)
        wait_until("the next", lambda: len(archive.of("signal")) == 13, context=archive.told)
        assert len(archive.gaps()) == 1


def test_trimmed_all_the_time_nothing_is_missed_without_a_gap(rig):
    """Kept and lost add up to what the stream was ever given."""
    write(rig)
    with Archive(rig) as archive:
        archive.expect_kept()
        for _ in range(60):
            write(rig, 300)
            rig.db.xtrim(SIGNALS, maxlen=50, approximate=False)
        given, last = told_of(rig, "entries-added"), told_of(rig, "last-generated-id")
        wait_until("its end", lambda: archive.of("signal")[-1][0] == last, context=archive.told)
        kept = [id for id, _ in archive.of("signal")]
        assert len(set(kept)) == len(kept)
        assert len(kept) + sum(int(gap["lost"]) for gap in archive.gaps()) == given
        assert archive.of("position")[-1][1][SIGNALS.encode()] == f"{last} {given}".encode()


def test_redis_goes_and_comes_back_without_its_past(rig):
    write(rig, 5)
    with Archive(rig) as archive:
        archive.expect_kept()
        before = len(archive.of("signal"))
        rig.redis.kill()
        archive.expect("tried again until it answers")
        rig.redis.start()
        write(rig, 3)
        archive.expect("Redis answers again")
        archive.expect(f"gap: {SIGNALS}: what was behind")
        wait_until("what the new one has", lambda: len(archive.of("signal")) == before + 3, context=archive.told)
        assert [gap["why"] for gap in archive.gaps()] == ["another stream"]


def test_redis_comes_back_with_its_past(durable_rig):
    rig = durable_rig
    write(rig, 5)
    with Archive(rig) as archive:
        archive.expect_kept()
        rig.redis.kill()
        archive.expect("tried again until it answers")
        rig.redis.start()
        write(rig, 3)
        archive.expect_kept()
        assert archive.gaps() == []


def test_a_full_disk_is_told_and_waited_for(rig):
    """Files may grow no further: every byte of what did not fit is there afterwards, once."""
    with Archive(rig) as archive:
        write(rig, 5)
        archive.expect_kept()
        size = sum((archive.folder / name).stat().st_size for name in archive.files())
        room = (size + 50, resource.RLIM_INFINITY)
        before = resource.prlimit(archive.process.pid, resource.RLIMIT_FSIZE, room)
        write(rig, 300, payload=random.Random(3).randbytes(300).hex())
        archive.expect("nothing is read until it can be written")
        kept = archive.folder / archive.files()[-1]
        assert kept.stat().st_size <= size + 50
        write(rig, 300)
        assert archive.process.poll() is None
        resource.prlimit(archive.process.pid, resource.RLIMIT_FSIZE, before)
        archive.expect("can be written again")
        archive.expect_kept()
        assert archive.gaps() == [] and archive.told().count("nothing is read") == 1


def test_a_full_disk_gets_room_by_max_gib(timed):
    """Nothing more may be written, and the days that are too many go all the same."""
    chance = random.Random(5)
    with Archive(timed) as archive:
        for day in range(3):
            move(timed, day)
            write(timed, payload=chance.randbytes(3000))
            archive.expect_kept()
        archive.stop()
        *oldest, newest = archive.files()
        archive.words = ("--max-gib=0.000001",)
        archive.start()
        archive.expect("goes on")
        size = (archive.folder / newest).stat().st_size
        before = resource.prlimit(archive.process.pid, resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))
        write(timed, 10)
        archive.expect(f"{oldest[0]}: removed, for --max-gib")
        archive.expect(f"{oldest[1]}: removed, for --max-gib")
        assert archive.files() == [newest] and "removed" in archive.told().split("nothing is read")[0]
        resource.prlimit(archive.process.pid, resource.RLIMIT_FSIZE, before)
        archive.expect("can be written again")
        wait_until("what waited", lambda: len(archive.of("signal")) == 11, context=archive.told)
        assert archive.gaps() == []


def test_a_stream_of_another_type_is_told_once(rig):
    rig.db.set(DECISIONS, "x")
    with Archive(rig) as archive:
        archive.expect(f"{DECISIONS}: WRONGTYPE")
        write(rig, 5)
        wait_until("the others", lambda: len(archive.of("signal")) == 5, context=archive.told)
        rig.db.delete(DECISIONS)
        archive.expect(f"{DECISIONS} can be read again")
        decide(rig, "BTCUSDT")
        archive.expect_kept()
        assert archive.told().count("WRONGTYPE") == 1


# --- what is refused


def test_two_writers(rig):
    with Archive(rig) as archive:
        archive.expect("begins")
        expect_refused(1, "another one writes an archive there", "archive", archive.folder, url=rig.redis.url)


def test_an_archive_of_other_streams(rig):
    write(rig)
    with Archive(rig) as archive:
        archive.expect_kept()
        archive.stop()
        done = ctl("--prefix=other:", "archive", archive.folder, url=rig.redis.url)
        assert done.returncode == 1 and "holds an archive of other streams" in done.stderr


@pytest.mark.parametrize("make, said", [(os.mkfifo, "it is a folder, a pipe"), (os.mkdir, "it is a folder, a pipe")], ids=["pipe", "folder"])
def test_what_is_no_file_is_refused(rig, make, said):
    """And nobody waits for it."""
    (rig.folder / "a").mkdir()
    make(rig.folder / "a/20260119.qra")
    expect_refused(1, said, "archive", rig.folder / "a", url=rig.redis.url)
    expect_refused(1, said, "replay", f"--archive={rig.folder}/a", url=rig.redis.url)


def test_a_link_is_not_written_to(rig):
    """Who may make one there would have another's file overwritten."""
    (rig.folder / "a").mkdir()
    (rig.folder / "precious").write_text("precious")
    (rig.folder / "a/20260119.qra").symlink_to(rig.folder / "precious")
    expect_refused(1, "is a link", "archive", rig.folder / "a", url=rig.redis.url)
    assert (rig.folder / "precious").read_text() == "precious"


def test_what_is_called_as_no_day_is_none_of_its_files(rig):
    write(rig)
    (rig.folder / "a").mkdir()
    (rig.folder / "a/99999999.qra").write_bytes(b"")
    with Archive(rig, folder=rig.folder / "a") as archive:
        archive.expect_kept()
    assert (rig.folder / "a/99999999.qra").read_bytes() == b""


def test_a_folder_that_cannot_be(rig):
    (rig.folder / "file").write_text("")
    expect_refused(1, "Not a directory", "archive", rig.folder / "file", url=rig.redis.url)
    expect_refused(1, "no/where: the folder to make it in is not there", "archive", rig.folder / "no/where", url=rig.redis.url)


@pytest.mark.parametrize(
    "words, said",
    [
        ([], "DIR"),
        (["a", "b"], "'b' is not expected"),
        (["a", "--every=0"], "--every: .*out of range"),
        (["a", "--max-gib=-1"], "--max-gib: .*out of range"),
        (["a", "--executor-config=/nowhere"], "/nowhere"),
    ],
)
def test_wrong_usage(words, said):
    expect_refused(2, said, "archive", *words)


def test_it_ends_within_a_second(rig):
    with Archive(rig) as archive:
        archive.expect("begins")
        archive.stop()


def test_a_stop_at_its_first_word_is_one(rig):
    """It says that it begins to a reader who does not take it in yet, and by then it can be told to stop."""
    ours, theirs = os.pipe()
    os.set_blocking(theirs, False)
    with pytest.raises(BlockingIOError):
        while True:
            os.write(theirs, b"." * 4096)
    os.set_blocking(theirs, True)
    folder = rig.folder / "archive"
    command = [*program("quantumctl", bare=True), "archive", folder]  # valgrind handles every signal itself
    process = spawn(command, theirs, subprocess.DEVNULL, clean_environment({"REDIS_URL": rig.redis.url}))
    os.close(theirs)
    try:
        wait_until("it is there", folder.is_dir)
        wait_until("it can be told to stop", lambda: catches(process, signals.SIGTERM), 10)
    finally:
        kill_hard(process)
        os.close(ours)


def test_nobody_hears_it(rig):
    """A pipe whose reader has left ends it."""
    write(rig)
    process = subprocess.Popen(
        [*program("quantumctl"), "archive", rig.folder / "a"],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env=clean_environment({"REDIS_URL": rig.redis.url}),
    )
    try:
        assert process.stdout.readline().endswith(b"begins\n")
    finally:
        process.stdout.close()
        kill_hard(process)
