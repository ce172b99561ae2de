"""What people and programs meet has one row in the documents, and no row explains what is not there.

The title of a table's first column says what the table explains, one of SUBJECTS, and the words in backticks in that column are
explained there, each once in all documents. A table with another title explains nothing.
"""

import re
from collections import defaultdict

import catalog
from source import readmes, without_comments

WORD = re.compile(r"`([^`]+)`")
LABELS = re.compile(r"\{.*\}$")

OPTION = re.compile(r'\.key = "([a-z_]+\.\w+)"')
OPTION_OF_KEYS = re.compile(r'^ +(?:KEY\(|KEY_ROW\(")(\w+)', re.MULTILINE)
CALL = re.compile(r"\b(?:json_pack|document_put)\(")
COUNT = re.compile(r'^ +\{(?:NULL|"[^"]+"), "(\w+)", ', re.MULTILINE)
LITERAL = re.compile(r'"(\w+)"')
MADE_WORDS = {"RANK_N"}  # its number is a part of it


def options(program):
    def of(tree):
        found = {"prefix"}
        for path in tree.files(".c", ".h"):
            if path.startswith((f"{program}/settings/", "common/")):
                text = tree.text(path)
                found |= {*OPTION.findall(text), *(f"keys.{name}" for name in OPTION_OF_KEYS.findall(text))}
        return found
    return of


def listed(pattern, *paths):
    """What the lists in these files name."""
    find = re.compile(pattern, re.MULTILINE).findall
    return lambda tree: {name for path in paths if path in tree.paths for name in find(tree.text(path))}


def metrics(path):
    """A service's own, and those of every service."""
    return listed(r'\.name = "(\w+)"', path, "common/service/service_metrics.c")


def numbered(pattern, path):
    """An enumeration from 0 on."""
    return lambda tree: {str(number) for names in listed(pattern, path)(tree) for number, _ in enumerate(names.split(","))}


def log_words(tree):
    return set(catalog.events(tree)) | MADE_WORDS


def members(tree):
    """Of the JSON documents; those of signals and intents, which quantumctl writes too, are of another kind."""
    found = set()
    for path in tree.files(".c"):
        if path.startswith("ctl/") and not path.startswith("ctl/write/"):
            text = without_comments(tree.text(path))
            found |= set(COUNT.findall(text))
            for call in CALL.finditer(text):
                _, arguments = catalog.taken_apart(text[call.start():])
                found |= {literal[1] for literal in map(LITERAL.fullmatch, map(str.strip, arguments)) if literal}
    return found


SUBJECTS = {
    "option of the router": options("router"),
    "option of the executor": options("executor"),
    "metric of the router": metrics("router/tell/metrics.c"),
    "metric of the executor": metrics("executor/tell/executor_metrics.c"),
    "log word": log_words,
    "fate": listed(r'\bFATE\(\w+, "(\w+)"', "router/decide/fate.h"),
    "outcome": listed(r'^    \[\w+\] = \{"(\w+)"', "executor/decide/outcome.c"),
    "drain's action": listed(r'\[DRAIN_\w+\] = "(\w+)"', "ctl/drain/decide/drain_filter.c"),
    "member": members,
    "exit status": listed(r"\bEXIT_[A-Z]+ = (\d)", "common/options/program.h"),
    "exit status of status": numbered(r"^enum severity \{ (.*) \};", "ctl/look/findings.h"),
    "exit status of deploy.sh": listed(r"(?:Exit status: |; )(\d)", "deploy/deploy.sh"),
}


def words_of(subject, cell):
    for word in WORD.findall(cell):
        word = LABELS.sub("", word)
        yield catalog.as_field(word) if subject == "log word" else word


def rows(tree):
    """(subject, word) with the places that explain it."""
    found = defaultdict(list)
    for path in tree.files(".md"):
        for table in readmes.tables(tree.text(path)):
            for line, cells in table.rows:
                for word in words_of(table.titles[0], cells[0]):
                    found[table.titles[0], word].append(f"{path}:{line}")
    return found


def check(tree):
    explained = rows(tree)
    for subject, source in SUBJECTS.items():
        words = source(tree)
        if not words:
            yield f"tests/lint/explained.py finds no {subject}"
        for word in sorted(words):
            places = explained.get((subject, word), ())
            if not places:
                yield f"no document explains {word}, {subject}"
            elif len(places) > 1:
                yield f"{places[1]}: {word}, {subject}, is explained in {places[0]} already"
        for known, word in sorted(explained):
            if known == subject and word not in words:
                yield f"{explained[known, word][0]}: there is no {subject} {word}"
