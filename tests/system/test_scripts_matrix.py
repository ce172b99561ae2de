"""Every script with each of its keys in turn of every wrong type and of every unsound value: what it says to that is in
a table (harness/script_case.py), it never fails midway, what it refuses it has not begun, and it goes on when the key is
as it should be."""

import re

import pytest
import redis

from harness.process import ROOT
from harness.script_faults import faults_of
from harness.script_source import script_source
from harness import script_rows_ctl, script_rows_executor, script_rows_router

CASES = [*script_rows_router.CASES, *script_rows_executor.CASES, *script_rows_ctl.CASES]

SCRIPTS = sorted(
    str(path.relative_to(ROOT))
    for folder in ("common", "router", "executor", "ctl")
    for path in (ROOT / folder).rglob("*.lua")
    if path.read_text().startswith("#!lua")
)
NAMED = re.compile(r"(\d+) (.+?)(?=,|  \d|$)")


def keys_said(path):
    """The names of its keys, as the head of the script has them."""
    said = []
    for line in (ROOT / path).read_text().split("-- KEYS  ", 1)[1].splitlines():
        line = line.removeprefix("--").strip()
        if line.startswith("ARGV"):
            break
        said += [name for _, name in NAMED.findall(line)]
    return said


def shown(reply):
    """As redis-cli would: "[done 7-0]", "(nil)"; an error begins with "-"."""
    if isinstance(reply, redis.ResponseError):
        return f"-{reply}"
    if isinstance(reply, list):
        return f"[{' '.join(map(shown, reply))}]"
    return "(nil)" if reply is None else reply.decode("latin-1") if isinstance(reply, bytes) else str(reply)


class World:
    def __init__(self, db, case):
        self.db, self.case = db, case
        self.script = script_source(case.script)
        self.keys = list(case.keys)

    def build(self):
        asked = self.db.pipeline(transaction=False)
        for command in [("FLUSHALL",), *self.case.world]:
            asked.execute_command(*command)
        asked.execute()

    def key(self, name):
        return self.case.keys[name].key

    def run(self):
        keys = [self.key(name) for name in self.keys]
        time = self.db.time()
        arguments = [str(argument(time[0]) if callable(argument) else argument) for argument in self.case.arguments]
        try:
            return shown(self.db.eval(self.script, len(keys), *keys, *arguments))
        except redis.ResponseError as error:
            return f"-{error}"

    def state(self):
        """Of every key what it holds, when it goes, and of a stream all of its groups."""
        keys = self.db.keys("*")
        asked = self.db.pipeline(transaction=False)
        for key in keys:
            asked.dump(key).execute_command("PEXPIRETIME", key)
            asked.execute_command("XINFO", "STREAM", key, "FULL", "COUNT", "0") # of another type: an error
        answers = asked.execute(raise_on_error=False)
        return {key.decode("latin-1"): (*answers[n : n + 2], str(answers[n + 2])) for n, key in zip(range(0, len(answers), 3), keys)}

    def repair(self, name, sound):
        key = self.key(name)
        self.db.delete(key)
        if key in sound:
            dump, expires, _ = sound[key]
            self.db.restore(key, max(expires, 0), dump, absttl=expires > 0)


def is_sound(case, said):
    return re.fullmatch(case.sound, said, re.DOTALL) is not None


def judge(world, name, word, said, before, after):
    """What is wrong with what it said, or None."""
    key = world.key(name)
    word, _, exactly = word.partition(": ")
    changed = {key for key in {*before, *after} if before.get(key) != after.get(key)}
    if "user_script" in said or "script:" in said:
        return "a script error"
    if word == "refused":
        wrong = not re.match(r"-|\[blocked ", said) or key not in said
    elif word == "halted":
        wrong = said != f"[{exactly}]" if exactly else is_sound(world.case, said)
        changed -= set(world.case.notes)
    elif word == "unknown":
        wrong = re.fullmatch(exactly or r"\[.*", said, re.DOTALL) is None
        changed -= set(world.case.notes)
    else:
        wrong = not is_sound(world.case, said)
        if word == "skipped" and key in changed:
            return "it is not left alone"
        if word == "repaired" and world.db.type(key).decode() != world.case.keys[name].kind:
            return "it is not repaired"
        changed = set()
    if wrong:
        return "another answer"
    return f"changed {', '.join(sorted(changed))}" if changed else None


def problems_with(world, name, fault, make):
    row = world.case.keys[name]
    word = row.word_for(fault)
    world.build()
    sound = world.state()
    make(world.db, row.key)
    before = world.state()
    said = world.run()
    after = world.state()
    place = f"{world.case.name}: {name} {fault}"
    if word is None:
        yield f"{place}: the table has no word for it; said {said[:200]}"
        return
    wrong = judge(world, name, word, said, before, after)
    if wrong:
        yield f"{place}: '{word}', but {wrong}; said {said[:200]}"
    elif word.startswith(("refused", "halted", "unknown")):
        world.repair(name, sound)
        said = world.run()
        if not is_sound(world.case, said):
            yield f"{place}: does not go on when it is repaired; said {said[:200]}"


@pytest.mark.parametrize("case", CASES, ids=[case.name for case in CASES])
def test_scripts_check_before_they_write(rig, case):
    world = World(rig.redis.raw, case)
    world.build()
    said = world.run()
    assert is_sound(case, said), said
    problems = []
    for name, row in case.keys.items():
        faults = faults_of(row.kind, row.special)
        assert not row.unknown(faults), f"{case.name}: {name}: {row.unknown(faults)}"
        for fault, make in faults.items():
            problems += problems_with(world, name, fault, make)
    assert not problems, "\n" + "\n".join(problems)


def test_every_script_and_key_has_its_row():
    assert sorted({case.script for case in CASES}) == SCRIPTS
    for case in CASES:
        assert list(case.keys)[: len(keys_said(case.script))] == keys_said(case.script), case.name
