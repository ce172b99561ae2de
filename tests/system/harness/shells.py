"""What a shell offers when Tab is pressed behind a line."""

import os
import pty
import subprocess

from harness.process import BUILD, ROOT, clean_environment, kill_hard
from harness.waiting import PATIENCE_SEC, wait_until

# Each says "done" behind what it offers for a line.
BASH = """
    for line; do
        name=${line%% *} COMP_LINE=$line COMP_POINT=${#line} COMPREPLY=()
        source "$BUILD/$name.bash"
        $(complete -p "$name" | sed 's/.* -F \\([^ ]*\\) .*/\\1/')
        printf '%s\\n' "${COMPREPLY[@]}" done
    done
"""
FISH = """
    for line in $argv
        source $BUILD/(string split ' ' $line)[1].fish
        complete -C $line | string replace -r '\\t.*' ''
        echo done
    end
"""
ZSH = """
    PROMPT=
    fpath=($BUILD $fpath)
    autoload -U compinit && compinit -u -D
    bindkey '^I' complete-word
    bindkey '^U' kill-whole-line
    compadd() {
        local -a hits
        [[ ${@[1,(i)(-|--)]} == *-(O|A|D)\\ * ]] || { builtin compadd -A hits "$@"; print -rl -- $hits >>$OFFERED }
        builtin compadd "$@"
    }
    told() { print -r -- done >>$OFFERED; comppostfuncs=(told) }
    comppostfuncs=(told)
    print -r -- done >>$OFFERED
"""
CTRL_U = b"\x15"


def offers(shell, lines, folder, url="unix:///tmp/nowhere.sock"):
    """A list of words for each line, whose first word is the program; each word once."""
    env = clean_environment({"BUILD": str(BUILD), "HOME": str(folder), "ZDOTDIR": str(folder), "TERM": "dumb", "REDIS_URL": url})
    env["PATH"] = f"{BUILD}:{env['PATH']}"
    if shell == "zsh":
        text = tab_in_zsh(lines, folder, env)
    elif shell == "bash":
        text = said(["bash", "--norc", "-c", BASH, "bash", *lines], env)
    else:
        text = said(["fish", "--no-config", "-c", FISH, *lines], env)
    found = [[]]
    for word in text.splitlines():
        if word == "done":
            found.append([])
        elif word and word not in found[-1]:
            found[-1].append(word)
    assert len(found) == len(lines) + 1 and not found.pop()
    return [best(line, words) for line, words in zip(lines, found)] if shell == "fish" else found


def best(line, words):
    """What Tab offers of what fish knows: where words begin with what is there, not those that only have its letters, which
    complete -C of fish 4 says too."""
    there = line.rpartition(" ")[2]
    return [word for word in words if word.startswith(there)] or words


def said(command, env):
    done = subprocess.run(command, capture_output=True, text=True, env=env, cwd=ROOT, stdin=subprocess.DEVNULL, timeout=PATIENCE_SEC)
    assert (done.returncode, done.stderr) == (0, ""), done
    return done.stdout


def tab_in_zsh(lines, folder, env):
    """Zsh completes nowhere but on a terminal."""
    offered = folder / "offered"
    offered.write_text("")
    (folder / ".zshrc").write_text(ZSH)
    ours, theirs = pty.openpty()
    shell = subprocess.Popen(["zsh", "-i"], stdin=theirs, stdout=theirs, stderr=theirs, start_new_session=True, cwd=ROOT,
                             env={**env, "OFFERED": str(offered)})  # fmt: skip
    try:
        for at, line in enumerate(["", *lines]):
            os.write(ours, CTRL_U + line.encode() + b"\t" if line else b"")
            wait_until("the offers of zsh", lambda: offered.read_text().count("done\n") > at, context=offered.read_text)
    finally:
        kill_hard(shell)
        os.close(ours)
        os.close(theirs)
    return offered.read_text().removeprefix("done\n")
