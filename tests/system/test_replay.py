"""quantumctl replay: every record decided again, and the chain of them."""

import json
import subprocess

import pytest

from harness.archive import Archive
from harness.ctl import ctl, expect_refused, must
from harness.names import DECISIONS, INTENTS, SETTINGS
from harness.process import BUILD
from harness.signals import signal
from harness.terminal import on_terminal


def replay(rig, *words, status=0):
    done = ctl("replay", "--json", *words, url=rig.redis.url)
    assert (done.returncode, done.stderr) == (status, ""), done
    found = json.loads(done.stdout)
    assert found["v"] == 1 and found["records"] == sum(
        found[name] for name in ("identical", "cut_short", "not_comparable", "differ")
    )
    return found


def counts(found):
    return tuple(found[name] for name in ("records", "identical", "cut_short", "not_comparable", "differ", "chain"))


def generate(rig, count, candidates=8, seed=1):
    """Records by chance, each naming the one before it."""
    words = [rig.redis.socket, DECISIONS, SETTINGS, str(count), str(candidates), str(seed)]
    subprocess.run([BUILD / "bench-records", *words], check=True)
    return [id for id, _ in rig.db.xrange(DECISIONS)]


def write_again(rig, change):
    """The records once more, of which `change` makes others: a list of (id, fields)."""
    records = change(rig.db.xrange(DECISIONS))
    rig.db.delete(DECISIONS)
    for id, fields in records:
        rig.db.xadd(DECISIONS, fields, id=id)


def with_field(records, at, **changes):
    records[at] = (records[at][0], {**records[at][1], **changes})
    return records


# --- what a router wrote


def test_what_a_router_decided_is_decided_again(rig):
    rig.start_open_router(1)
    for confidence in (0.95, 0.93, 0.91):
        rig.must_write(signal("BTCUSDT", confidence=confidence), signal("ETHUSDT"), signal("SOLUSDT", "SELL", 0.8))
        rig.expect_drained()
    rig.close_routers()
    found = replay(rig)
    assert found["records"] >= 3 and found["identical"] == found["records"] and found["chain"] == "whole"
    assert found["intents_compared"] == rig.db.xlen(INTENTS) > 0 and found["intents_gone"] == 0
    lines = must(rig, "replay").splitlines()
    number = found["records"]
    assert lines[:2] == [f"{number} records: {number} identical, 0 cut short, 0 not comparable, 0 differ", "chain: whole"]


def test_a_size_that_was_published_otherwise_differs(rig):
    rig.start_open_router(1)
    rig.must_write(signal("BTCUSDT"))
    rig.expect_drained()
    rig.close_routers()
    [(id, fields)] = rig.db.xrange(INTENTS)
    payload = json.loads(fields["payload"])
    rig.db.delete(INTENTS)
    rig.db.xadd(INTENTS, {**fields, "payload": json.dumps({**payload, "position_size_usd": 131.0})}, id=id)
    found = replay(rig, status=1)
    assert found["differ"] == 1
    said = found["first_difference"]["difference"]
    assert said == "intent of rank 1: position_size_usd 131 was published, and is 130"
    rig.db.delete(INTENTS)
    found = replay(rig)
    assert (found["identical"], found["intents_compared"], found["intents_gone"]) == (1, 0, 1)
    assert "also compared with 0 intents; 1 is no longer in the stream" in must(rig, "replay")


def test_sizes_are_compared_without_their_intents(rig):
    rig.start_open_router(1)
    rig.must_write(signal("BTCUSDT"))
    rig.expect_drained()
    rig.close_routers()
    rig.db.delete(INTENTS)
    [(_, fields)] = rig.db.xrange(DECISIONS)
    assert fields["sizes"] == "130 1.3"
    write_again(rig, lambda records: with_field(records, 0, sizes="131 1.3"))
    said = replay(rig, status=1)["first_difference"]["difference"]
    assert said == "intent of rank 1: size 131, factor 1.3 was recorded, and is 130, 1.3"
    write_again(rig, lambda records: [(id, {name: fields[name] for name in fields if name != "sizes"}) for id, fields in records])
    assert counts(replay(rig)) == (1, 1, 0, 0, 0, "whole")


def test_there_is_nothing_to_decide(rig):
    assert counts(replay(rig)) == (0, 0, 0, 0, 0, "whole")
    assert must(rig, "replay").startswith("0 records: 0 identical, 0 cut short, 0 not comparable, 0 differ\n")


# --- which of them


def test_only_some_of_them(rig):
    ids = generate(rig, 300)
    assert counts(replay(rig)) == (300, 300, 0, 0, 0, "whole")
    assert replay(rig, f"--from={ids[290]}")["records"] == 10
    assert replay(rig, "--since=1s")["records"] == 0
    rig.db.xdel(DECISIONS, ids[290])
    found = replay(rig, f"--from={ids[291]}", status=1)  # what stands before the first one counts for the chain
    assert found["records"] == 9 and found["broken_at"] == ids[291]


@pytest.mark.parametrize(
    "words, said",
    [
        (["--since=soon"], "--since=soon"),
        (["--from=5"], "--from=5 is no id of a record"),
        (["--since=1h", "--from=5-0"], "--since and --from both say where to begin"),
        (["more"], "more"),
        (["--core=2"], "core"),
    ],
)
def test_wrong_usage(words, said):
    expect_refused(2, said, "replay", *words)


# --- records that are not as they were written


FORGERIES = {
    "fate": lambda rows: rows.replace(" outranked ", " published ", 1),
    "score": lambda rows: rows.replace(" 0.9", " 0.8", 1),
    "order": lambda rows: "\n".join(reversed(rows.split("\n"))),
}


@pytest.mark.parametrize("forgery", FORGERIES)
def test_a_forged_row_differs_and_breaks_the_chain(rig, forgery):
    ids = generate(rig, 12)
    records = rig.db.xrange(DECISIONS)
    at = next(i for i, (_, fields) in enumerate(records) if FORGERIES[forgery](fields["rows"]) != fields["rows"])
    write_again(rig, lambda records: with_field(records, at, rows=FORGERIES[forgery](records[at][1]["rows"])))
    found = replay(rig, status=1)
    assert counts(found) == (12, 11, 0, 0, 1, "broken")
    assert found["first_difference"]["record"] == ids[at] and found["broken_at"] == ids[at + 1]
    done = ctl("replay", url=rig.redis.url)
    assert done.returncode == 1 and f"chain: broken at {ids[at + 1]}" in done.stdout
    assert f"first that differs: {ids[at]}, cycle 17-{at + 1}: " in done.stdout


def test_one_taken_out_doubled_or_moved_breaks_the_chain(rig):
    ids = generate(rig, 9)
    records = rig.db.xrange(DECISIONS)
    changes = {
        "taken out": lambda _: records[:4] + records[5:],
        "doubled": lambda _: records[:5] + [(ids[4][:-1] + "1", records[4][1])] + records[5:],
        "moved": lambda _: records[:4] + [(ids[4], records[5][1]), (ids[5], records[4][1])] + records[6:],
    }
    for change in changes.values():
        write_again(rig, change)
        found = replay(rig, status=1)
        assert (found["chain"], found["differ"]) == ("broken", 0)


def test_commits_without_a_record_are_gaps(rig):
    """A router of an older version led in between, or what it names was not known."""
    ids = generate(rig, 9)

    def skip(records):
        return with_field(with_field(records, 3, prev=""), 8, cycle_id="17-12")

    write_again(rig, skip)
    found = replay(rig, status=1)  # a forged number changes what the last one names, but not what stands before it
    assert (found["gaps"], found["first_gap"]) == (2, ids[3]) and found["broken_at"] == ids[4]
    rig.db.xtrim(DECISIONS, maxlen=1, approximate=False)
    assert counts(replay(rig)) == (1, 1, 0, 0, 0, "whole")


@pytest.mark.parametrize(
    "field, value, why",
    [
        ("v", "2", "a newer program wrote it, as version 2"),
        ("core", "7", "core 7 decided it"),
        ("world", "open=1", "its world has no sound"),
        ("rows", "forged", "its row 1 cannot be read"),
        ("rows_left", "", "its 'rows_left' is no sound number"),
        ("settings", "0" * 64, "the text of its settings, 000000000000…, is missing"),
        ("settings", "\x1b[31m", "it has no sound 'settings'"),
    ],
)
def test_what_cannot_be_compared_is_never_identical(rig, field, value, why):
    generate(rig, 5)
    write_again(rig, lambda records: with_field(records, 4, **{field: value}))
    found = replay(rig)
    assert counts(found) == (5, 4, 0, 1, 0, "whole")
    assert why in found["first_not_comparable"]["why"]
    assert "\x1b" not in must(rig, "replay")


def test_another_core_when_asked_for(rig):
    generate(rig, 5)
    write_again(rig, lambda records: with_field(records, 4, core="7"))
    assert replay(rig)["not_comparable"] == 1
    assert counts(replay(rig, "--any-core")) == (5, 5, 0, 0, 0, "whole")


def test_settings_that_are_not_those_of_their_digest(rig):
    generate(rig, 3)
    [digest] = rig.db.hkeys(SETTINGS)
    rig.db.hset(SETTINGS, digest, rig.db.hget(SETTINGS, digest).replace("max_open = 10", "max_open = 11"))
    found = replay(rig)
    assert found["not_comparable"] == 3 and "is not that of" in found["first_not_comparable"]["why"]
    rig.db.delete(SETTINGS)
    rig.db.set(SETTINGS, "no hash")
    found = replay(rig)
    assert found["not_comparable"] == 3 and "is missing" in found["first_not_comparable"]["why"]


def test_a_record_of_many_is_cut_short(rig):
    generate(rig, 2, candidates=1500)
    found = replay(rig)
    assert counts(found) == (2, 0, 2, 0, 0, "whole")
    write_again(rig, lambda records: with_field(records, 1, rows=records[1][1]["rows"].replace(" outranked ", " stale ", 1)))
    assert replay(rig, status=1)["differ"] == 1


def test_a_stream_of_another_type(rig):
    rig.db.set(DECISIONS, "text")
    expect_refused(1, "WRONGTYPE", "replay", url=rig.redis.url)


def test_entries_of_somebody_else(rig):
    generate(rig, 2)
    rig.db.xadd(DECISIONS, {"hello": "world"})
    rig.db.xadd(DECISIONS, {f"f{i}": "v" for i in range(100)})
    assert counts(replay(rig)) == (4, 2, 0, 2, 0, "gaps")


# --- out of an archive, without Redis

NO_REDIS = "unix:///nowhere/redis.sock"


def out_of(archive, *words, status=0):
    done = ctl("replay", "--json", f"--archive={archive.folder}", *words, url=NO_REDIS)
    assert (done.returncode, done.stderr) == (status, ""), done
    return json.loads(done.stdout)


def test_an_archive_is_decided_again(rig):
    rig.start_open_router(1)
    for confidence in (0.95, 0.93):
        rig.must_write(signal("BTCUSDT", confidence=confidence), signal("ETHUSDT"))
        rig.expect_drained()
    rig.close_routers()
    here = replay(rig)
    with Archive(rig) as archive:
        archive.expect_kept()
    rig.redis.kill()
    found = out_of(archive)
    assert counts(found) == counts(here) and found["identical"] == here["records"] >= 2
    assert (found["intents_compared"], found["intents_gone"]) == (0, 0)
    last = archive.of("decision")[-1][0]
    assert counts(out_of(archive, f"--from={last}")) == (1, 1, 0, 0, 0, "whole")
    expect_refused(1, "there is no archive in it", "replay", f"--archive={rig.folder}", url=NO_REDIS)


def test_what_was_forged_in_an_archive_differs_and_breaks_the_chain(rig):
    ids = generate(rig, 30)
    records = rig.db.xrange(DECISIONS)
    at = next(i for i, (_, fields) in enumerate(records) if FORGERIES["fate"](fields["rows"]) != fields["rows"])
    with Archive(rig) as archive:
        archive.expect_kept()
    assert counts(out_of(archive)) == (30, 30, 0, 0, 0, "whole")
    write_again(rig, lambda records: with_field(records, at, rows=FORGERIES["fate"](records[at][1]["rows"])))
    with Archive(rig) as forged:
        forged.expect_kept()
    found = out_of(forged, status=1)
    assert counts(found) == (30, 29, 0, 0, 1, "broken")
    assert (found["first_difference"]["record"], found["broken_at"]) == (ids[at], ids[at + 1])


# --- many


def test_on_a_terminal(rig):
    generate(rig, 4000)
    assert "4000 records: 4000 identical" in on_terminal(80, "replay", url=rig.redis.url)
