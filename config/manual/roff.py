"""A manual page as man(7) has it: paragraphs, items with a tag, examples. What it writes passes `mandoc -T lint`."""

import re

LINE_MAX = 80  # characters, mandoc's measure


def escape(text):
    text = text.replace("\\", "\\e").replace("-", "\\-")
    return "".join(one if one.isascii() else f"\\[u{ord(one):04X}]" for one in text)


def bold(text):
    return f"\\fB{escape(text)}\\fP"


def italic(text):
    return f"\\fI{escape(text)}\\fP"


def marked(text):
    """Of Markdown: `code` and **words** are bold, *words* italic, and of a link only its text stays."""
    text = re.sub(r"!?\[([^\]]*)\]\([^)]*\)", r"\1", text)
    parts = re.split(r"(`[^`]+`|\*\*.+?\*\*|(?<![\w*])\*[^*\s][^*]*\*(?![\w*]))", text)
    return "".join(styled(part) if at % 2 else plain(part) for at, part in enumerate(parts))


def styled(part):
    if part.startswith("`"):
        return bold(part[1:-1])
    return "\\fB" + marked(part[2:-2]) + "\\fP" if part.startswith("**") else italic(part[1:-1])


def plain(text):
    return escape(re.sub(r"\\([<|*_])", r"\1", text))


class Page:
    def __init__(self, name, section, purpose, release):
        self.name, self.section = name, section
        self.lines = [f'.TH {name.upper()} {section} {release.date} "quantum\\-router {release.version}"']
        self.heading("NAME")
        self.text(f"{escape(name)} \\- {escape(purpose.rstrip('.'))}")

    def heading(self, title):
        self.lines.append(f".SH {title}")

    def subheading(self, title):
        self.lines.append(f".SS {escape(title)}")

    def paragraph(self, text):
        """In roff's own words, as escape() and its like make them."""
        if not self.lines[-1].startswith((".SH", ".SS")):
            self.lines.append(".PP")
        self.text(text)

    def item(self, tag, *texts):
        self.lines += [".TP", guarded(tag)]
        for at, text in enumerate(text for text in texts if text):
            if at > 0:
                self.lines.append(".IP")
            self.text(text)

    def bullet(self, mark, text):
        self.lines.append(f".IP {mark.replace('-', chr(92) + '(bu')} 3")
        self.text(text)

    def example(self, lines):
        indent = min((len(line) - len(line.lstrip()) for line in lines if line.strip()), default=0)
        if not self.lines[-1].startswith((".SH", ".SS")):
            self.lines.append(".PP")
        self.lines += [".RS 4", ".nf", *(guarded(escape(line[indent:].rstrip())) or "\\&" for line in lines), ".fi", ".RE"]

    def text(self, text):
        self.lines += map(guarded, wrapped(text))

    def __str__(self):
        return "".join(line + "\n" for line in self.lines)


def guarded(line):
    """A line of text is no request."""
    return "\\&" + line if line.startswith((".", "'")) else line


def wrapped(text):
    line = ""
    for word in text.split():
        longer = f"{line} {word}" if line else word
        if line and len(guarded(longer)) > LINE_MAX:
            yield line
            longer = word
        line = longer
    if line:
        yield line
