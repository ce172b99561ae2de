"""What is real, estimated and unknown adds up to what was published, wherever report and replay say it."""

import html
import json
import re

import pytest
from harness.ctl import ctl
from harness.market import BEGIN_MS, DAY_MS, MINUTE_MS
from harness.what_if import COST, World, live_of

POLICY = "--set=capacity.max_new_per_cycle=3"
COMMANDS = {"report": ["--since=2026-01-19"], "replay": [POLICY]}


@pytest.fixture
def folder(rig, tmp_path):
    """Some closed, some still open, and of some of these there are no prices."""
    made = World(tmp_path / "w", live_of(rig))
    for n in range(60):
        at = BEGIN_MS + n // 10 * DAY_MS + (n % 10 + 1) * 60 * MINUTE_MS
        made.decide(at, (10, -10, 5), closes=n % 3 != 0, prices=n % 6 != 0)
    return made.write()


def told(command, folder, *words):
    done = ctl(command, f"--archive={folder}", f"--cost-bps={COST}", *COMMANDS[command], *words)
    assert (done.returncode, done.stderr) == (0, ""), done
    return done.stdout


def page(command, folder, tmp_path):
    """Without what is no text."""
    path = tmp_path / f"{command}.html"
    assert told(command, folder, f"--html={path}") == ""
    body = re.sub(r"<(style|svg).*?</\1>", " ", path.read_text(), flags=re.DOTALL)
    return " ".join(html.unescape(re.sub(r"<[^>]*>", " ", body)).split())


def numbers(pattern, text):
    found = re.search(pattern, " ".join(text.split()))
    assert found, text
    return [int(number) for number in found.groups()]


def test_of_a_report(folder, tmp_path):
    document = json.loads(told("report", folder, "--json"))
    parts = [document[name] for name in ("real", "estimated", "unknown")]
    assert parts == [80, 20, 20] and document["published"] == 120
    assert numbers(r"(\d+) published .* (\d+) real, (\d+) estimated, (\d+) unknown", told("report", folder)) == [120, *parts]
    assert numbers(r"(\d+) is real, (\d+) estimated, (\d+) unknown", page("report", folder, tmp_path)) == parts


def test_of_a_replay(folder, tmp_path):
    """Of the policy too: what it shares with the live one, and what it has alone."""
    document = json.loads(told("replay", folder, "--json"))
    rows = [document[name][part] for name in ("real", "estimated", "unknown") for part in ("both", "only_live", "only_variant")]
    assert rows == [80, 0, 0, 20, 0, 50, 20, 0, 10]
    assert [document["published_live"], document["published_variant"]] == [sum(rows[0::3]) + sum(rows[1::3]), sum(rows[0::3]) + sum(rows[2::3])]
    table = r"real (\d+) (\d+) (\d+) estimated (\d+) (\d+) (\d+) unknown (\d+) (\d+) (\d+)"
    text = told("replay", folder)
    assert numbers(table, text) == rows and numbers(r"published live (\d+), it (\d+)", text) == [120, 180]
    assert numbers(table, page("replay", folder, tmp_path)) == rows
