"""Alert rules and dashboard, against what running services export, and with Prometheus' own tools."""

import json
import re
import subprocess
from collections import defaultdict

import pytest

from harness.executor import intent
from harness.names import EXECUTORS, GROUP, INTENTS, SAFE_MODE, SIGNALS
from harness.page import Page
from harness.prometheus import SHIPPED, Prometheus
from harness.redis import free_port
from harness.rig import Rig
from harness.signals import signal
from harness.waiting import wait_until

RULES = SHIPPED / "quantum.rules.yml"
DASHBOARD = json.loads((SHIPPED / "quantum.dashboard.json").read_text())
SEVERITIES = {"critical", "warning", "info"}
ROWS = ["Signals and decisions", "Capacity", "Streams", "Executor", "Process"]

SAMPLE = re.compile(r"^(\w+)(?:\{(.*)\})? \S+$", re.MULTILINE)
LABEL = re.compile(r'(\w+)="([^"]*)"')
SELECTOR = re.compile(r"\b((?:quantum|process)_\w+|up\b)(?:\{([^}]*)\})?")
MATCHER = re.compile(r'(\w+)\s*(=~|!~|!=|=)\s*"([^"]*)"')
GROUPING = re.compile(r"\b(?:by|without|on|ignoring)\s*\(([^)]*)\)")
TARGET_LABELS = {"job", "instance"}  # Prometheus' own


def promtool(*words):
    return subprocess.run(["promtool", *words], cwd=SHIPPED, capture_output=True, text=True)


@pytest.mark.parametrize(
    "words",
    [
        ("check", "rules", "--lint=all", "--lint-fatal", "quantum.rules.yml"),
        ("check", "config", "--lint=all", "--lint-fatal", "prometheus.yml"),
        ("test", "rules", "quantum.tests.yml"),
    ],
    ids=" ".join,
)
def test_promtool_passes(words):
    result = promtool(*words)
    assert result.returncode == 0 and "SUCCESS" in result.stdout, result.stdout + result.stderr


# --- a router and an executor at work, and a Prometheus that scrapes both


@pytest.fixture(scope="module")
def world():
    """With something in every series: trades, dead letters, what is invalid, pending, and lost."""
    ports = {"quantum-router": free_port(), "quantum-executor": free_port()}
    patient = "--strays.claim_idle_ms=10000000"  # what others leave pending stays so
    with Rig() as rig:
        rig.redis.start()
        rig.set_open(0)
        rig.start_router(patient, METRICS_LISTEN=f"127.0.0.1:{ports['quantum-router']}")
        busy = ["--paper.hold_sec=0.3", "--guards.global_rate_max=100000", "--guards.symbol_rate_max=1000"]
        rig.start_paper(patient, *busy, METRICS_LISTEN=f"127.0.0.1:{ports['quantum-executor']}")
        rig.pages = [Page(port) for port in ports.values()]
        for page in rig.pages:
            page.expect_ready(200, "role=leader")
        rig.prometheus = Prometheus(rig.folder, ports)
        rig.feeder = rig.feed(feed_both(rig), 0.05)
        leave_pending(rig, INTENTS, EXECUTORS, intent("AUSDT"))
        leave_pending(rig, SIGNALS, GROUP, signal(confidence=0.1))
        try:
            with rig.feeder:
                yield rig
        finally:
            rig.prometheus.close()


def leave_pending(rig, stream, group, entry):
    """An entry of somebody who was given it and died."""

    def try_it():
        pipe = rig.db.pipeline(transaction=True)
        pipe.xadd(stream, entry)
        pipe.xreadgroup(group, "dead", {stream: ">"})
        return pipe.execute()[1]

    wait_until(f"an entry of {stream} that is pending", try_it)


def feed_both(rig):
    """Signals, each tenth invalid; and now and then an intent that is none."""

    def make(number):
        if number % 10 == 0:
            rig.db.xadd(INTENTS, intent("!"))
            return signal("!")
        return signal(f"S{number % 50}USDT", confidence=0.76 + number % 20 / 100, entry_price=50000)

    return make


@pytest.fixture(scope="module")
def exported(world):
    """Of each sample its labels, and of these their values."""
    found = defaultdict(lambda: defaultdict(set))

    def look():
        for page in world.pages:
            for name, labels in SAMPLE.findall(page.text()):
                for label, value in [("", ""), *LABEL.findall(labels)]:
                    found[name][label].add(value)
        late = {"quantum_router_last_publish_timestamp_seconds", "quantum_executor_last_execution_timestamp_seconds"}
        late |= {f"quantum_{who}_stream_group_oldest_pending_age_seconds" for who in ("router", "executor")}
        return late <= found.keys() and "quantum_executor_positions" in found

    wait_until("all that services export", look, context=world.told)
    found["up"][""].add("")
    return found


def problems(expression, exported):
    """What an expression asks for that nobody exports."""
    known = set(TARGET_LABELS)
    for name, matchers in SELECTOR.findall(expression):
        if name not in exported:
            yield f"{name} is not exported"
        known |= exported[name].keys() if name in exported else set()
        for label, _, value in MATCHER.findall(matchers):
            if label in TARGET_LABELS:
                continue
            for one in value.split("|"):
                if one not in exported.get(name, {}).get(label, ()):
                    yield f'{name} has no {label}="{one}"'
    for labels in GROUPING.findall(expression):
        for label in filter(None, map(str.strip, labels.split(","))):
            if label not in known | {"le"}:
                yield f"nothing has the label {label}"


def panels():
    return [panel for panel in DASHBOARD["panels"] if panel["type"] != "row"]


def targets():
    return [(panel, target) for panel in panels() for target in panel["targets"]]


def test_problems_are_found():
    exported = {"quantum_a": {"": {""}, "state": {"ok", "full"}}}
    assert not list(problems('sum by (job, state) (rate(quantum_a{state=~"ok|full",job="x"}[5m])) > 1', exported))
    for wrong in ("quantum_b > 1", 'quantum_a{state="open"}', 'quantum_a{state=~"ok|gone"}', 'quantum_a{zone="ok"}',
                  "sum by (zone) (quantum_a)", "up == 0"):
        assert len(list(problems(wrong, exported))) == 1, wrong


def test_everything_that_is_asked_for_is_exported(world, exported):
    rules = world.prometheus.rules()
    expressions = [rule["query"] for rule in rules] + [target["expr"] for _, target in targets()]
    expressions += [variable["definition"] for variable in DASHBOARD["templating"]["list"] if variable["type"] == "query"]
    assert len(rules) > 15 and len(expressions) > 80
    wrong = {problem for expression in expressions for problem in problems(expression, exported)}
    assert not wrong
    check_legends(exported)


def check_legends(exported):
    """They show labels that there are."""
    for panel, target in targets():
        names = [name for name, _ in SELECTOR.findall(target["expr"])]
        for label in re.findall(r"\{\{(\w+)\}\}", target["legendFormat"]):
            grouped = [labels for labels in GROUPING.findall(target["expr"]) if label in labels]
            plain = not GROUPING.search(target["expr"]) and not re.search(r"\b(?:sum|max)\(", target["expr"])
            assert grouped or plain, f"{panel['title']}: {label} is summed away"
            assert label in TARGET_LABELS or any(label in exported[name] for name in names), panel["title"]


def test_every_panel_shows_something(world, exported):
    """Prometheus takes every expression, and has data for it."""
    both = "label_replace(up == 1, 'who', '$1', 'job', 'quantum-(.*)')"
    wait_until("both are scraped", lambda: len(world.prometheus.query(both)) == 2)
    instances = {series["who"]: series["instance"] for series in world.prometheus.query(both)}

    def shows(expression):
        for name, value in {"$router": instances["router"], "$executor": instances["executor"],
                            "$__rate_interval": "10s", "$__range": "10m"}.items():
            expression = expression.replace(name, value)
        assert "$" not in expression
        return world.prometheus.query(expression)

    for panel, target in targets():
        wait_until(f"data for {panel['title']}: {target['expr']}", lambda: shows(target["expr"]))


def test_alerts_fire_for_real_services(world, exported):
    """A dead letter and safe mode, as Prometheus sees them; and none of those that mean harm."""

    def alerts():
        return {series["alertname"] for series in world.prometheus.query('ALERTS{alertstate="firing"}')}

    wait_until("the alert of dead letters", lambda: "QuantumDeadLetters" in alerts())
    assert "QuantumSafeMode" not in alerts()
    world.db.set(SAFE_MODE, "1")
    wait_until("the alert of safe mode", lambda: "QuantumSafeMode" in alerts())
    world.db.delete(SAFE_MODE)
    wait_until("it goes", lambda: "QuantumSafeMode" not in alerts())
    assert alerts() <= {"QuantumDeadLetters"}


# --- what rules must have


def test_every_alert_is_explained_and_tested(world):
    tests = (SHIPPED / "quantum.tests.yml").read_text()
    blocks = dict(re.findall(r"  - name: (\w+)\n(.*?)(?=\n  - name: |\Z)", tests, re.DOTALL))

    def evaluated():
        return all(rule["health"] != "unknown" for rule in world.prometheus.rules())

    wait_until("every rule is evaluated", evaluated)
    rules = world.prometheus.rules()
    assert {rule["name"] for rule in rules} == blocks.keys() - {"Annotations"}
    for rule in rules:
        name, block = rule["name"], blocks[rule["name"]]
        assert rule["health"] == "ok", rule
        assert rule["labels"]["severity"] in SEVERITIES, name
        assert rule["annotations"].keys() == {"summary", "description"} and all(rule["annotations"].values()), name
        fired = re.findall(r"labels: 'ALERTS\{(.*)\}'", block)
        assert f'ALERTS{{alertname="{name}", alertstate="firing"}}' in block and fired, f"{name} never fires in a test"
        firing = {place(labels) for labels in fired}
        all_series = {place(labels) for _, labels in SELECTOR.findall(block)} - {frozenset()}
        assert {one for one in all_series if not any(one >= other for other in firing)}, f"{name} always fires in its test"
        for label in re.findall(r"\$labels\.(\w+)", " ".join(rule["annotations"].values())):
            assert all(label in dict(LABEL.findall(labels)) for labels in fired), f"{name} has no {label} to show"


def place(labels):
    """Whose series it is."""
    return frozenset((label, value) for label, value in LABEL.findall(labels) if label in TARGET_LABELS)


# --- what the dashboard must have


def test_dashboard_is_for_provisioning():
    assert DASHBOARD["uid"] == "quantum-router" and "id" not in DASHBOARD and "__inputs" not in DASHBOARD
    assert [panel["title"] for panel in DASHBOARD["panels"] if panel["type"] == "row"] == ROWS
    variables = {variable["name"]: variable for variable in DASHBOARD["templating"]["list"]}
    assert variables["datasource"]["type"] == "datasource" and variables["datasource"]["query"] == "prometheus"
    text = json.dumps(DASHBOARD)
    used = set(re.findall(r"\$\{?(\w+)", text)) - {"__rate_interval", "__range", "__all"}
    assert used == variables.keys()
    assert set(re.findall(r'"uid": "([^"]*)"', text)) == {"quantum-router", "${datasource}"}


def test_panels_are_readable():
    ids = [panel["id"] for panel in DASHBOARD["panels"]]
    assert len(ids) == len(set(ids))
    titles = [panel["title"] for panel in panels()]
    assert len(titles) == len(set(titles)) > 30
    for panel in panels():
        assert panel["description"] and panel["fieldConfig"]["defaults"]["unit"], panel["title"]
        references = [target["refId"] for target in panel["targets"]]
        assert references and len(references) == len(set(references)), panel["title"]


def test_panels_do_not_lie_over_each_other():
    taken = {}
    for panel in DASHBOARD["panels"]:
        grid = panel["gridPos"]
        assert grid["x"] + grid["w"] <= 24 and grid["w"] >= 4 and grid["h"] >= 1, panel["title"]
        for x in range(grid["x"], grid["x"] + grid["w"]):
            for y in range(grid["y"], grid["y"] + grid["h"]):
                assert (x, y) not in taken, f"{panel['title']} lies over {taken.get((x, y))}"
                taken[x, y] = panel["title"]
