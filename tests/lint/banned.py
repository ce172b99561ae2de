"""Functions that nobody calls, or that one file calls for all."""

import re
from typing import NamedTuple

from source import line_of


class Ban(NamedTuple):
    names: str
    instead: str
    except_in: str = r"(?!)"  # a regex of paths; by default none


BANS = (
    Ban("sprintf vsprintf strcpy strcat strncpy strncat gets", "it knows no bound: snprintf, memcpy"),
    Ban("strtok", "it keeps hidden state: strtok_r, or a loop"),
    Ban("atoi atol atoll atof scanf sscanf fscanf", "it hides errors: number_read, number_read_integer"),
    Ban("setlocale", "numbers must read the same everywhere"),
    Ban("alloca", "the stack has no answer to a large size"),
    Ban("rand srand", "no decision is left to chance"),
    Ban("system popen", "no shell"),
    Ban("strtod strtof strtold", "number_read", r"common/base/number\.c|tests/.*"),
    Ban("malloc calloc realloc reallocarray strdup strndup asprintf vasprintf",
        "memory_new and the like", r"common/base/memory\.c|tests/.*"),
    Ban("exit _exit _Exit quick_exit", "return a result to main()",
        r"common/service/daemon\.c|common/base/memory\.c|tests/.*"),
)
STRUCT_TYPEDEF = re.compile(r"\btypedef\s+struct\b")


def calls(names):
    """The names as functions, called or passed on, and not as members or as parts of other names."""
    return re.compile(rf"(?<![\w.])(?<!->)({'|'.join(names.split())})(?=\s*[(),;])")


PATTERNS = [(calls(ban.names), ban) for ban in BANS]


def unused(tree):
    """What is excepted is there."""
    for pattern in sorted({part for ban in BANS for part in ban.except_in.split("|") if part != "(?!)"}):
        if not any(re.fullmatch(pattern, path) for path in tree.paths):
            yield f"tests/lint/banned.py: nothing is called {pattern}"


def check(tree):
    yield from unused(tree)
    for path in tree.files(".c", ".h"):
        code = tree.code(path)
        for pattern, ban in PATTERNS:
            if re.fullmatch(ban.except_in, path):
                continue
            for found in pattern.finditer(code):
                yield f"{path}:{line_of(code, found.start())}: {found[1]}: {ban.instead}"
        for found in STRUCT_TYPEDEF.finditer(code):
            yield f"{path}:{line_of(code, found.start())}: a struct is called struct"
        for line, name, _ in tree.includes(path):
            if name.endswith(".c"):
                yield f"{path}:{line}: includes {name}"
