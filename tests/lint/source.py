"""The tree as the checks see it: which files there are, and C text without its comments and strings."""

import json
import os
import re
import shlex
import subprocess
import sys
from functools import cached_property, lru_cache
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import readmes  # noqa: E402, F401

COMMENT_OR_LITERAL = re.compile(
    r"""(?P<comment> //(?:\\\n|[^\n])* | /\*.*?\*/ )
      | (?P<literal> "(?:\\.|[^"\\\n])*" | '(?:\\.|[^'\\\n])*' )""",
    re.VERBOSE | re.DOTALL,
)
INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]*([<"])([^>"\n]+)[>"]', re.MULTILINE)
LUA_INCLUDE = re.compile(r"^-- include (\S+)$", re.MULTILINE)


def blank(text):
    """Spaces in place of everything but newlines, so that lines keep their numbers."""
    return re.sub(r"[^\n]", " ", text)


def without_comments(text):
    return COMMENT_OR_LITERAL.sub(lambda m: blank(m[0]) if m["comment"] else m[0], text)


def code_of(text):
    """Only code: comments are blank, strings and characters are empty."""
    return COMMENT_OR_LITERAL.sub(
        lambda m: blank(m[0]) if m["comment"] else m[0][0] + blank(m[0][1:-1]) + m[0][-1], text
    )


def line_of(text, offset):
    return text.count("\n", 0, offset) + 1


class Tree:
    def __init__(self, root, build=None):
        self.root = Path(root).resolve()
        self.build = Path(build or self.root / "build/sanitized").resolve()
        self._texts = {}

    @cached_property
    def paths(self):
        """All files that are tracked or could be, relative to the root; without git, all files outside of build*/."""
        listing = subprocess.run(
            ["git", "-c", "safe.directory=*", "ls-files", "-z", "-co", "--exclude-standard"],
            cwd=self.root, capture_output=True, text=True)
        if listing.returncode == 0:
            names = listing.stdout.split("\0")
        else:
            names = self._walk()
        return sorted(name for name in names if name and (self.root / name).is_file())

    def _walk(self):
        for folder, folders, names in os.walk(self.root):
            place = Path(folder).relative_to(self.root)
            folders[:] = [f for f in folders if f not in (".git", "__pycache__", ".pytest_cache")
                          and not (place == Path() and f.startswith("build"))]
            yield from (str(place / name) for name in names)

    def files(self, *suffixes):
        return [path for path in self.paths if path.endswith(suffixes)]

    def text(self, path):
        """A file's text; None for a binary one."""
        if path not in self._texts:
            try:
                self._texts[path] = (self.root / path).read_text(encoding="utf-8")
            except UnicodeDecodeError:
                self._texts[path] = None
        return self._texts[path]

    def code(self, path):
        return code_of(self.text(path) or "")

    def includes(self, path):
        """(line, name, whether in angle brackets) for each #include, or what script_embed.py includes."""
        if path.endswith(".lua"):
            text = self.text(path)
            return [(line_of(text, m.start()), m[1], False) for m in LUA_INCLUDE.finditer(text)]
        text = without_comments(self.text(path) or "")
        return [(line_of(text, m.start(2)), m[2], m[1] == "<") for m in INCLUDE.finditer(text)]

    def scripts(self, interpreter, suffix):
        """Scripts by their suffix or their first line, which `interpreter` (a regex) matches."""
        first_line = re.compile(rf"#!.*\b(?:{interpreter})\b")
        return [path for path in self.paths
                if path.endswith(suffix) or first_line.match(self.text(path) or "")]

    @cached_property
    def compile_commands(self):
        """Command by path, as meson has written it; None before the build is configured."""
        try:
            entries = json.loads((self.build / "compile_commands.json").read_text())
        except FileNotFoundError:
            return None
        return {os.path.relpath(os.path.join(e["directory"], e["file"]), self.root): e["command"]
                for e in entries}

    def run(self, *command, **options):
        return subprocess.run(command, cwd=self.root, capture_output=True, text=True, **options)


@lru_cache
def library_flags():
    names = ("hiredis", "libuv", "jansson", "libconfig", "cmocka")
    found = subprocess.run(["pkg-config", "--cflags", *names], capture_output=True, text=True, check=True)
    return shlex.split(found.stdout)
