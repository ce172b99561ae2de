"""The log words: the journal's catalog has those with an id, the documents' tables of log words the rest."""

import re

from markdown import rows

ENTRY = re.compile(r"^# (\w+)\n-- \w+\n((?:(?!# \w+\n-- ).*\n?)*)", re.MULTILINE)
SUBJECT = re.compile(r"^Subject: (.*)$", re.MULTILINE)
HEADER = re.compile(r"^(?:Subject|Defined-By|Documentation): .*\n", re.MULTILINE)


def of_catalog(text):
    """(word, paragraphs), the subject first."""
    for word, body in ENTRY.findall(text):
        paragraphs = HEADER.sub("", body).strip().split("\n\n")
        yield word, [SUBJECT.search(body)[1] + ".", *(" ".join(part.split()) for part in paragraphs)]


def of_document(text, known):
    """(words, what they mean, what to do) of the rows of which the catalog has not all."""
    for cell, *told in rows(text, "log word"):
        words = re.findall("`([^`]+)`", cell)
        if not {as_field(word) for word in words} <= known:
            yield words, told


def as_field(word):
    """As QUANTUM_EVENT has it."""
    return re.sub("[^A-Z0-9]+", "_", word.upper()).strip("_")
