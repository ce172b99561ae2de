"""Completion for bash, zsh and fish, from what a program says of itself.

What can stand where is one table, which bash and zsh read as the same `case`. A value or a word that is a stream or a
group is asked of the Redis that the words so far configure, for 200 ms at most, and of none nothing is heard.
"""

import re
from dataclasses import dataclass

import said

ASKED = {"STREAM": "streams", "GROUP": "groups"}
FILES = {"FILE", "BEFORE", "AFTER"}
KEPT = r"--redis.*=* | --prefix=* | --config=* | --env-file=*"  # what tells which Redis
PATIENCE = "timeout 0.2"


@dataclass
class Offer:
    words: list
    kind: str = ""  # streams, groups or files


def offer(name, words=()):
    """Of what is called so, "STREAM", or is one of these words."""
    return Offer([*words], ASKED.get(name, "files" if name in FILES else ""))


def positions(usage):
    """What can stand where behind a command: offers by the command's first word and the place; "" and 0: the first."""
    found = {}
    for alternative in usage.split(" | "):
        first, *rest = re.sub(r"[][]|\.\.\.", "", alternative).split()
        is_spelled = re.fullmatch(r"[a-z|]+", first)  # what it says is typed: "list|prune"
        subs = first.split("|") if is_spelled else [""]
        if is_spelled:
            found.setdefault(("", 0), Offer([])).words += [sub for sub in subs if sub not in found["", 0].words]
        for sub in subs:
            for at, word in enumerate(rest, 1) if is_spelled else enumerate([first, *rest]):
                found[sub, at] = offer(word.partition("|")[0])  # "FILE|-": what is no file is typed
    return found


class Context:
    """A place for options: in front of the command (""), or behind one."""

    def __init__(self, program, command=""):
        help_ = said.Help(program, *filter(None, [command]))
        self.command, self.purpose = command, help_.purpose
        self.options = help_.options
        self.commands = help_.commands
        if command:
            self.options.append(said.Option("-h", "--help", None, ["print its help and exit"]))
            usage = help_.usage.partition(f" {command}")[2].strip().removeprefix("[OPTION]...").strip()
            self.positions = positions(usage) if usage else {}
        else:
            self.positions = {("", 0): Offer([*help_.commands])} if help_.commands else {}

    def flags(self):
        return [name for option in self.options for name in spellings(option)]


def spellings(option):
    if option.takes == "all":
        return [option.name, f"{option.name}=all"]
    return [option.name + ("=" if option.takes else "")]


def contexts(program):
    front = Context(program)
    return [front, *(Context(program, command) for command in front.commands)]


# --- bash and zsh


def table(places):
    yield '    case "$command $word" in'
    for place in places:
        for option in place.options:
            made = offer(option.takes, option.choices)
            if made.words or made.kind:
                yield f"    '{place.command} {option.name}='*) {assigned(made)} ;;"
    yield "    *' --'*=*) ;;"
    for place in places:
        yield f"    '{place.command} -'*) offers='{' '.join(place.flags())}' ;;"
    yield "    *)"
    yield '        case "$command/$sub/$at" in'
    for place in places:
        for (sub, at), made in place.positions.items():
            if made.words or made.kind:
                yield f"        '{place.command}/{sub}/{at}') {assigned(made)} ;;"
    yield "        esac ;;"
    yield "    esac"


def assigned(made):
    return " ".join(filter(None, [made.kind and f"kind={made.kind}", made.words and f"offers='{' '.join(made.words)}'"]))


def scan(words, commands):
    """Finds the command among the words so far, the first word behind it, and the place that comes now."""
    yield f'    for each in "{words}"; do'
    yield "        case $each in"
    yield f"        {KEPT}) front+=(\"$each\") ;;"
    yield "        --stream=*) named=${each#*=} ;;"
    yield "        -*) ;;"
    yield "        *)"
    yield f"            if [[ ! $command ]]; then [[ ' {' '.join(commands)} ' == *\" $each \"* ]] && command=$each"
    yield "            elif ((at++ == 0)); then sub=$each"
    yield "            else named=$each; fi ;;"
    yield "        esac"
    yield "    done"


def names(function, variable):
    """The streams, or the groups, of the one that was named if one was."""
    yield f"{function}_names() {{"
    yield "    local stream group"
    yield f'    {PATIENCE} "{variable}" "${{front[@]}}" groups names 2>/dev/null | while IFS=$\'\\t\' read -r stream group; do'
    yield "        if [[ $kind == streams && ! $group ]]; then echo \"$stream\""
    yield "        elif [[ $kind == groups && $group && $stream == *\"$named\" ]]; then echo \"$group\"; fi"
    yield "    done"
    yield "}"


BASH = """
    words=()
    read -ra words <<<"$line"
    if [[ $line == *[[:blank:]] ]]; then words+=(''); fi
    word=${words[-1]}
"""

BASH_OFFERS = """
    value=${word#--*=}
    if [[ $kind == files ]]; then
        compopt -o filenames 2>/dev/null
        mapfile -t found < <(compgen -f -- "$value")
    else
        if [[ $kind ]]; then offers=$(NAMES); fi
        mapfile -t found < <(compgen -W "$offers" -- "$value")
    fi
    # Bash takes what is behind these signs for a word of its own.
    breaks=${COMP_WORDBREAKS//[^=:]/}
    if [[ $breaks ]]; then value=${value##*[$breaks]}; fi
    COMPREPLY=()
    for each in "${found[@]}"; do COMPREPLY+=("$value${each#"${word#--*=}"}"); done
    if [[ ${#COMPREPLY[@]} == 1 && $COMPREPLY == *= ]]; then compopt -o nospace 2>/dev/null; fi
"""


def bash(name, program):
    function, places = "_" + name.replace("-", "_"), contexts(program)
    yield f"# Completes what {name} takes. Made by config/manual from what it says of itself."
    if places[0].commands:
        yield from names(function, "${words[0]}")
    yield f"{function}() {{"
    yield "    local line=${COMP_LINE:0:COMP_POINT} command='' sub='' at=0 named='' kind='' offers='' word value breaks each words found front=()"
    yield from BASH.strip("\n").splitlines()
    yield from scan("${words[@]:1:${#words[@]}-2}", places[0].commands)
    yield from table(places)
    yield from BASH_OFFERS.strip("\n").replace("NAMES", f"{function}_names").splitlines()
    yield "}"
    yield f"complete -F {function} {name}"


ZSH_OFFERS = """
    compset -P '--*='
    if [[ $kind == files ]]; then _files && return; fi
    if [[ $kind ]]; then found=(${(f)"$(NAMES)"}); else found=(${=offers}); fi
    compadd -S '' -- ${(M)found:#*=}
    compadd -- ${found:#*=}
"""


def zsh(name, program):
    function, places = "_" + name.replace("-", "_"), contexts(program)
    yield f"#compdef {name}"
    yield f"# Completes what {name} takes. Made by config/manual from what it says of itself."
    if places[0].commands:
        yield from names(function, "$words[1]")
    yield f"{function}() {{"
    yield "    local command='' sub='' named='' kind='' offers='' word=$PREFIX each"
    yield "    local -i at=0"
    yield "    local -a found front"
    yield from scan("${(@)words[2,CURRENT-1]}", places[0].commands)
    yield from table(places)
    yield from ZSH_OFFERS.strip("\n").replace("NAMES", f"{function}_names").splitlines()
    yield "}"
    yield f'{function} "$@"'


# --- fish

FISH = """
# The command, and the words behind it.
function FUNCTION_words
    set -l found
    for each in (commandline -opc)[2..-1]
        if string match -q -- '-*' $each
            continue
        end
        if set -q found[1]; or contains -- $each COMMANDS
            set -a found $each
        end
    end
    printf '%s\\n' $found
end

function FUNCTION_front
    test -z "$(FUNCTION_words)"
end

# Whether a word comes now for which this command, this first word and this place are given.
function FUNCTION_at
    set -l words (FUNCTION_words)
    test "$words[1]" = $argv[1]; or return 1
    set -q argv[2]; or return 0
    test (math (count $words) - 1) -eq $argv[3]; or return 1
    test -z "$argv[2]"; or test "$words[2]" = $argv[2]
end

function FUNCTION_names
    set -l typed (commandline -opc)
    set -l front (string match -r -- '^--(?:redis\\\\..*|prefix|config|env-file)=.*' $typed)
    set -l lines (PATIENCE $typed[1] $front groups names 2>/dev/null)
    if test $argv[1] = streams
        string match -v -- '*'\\t'*' $lines
        return
    end
    set -l named (FUNCTION_words)[3] (string replace -rf -- '^--stream=' '' $typed)
    string replace -rf -- '^.*'(string escape --style=regex -- "$named[-1]")'\\t' '' $lines
end
"""


def fish(name, program):
    function, places = "__" + name.replace("-", "_"), contexts(program)
    yield f"# Completes what {name} takes. Made by config/manual from what it says of itself."
    if places[0].commands:
        commands = " ".join(places[0].commands)
        yield from FISH.replace("FUNCTION", function).replace("COMMANDS", commands).replace("PATIENCE", PATIENCE).splitlines()
    yield f"complete -c {name} -f"
    for place in places:
        if place.command:
            yield f"complete -c {name} -n {function}_front -a {place.command} -d {quoted(place.purpose)}"
        here = f"{function}_at {place.command}" if place.command else f"{function}_front" if place.commands else ""
        condition = f" -n {quoted(here)}" if here else ""
        for option in place.options:
            yield f"complete -c {name}{condition} {fish_option(option, function)}"
        if not place.command:
            continue
        for (sub, at), made in place.positions.items():
            arguments = fish_values(made, function)
            if arguments:
                yield f"complete -c {name} -n {quoted(f'{here} {quoted(sub)} {at}')} {arguments}"


def fish_option(option, function):
    letter = f" -s {option.letter[1]}" if option.letter else ""
    values = ""
    if option.takes and option.takes != "all":
        values = " -x " + fish_values(offer(option.takes, option.choices), function)
    return f"-l {option.name[2:]}{letter}{values.rstrip().replace('-x -F', '-r -F')} -d {quoted(option.help)}"


def fish_values(made, function):
    if made.kind == "files":
        return "-F"
    if made.kind:
        return f"-a '({function}_names {made.kind})'"
    return f"-a {quoted(' '.join(made.words))}" if made.words else ""


def quoted(text):
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"
