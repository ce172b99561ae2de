"""No work left open, no path of the machine that a file was written on, and no word that the glossary replaces."""

import re

from source import COMMENT_OR_LITERAL, blank, line_of

# Cut in two, so that the rule does not break itself.
OPEN_WORK = re.compile(r"\b(?:" + "|".join(("TO" "DO", "FIX" "ME", "XX" "X", "HA" "CK")) + r")\b")
MACHINE_PATH = re.compile("/(?:" + "|".join(("wo" "rk", "ro" "ot", "fa" "rm")) + ")/")

GLOSSARY = "CONTRIBUTING.md"
TERM = re.compile(r"^\| ([^|`]+) \|[^|]*\| ((?:`[a-z ]+`(?:, )?)+) \|$", re.MULTILINE)
PLAIN = re.compile(r"^Everywhere, .*? no ((?:`[a-z ]+`(?:, )?)+)\.$", re.MULTILINE)
# Where the domain's words are spoken: a letter of the alphabet is one further down.
DOMAIN = re.compile(r"(?:router|executor|ctl|common/(?:redis|trade))/.*\.(?:c|h|lua)")
LUA_LITERAL = re.compile(r"""--[^\n]*|(?P<literal>"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*')""")
OTHERS = re.compile(r"LICENSE|deploy/debian/copyright|tests/lint/.*|" + re.escape(GLOSSARY))


def check(tree):
    glossary = tree.text(GLOSSARY) if GLOSSARY in tree.paths else ""
    terms = [(row[1], forbidden(row[2])) for row in TERM.finditer(glossary)]
    plain = [forbidden(row[1]) for row in PLAIN.finditer(glossary)]
    if not terms or not plain:
        yield f"{GLOSSARY} has no glossary, or none that tests/lint/words.py can read"
    for path in tree.paths:
        text = tree.text(path) or ""
        if not path.startswith("tests/lint/"):
            for word in OPEN_WORK.finditer(text):
                yield f"{path}:{line_of(text, word.start())}: {word[0]}"
        for place in MACHINE_PATH.finditer(text):
            yield f"{path}:{line_of(text, place.start())}: {place[0]} is a path of one machine"
        if not OTHERS.fullmatch(path):
            for words in plain:
                yield from found(path, text, words, "plain English")
        if DOMAIN.fullmatch(path):
            said = without_literals(path, text)
            for term, words in terms:
                yield from found(path, phrase(term).sub(lambda m: blank(m[0]), said), words, term)


def forbidden(cell):
    """The words in backticks of a cell, as one pattern."""
    return re.compile("|".join(phrase(word).pattern for word in re.findall(r"`([^`]+)`", cell)), re.IGNORECASE)


def phrase(words):
    """Its words, apart by blanks, in a name, or over two lines of a comment; as plural too."""
    return re.compile(r"(?<![A-Za-z])" + r"(?:_|\s+(?:[*-]+\s+)?)".join(words.split()) + r"s?(?![A-Za-z])", re.IGNORECASE)


def without_literals(path, text):
    """Names and comments: what stands in quotes is the contract's or the user's."""
    literal = LUA_LITERAL if path.endswith(".lua") else COMMENT_OR_LITERAL
    return literal.sub(lambda m: blank(m[0]) if m["literal"] else m[0], text)


def found(path, text, words, instead):
    for word in words.finditer(text):
        yield f"{path}:{line_of(text, word.start())}: {' '.join(re.split(r'[^A-Za-z]+', word[0]))}; the word is {instead} ({GLOSSARY})"
