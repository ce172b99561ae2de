"""Ids of events, the journal's catalog and what the programs log agree, each with each.

Whatever is logged as a warning or an error is for operators, and has an id; a field that the catalog shows is one
that every place logs that logs the event.
"""

import re
from collections import defaultdict

from source import without_comments

IDS = "common/log/log_ids.c"
CATALOG = "deploy/catalog/quantum.catalog"
OUTCOMES = "executor/decide/outcome.c"  # words in a table, logged by way of outcome_word()

ROW = re.compile(r'\{"(\w+)", "(\w*)"\}')
ENTRY = re.compile(r"^# (\w+)\n-- (\w+)\n((?:(?!# \w+\n-- ).*\n)*)", re.MULTILINE)
FUNCTION = re.compile(r"^[a-z_][^\n;]*?\b(\w+)\([^;{}]*\)\n\{\n(.*?)^\}", re.MULTILINE | re.DOTALL)
SITE = re.compile(r"\b(log_open|log_event|service_report_refused|event_append)(?=\()")
WORD_AT = {"log_open": 3, "log_event": 2, "service_report_refused": 1, "event_append": 1}
TOKEN = re.compile(r"\"(?:\\.|[^\"\\])*\"|[(),]|[^\"(),]+")
KEY = re.compile(r'\blog_(?:pair|field)\w*\(&?line,\s*"([^"]+)"')
HELPER = re.compile(r"\b(\w+)\(&?line\b")
FIELD = re.compile(r"@QUANTUM_(\w+)@")


def check(tree):
    yield from (f"tests/lint/catalog.py: {path} is not there" for path in (IDS, CATALOG, OUTCOMES) if path not in tree.paths)
    ids = ROW.findall(tree.text(IDS)) if IDS in tree.paths else []
    entries = ENTRY.findall(tree.text(CATALOG)) if CATALOG in tree.paths else []
    logged = events(tree)
    yield from check_ids(ids)
    yield from check_entries(ids, entries)
    yield from check_logged({word for word, _ in ids}, logged)
    for word, _, text in entries:
        for field in set(FIELD.findall(text)):
            for path, _, fields in logged.get(word, ()):
                if field not in fields:
                    yield f"{CATALOG}: {word} shows QUANTUM_{field}, which {path} does not log with it"


def check_ids(ids):
    words = [word for word, _ in ids]
    if words != sorted(set(words)):
        yield f"{IDS}: the words are not in order, or not unique"
    if len({id for _, id in ids}) < len(ids):
        yield f"{IDS}: two words share an id"
    for word, id in ids:
        if not re.fullmatch("[0-9a-f]{32}", id):
            yield f"{IDS}: {word} has an id that is none"


def check_entries(ids, entries):
    named = [(word, id) for word, id, _ in entries]
    for word, id in sorted(set(ids) - set(named)):
        yield f"{CATALOG}: no entry for {word} {id}"
    for word, id in sorted(set(named) - set(ids)):
        yield f"{CATALOG}: {word} {id} is not in {IDS}"
    if len(set(named)) < len(named):
        yield f"{CATALOG}: an entry comes twice"
    for word, _, text in entries:
        for part in ("Subject: ", "Defined-By: ", "Documentation: man:", "\nWhat to do: "):
            if part not in text:
                yield f"{CATALOG}: {word} has no {part.strip()}"


def check_logged(known, logged):
    for word in sorted(known - logged.keys()):
        yield f"{IDS}: nothing logs {word}"
    for word, sites in sorted(logged.items()):
        for path, levels, _ in sites:
            if word not in known and levels & {"WARN", "ERROR"}:
                yield f"{path}: {word} is for operators and has no id in {IDS}"


def events(tree):
    """The places that log an event: (path, levels, fields) by its word, as the journal has it."""
    sources = {path: without_comments(tree.text(path)) for path in tree.files(".c")
               if path.startswith(("common/", "router/", "executor/"))}
    helpers = {path: dict(FUNCTION.findall(text)) for path, text in sources.items()}
    outcomes = re.findall(r'"([A-Z_]+)"\},', sources.get(OUTCOMES, ""))
    refused = next((of["service_report_refused"] for of in helpers.values() if "service_report_refused" in of), "")
    found = defaultdict(list)
    for path, functions in helpers.items():
        for body in functions.values():
            starts = [site.start() for site in SITE.finditer(body)] + [len(body)]
            for start, end in zip(starts, starts[1:]):
                call, arguments = taken_apart(body[start:end])
                levels = set(re.findall(r"\bLEVEL_(\w+)", arguments[1] if call == "log_open" else arguments[0]))
                if call != "log_open" and call != "log_event":
                    levels = {"WARN"}
                words = re.findall('"([^"]+)"', arguments[WORD_AT[call]])
                if "outcome_word" in arguments[WORD_AT[call]]:
                    words, levels = outcomes, set()  # their level hangs on the outcome
                block = body[start:end] + (refused if call == "service_report_refused" else "")
                for word in words:
                    found[as_field(word)].append((path, levels, fields_of(block, functions)))
    return found


def taken_apart(text):
    """The name of the call that the text begins with, and its arguments."""
    name, rest = text.split("(", 1)
    depth, arguments = 0, [""]
    for token in TOKEN.findall(rest):
        if token == ")" and depth == 0:
            break
        depth += {"(": 1, ")": -1}.get(token, 0)
        if token == "," and depth == 0:
            arguments.append("")
        else:
            arguments[-1] += token
    return name, arguments


def fields_of(block, functions, depth=2):
    """What the block logs, and what the functions that it hands the line to log."""
    fields = {as_field(key) for key in KEY.findall(block)}
    for name in HELPER.findall(block) if depth else ():
        fields |= fields_of(functions.get(name, ""), functions, depth - 1)
    return fields


def as_field(text):
    return re.sub("[^A-Z0-9]+", "_", text.upper()).strip("_")
