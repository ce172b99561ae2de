"""The manual pages: each from what a program says of itself, or from the one file that explains its subject."""

import re
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from pathlib import Path

import log_words
import said
from markdown import add_readme
from roff import Page, bold, escape, italic, marked

ROOT = Path(__file__).resolve().parent.parent.parent
SECTIONS = {"quantumctl": 1, "quantum-router": 8, "quantum-executor": 8, "quantum-router.conf": 5, "quantum-executor.conf": 5,
            "quantum-streams": 7, "quantum-metrics": 7, "quantum-log": 7}  # fmt: skip
SERVICES = ("quantum-router", "quantum-executor")
FILES = {
    "quantum-router": ["/etc/quantum/router.conf"],
    "quantum-executor": ["/etc/quantum/executor.conf"],
    "quantumctl": ["/etc/quantum/router.conf", "/etc/quantum/executor.conf", "/etc/quantum/quantumctl.env"],
}
STATUS = "0 done, 1 failed, 2 wrong usage or configuration."
STATUS_OF = {"status": "0 healthy, 1 warning, 2 critical, 3 unknown, Redis away or wrong usage."}
LOG_DOCUMENTS = ("router/README.md", "executor/README.md", "deploy/README.md")
ORDER = "Defaults, then the file, then the environment, then flags: the later wins."


@dataclass
class Release:
    version: str
    date: str


def read(path):
    return (ROOT / path).read_text(encoding="utf-8")


def packaging(name):
    """debian/ of a source package is deploy/debian of the repository."""
    return read(f"debian/{name}" if (ROOT / "debian").is_dir() else f"deploy/debian/{name}")


def release():
    text = packaging("changelog")
    day = parsedate_to_datetime(re.search(r"^ -- .*>  (.*)$", text, re.MULTILINE)[1])
    return Release(re.search(r"\((\S+)\)", text)[1], f"{day:%Y-%m-%d}")


def sentence(text):
    """A help text as a sentence of its own."""
    is_word = re.match(r"[a-z]+(?:['-][a-z]+)?(?=[ ,;])", text)
    return (text[0].upper() + text[1:] if is_word else text).rstrip(".") + "." if text else ""


def see(*names):
    return ", ".join(f"{bold(name)}({SECTIONS.get(name, 1)})" for name in names)


class Manual:
    def __init__(self, programs):
        self.programs = programs  # paths by name
        self.help = {name: said.Help(path) for name, path in programs.items()}
        self.release = release()

    def names(self):
        """Every page, "quantumctl-halt.1"."""
        return [f"{name}.{SECTIONS.get(name, 1)}" for name in [*SECTIONS, *map("quantumctl-{}".format, self.commands())]]

    def commands(self):
        return self.help["quantumctl"].commands

    def page(self, name):
        if name in self.programs:
            return self.of_program(name)
        if name.removeprefix("quantumctl-") in self.commands():
            return self.of_command(name.removeprefix("quantumctl-"))
        if name.endswith(".conf"):
            return self.of_configuration(name.removesuffix(".conf"))
        return {"quantum-streams": self.of_streams, "quantum-metrics": self.of_metrics, "quantum-log": self.of_log}[name](name)

    def begin(self, name, purpose):
        return Page(name, SECTIONS.get(name, 1), purpose, self.release)

    # --- programs

    def of_program(self, name):
        help_ = self.help[name]
        page = self.begin(name, help_.purpose.partition(". ")[0])
        begin_usage(page, help_.usage)
        page.heading("DESCRIPTION")
        for paragraph in description(name):
            page.paragraph(escape(paragraph))
        if help_.commands:
            page.heading("COMMANDS")
            for command, purpose in help_.commands.items():
                page.item(see(f"quantumctl-{command}"), escape(purpose))
        keys = {option["key"] for option in said.options(self.programs["quantum-router" if help_.commands else name])}
        page.heading("OPTIONS")
        add_options(page, [option for option in help_.options if option.name.removeprefix("--") not in keys])
        conf = f"{'quantum-router' if help_.commands else name}.conf"
        page.item(bold("--") + italic("KEY") + "=" + italic("VALUE"), f"Each option of {see(conf)} is a flag. {escape(ORDER)}")
        if name in SERVICES:
            page.heading("SIGNALS")
            page.item("SIGHUP", "Reads the configuration again; a bad one changes nothing.")
            page.item("SIGTERM, SIGINT", "Stops; the second one does so at once.")
        page.heading("FILES")
        for file in FILES[name]:
            page.item(bold(file), see(f"quantum-{Path(file).stem}.conf") if file.endswith(".conf") else "Variables, as systemd reads them.")
        end(page, STATUS, *(other for other in SECTIONS if other != name))
        return page

    def of_command(self, command):
        name, help_ = f"quantumctl-{command}", said.Help(self.programs["quantumctl"], command)
        page = self.begin(name, help_.purpose)
        begin_usage(page, help_.usage)
        prose = [lines for lines in help_.paragraphs if lines and not lines[0].startswith("The options in front")]
        if any(not lines[0].endswith(":") for lines in prose):
            page.heading("DESCRIPTION")
        for lines in prose:
            add_prose(page, lines)
        if help_.options:
            page.heading("OPTIONS")
            add_options(page, help_.options)
        end(page, STATUS_OF.get(command, STATUS), "quantumctl", "quantum-streams", "quantum-router.conf")
        return page

    # --- tables

    def of_configuration(self, program):
        page = self.begin(f"{program}.conf", f"Configuration of {program}")
        page.heading("DESCRIPTION")
        page.paragraph(escape(
            f"The file {FILES[program][0]} has options in groups, in the syntax of libconfig: capacity: {{ max_open = 12; }}; "
            "and prefix alone outside of all. An unknown option, a wrong type, a value out of range, or two that contradict each "
            f"other are refused, with the place and the range. {ORDER}"))  # fmt: skip
        group = None
        page.heading("OPTIONS")
        for option in said.options(self.programs[program]):
            first, dot, _ = option["key"].partition(".")
            if dot and first != group:
                page.subheading(first)
                group = first
            page.item(bold(option["key"]), escape(f"{sentence(option['help'])} {limits(option)}"))
        end(page, None, program, "quantumctl", "quantum-streams")
        return page

    def of_metrics(self, name):
        page = self.begin(name, "What the services count and measure")
        page.heading("DESCRIPTION")
        page.paragraph(escape(
            "Each service has a page for Prometheus at the address metrics.listen. What is not known yet has its help there, "
            "and no value."))  # fmt: skip
        for program in SERVICES:
            page.heading(program.upper().replace("-", "\\-"))
            for metric in said.metrics(self.programs[program]):
                label = "{" + metric["label"] + "}" if metric["label"] else ""
                values = f"The {metric['label']} is one of {metric['values'].replace(' ', ', ')}." if metric["values"] else ""
                page.item(f"{bold(metric['name'] + label)} ({metric['kind']})", escape(f"{metric['help']} {values}"))
        end(page, None, *SERVICES, "quantumctl-status")
        return page

    def of_log(self, name):
        page = self.begin(name, "What the words in the services' log mean, and what to do")
        page.heading("DESCRIPTION")
        page.paragraph(escape(
            "Every line begins with its word. In the journal an entry's QUANTUM_EVENT is the word, and each key=value of the line "
            "is a field QUANTUM_KEY. Words of this page that somebody may have to act on have a MESSAGE_ID, with which ")
            + f"{bold('journalctl -x')} shows what stands here.")  # fmt: skip
        page.heading("LOG WORDS")
        for tag, texts in sorted(log_word_items(), key=lambda item: item[0].casefold()):
            page.item(tag, *texts)
        end(page, None, *SERVICES)
        return page

    def of_streams(self, name):
        page = self.begin(name, "Streams, groups and keys in Redis, and what an entry holds")
        page.heading("DESCRIPTION")
        add_readme(page, read("common/trade/README.md"))
        end(page, None, *SERVICES, "quantumctl-check", "quantumctl-groups")
        return page


def description(package):
    """What the Debian package says of itself."""
    stanza = next(part for part in packaging("control").split("\n\n") if part.startswith(f"Package: {package}\n"))
    first = stanza.split("\nDescription: ")[1].split("\n .\n")[0]
    return [" ".join(first.splitlines()[1:]).strip()]


def begin_usage(page, usage):
    page.heading("SYNOPSIS")
    page.paragraph(escape(usage))


def add_options(page, options):
    for option in options:
        flag = bold(option.name) + (f"={italic(option.takes)}" if option.takes and option.takes != "all" else "")
        flag += f"[={bold('all')}]" if option.takes == "all" else ""
        page.item(f"{bold(option.letter)}, {flag}" if option.letter else flag, escape(f"{sentence(option.help)} {sentence(option.values)}"))


def add_prose(page, lines):
    """Prose, then what is indented; a paragraph that ends with a colon is the title of its examples."""
    shown = [line for line in lines if line.startswith("  ")]
    told = " ".join(line for line in lines if not line.startswith("  "))
    if shown and told == "Examples:":
        page.heading("EXAMPLES")
    elif told:
        page.paragraph(escape(told))
    if shown:
        page.example(shown)


def limits(option):
    parts = [option["range"] or option["type"], f"default {option['default']}"]
    if option["variables"]:
        parts.append("variable " + ", ".join(option["variables"].split()))
    parts.append("a reload takes it over" if option["reload"] == "yes" else "needs a restart")
    return sentence("; ".join(parts))


def log_word_items():
    """Tags and paragraphs."""
    known = dict(log_words.of_catalog(read("deploy/catalog/quantum.catalog")))
    for word, paragraphs in known.items():
        yield bold(word), map(fields, paragraphs)
    for document in LOG_DOCUMENTS:
        for words, told in log_words.of_document(read(document), known.keys()):
            yield ", ".join(map(bold, words)), [". ".join(filter(None, map(marked, told))) + "."]


def fields(text):
    """@QUANTUM_OPEN@ as open, in italics."""
    parts = re.split(r"@(?:QUANTUM_)?(\w+)@", text)
    return "".join(italic(part.lower()) if at % 2 else escape(part) for at, part in enumerate(parts))


def end(page, status, *others):
    if status:
        page.heading("EXIT STATUS")
        page.paragraph(escape(status))
    page.heading("SEE ALSO")
    page.paragraph(see(*others))
