"""quantumctl drain: which of what it drains become dead letters, and what names these."""

import re

import pytest

from harness.ctl import ctl, must
from harness.drain import FAST, actions, aged, drain, make_group, must_say, settled
from harness.names import DEAD_LETTERS, INTENTS



def broken(rig):
    """What neither an executor nor a drain can read, for the same reasons."""
    return [aged(rig, 0, symbol=None), {"payload": "{bad", "reason": "mine"}, {"payload": "[]", "count": "9"},
            {f"f{n}": "x" for n in range(70)}]  # fmt: skip


def test_dead_letters_are_those_of_an_executor(rig):
    entries = broken(rig)
    rig.set_open(0)
    executor = rig.start_paper()
    rig.must_intend(*entries)
    rig.expect_settled()
    executor.terminate()
    wanted = [(list(dead_letter), {**dead_letter, "intent_id": ""}) for dead_letter in rig.dead_letters()]
    rig.db.delete(DEAD_LETTERS, INTENTS)
    make_group(rig)
    ids = rig.must_intend(*entries)
    assert drain(rig, *FAST)["dead_letters"] == len(wanted) == 4
    assert [(list(dead_letter), {**dead_letter, "intent_id": ""}) for dead_letter in rig.dead_letters()] == wanted
    assert [dead_letter["intent_id"] for dead_letter in rig.dead_letters()] == ids


def test_dlq_handles_them(rig):
    make_group(rig)
    ids = rig.must_intend(*broken(rig)[:3])
    drain(rig, *FAST)
    dead_letters = [id for id, _ in rig.db.xrange(DEAD_LETTERS)]
    listed = must(rig, "dlq", "list")
    assert re.search(rf"^{dead_letters[0]} +\S+ +0 +- +symbol *$", listed, re.MULTILINE) and listed.endswith("\n3 dead letters\n")
    assert f"the intent {ids[1]}\n" in must(rig, "dlq", "show", dead_letters[1])
    must(rig, "dlq", "redrive", dead_letters[1], "--mode=live")
    again = rig.db.xrange(INTENTS)[-1][1]
    assert (again["payload"], again["reason"], again["replay_of"]) == ("{bad", "mine", ids[1])
    must(rig, "dlq", "drop", dead_letters[0], "--mode=live")
    assert [dead_letter["intent_id"] for dead_letter in rig.dead_letters()] == [ids[2]]


def test_dead_letters_have_the_executors_name_and_length(rig):
    make_group(rig)
    rig.must_intend(*[{"payload": "{"}] * 700)
    file = rig.folder / "executor.conf"
    file.write_text('keys: { letters = "the:dead"; };\nletters: { maxlen = 100; };\n')
    told = "to the:dead, which keeps about 100 (quantumctl dlq list).\n"
    assert f"\nDead letters: 700 would be written {told}" in must_say(rig, f"--executor-config={file}")
    said = must_say(rig, *FAST, f"--executor-config={file}")
    assert f"\nDead letters: 700 were written {told}" in said and 100 <= rig.db.xlen("the:dead") <= 200
    assert rig.db.exists(DEAD_LETTERS) == 0


def test_other_streams_have_no_dead_letters(rig):
    """Redriven, they would come into the intents, of which they never were."""
    rig.db.xgroup_create("s", "g", id="0", mkstream=True)
    rig.db.xadd("s", aged(rig, 0, confidence=None))
    other = ["--stream=s", "--consumer-group=g"]
    assert drain(rig, *other)["dead_letters"] == 0
    report = drain(rig, *FAST, *other)
    assert (report["filtered_invalid"], report["dead_letters"], report["lag_after"]) == (1, 0, 0)
    assert list(actions(rig).values()) == ["dropped_invalid"] and rig.db.exists(DEAD_LETTERS) == 0


def test_it_is_the_executor_who_names_its_intents(rig):
    make_group(rig)
    rig.must_intend({"payload": "{"})
    rig.db.xgroup_create("s", "g", id="0", mkstream=True)
    rig.db.xadd("s", {"payload": "{"})
    file = rig.folder / "executor.conf"
    file.write_text('keys: { intents = "s"; };\n')
    named = f"--executor-config={file}"
    assert drain(rig, *FAST, named)["dead_letters"] == 0 and rig.db.exists(DEAD_LETTERS) == 0
    assert drain(rig, *FAST, named, "--stream=s", "--consumer-group=g")["dead_letters"] == len(rig.dead_letters()) == 1


def test_what_an_executor_has_judged_is_no_dead_letter_again(rig):
    make_group(rig)
    rig.must_intend(*broken(rig))
    drain(rig, *FAST)
    report = drain(rig, *FAST, "--from-start")
    assert (report["filtered_invalid"], report["dead_letters"], len(rig.dead_letters())) == (4, 0, 4)


UNSOUND = [("guards: { begun_max = 0; };\n", "guards.begun_max"), ('keys: { letters = "the:dead"\n', "never closed"),
           ('prefix = 7;\n', "prefix")]  # fmt: skip


@pytest.mark.parametrize("conf, said", UNSOUND, ids=lambda value: value[:12])
def test_an_executors_file_that_is_not_sound(rig, conf, said):
    """It stops what may write dead letters, says how to go on, and does not stop the rest."""
    make_group(rig)
    rig.must_intend({"payload": "{"})
    file = rig.folder / "executor.conf"
    file.write_text(conf)
    for mode in ([], FAST):
        done = ctl("drain", *mode, f"--executor-config={file}", url=rig.redis.url)
        lines = done.stderr.splitlines()
        assert (done.returncode, done.stdout) == (2, "") and len(lines) >= 2 and said in lines[0], done
        assert lines[-1].endswith("; --executor-config=/dev/null takes the usual names")
    assert settled(rig) == (0, 1) and rig.db.keys() == [INTENTS]
    assert drain(rig, *FAST, "--from-start", f"--executor-config={file}")["total_processed"] == 1
    assert drain(rig, *FAST, "--executor-config=/dev/null")["dead_letters"] == len(rig.dead_letters()) == 1


def test_an_unsound_file_does_not_stop_the_drain_of_another_stream(rig):
    """Where it still says which stream the executor's is."""
    rig.db.xgroup_create("s", "g", id="0", mkstream=True)
    rig.db.xadd("s", {"payload": "{"})
    file = rig.folder / "executor.conf"
    flags = [*FAST, "--stream=s", "--consumer-group=g", f"--executor-config={file}"]
    file.write_text(UNSOUND[1][0])
    assert ctl("drain", *flags, url=rig.redis.url).returncode == 2
    file.write_text(UNSOUND[0][0])
    assert drain(rig, *flags)["total_processed"] == 1


def test_an_executors_variable_that_is_not_sound(rig):
    make_group(rig)
    rig.must_intend({"payload": "{"})
    wrong = {"url": rig.redis.url, "EXEC_CONCURRENCY": "many"}
    done = ctl("drain", **wrong)
    assert done.returncode == 2 and "EXEC_CONCURRENCY" in done.stderr and "--executor-config=/dev/null takes" in done.stderr
    assert ctl("drain", "--executor-config=/dev/null", **wrong).returncode == 0
    assert ctl("drain", "--summary", **wrong).returncode == 0
