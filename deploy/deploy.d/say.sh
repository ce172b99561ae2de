# shellcheck shell=bash disable=SC2034,SC2154
# What is said, and how a run ends. There is one way out, on_exit: whatever fails before the rollback is armed is a
# refusal, whatever fails after it is undone, and so are a signal and a lost terminal. What is proved stays.

work='' backup='' verdict='' armed=no rolled_back='' started=$(date -u +%Y-%m-%dT%H:%M:%SZ)

open_work() {
    work=$(mktemp -d /run/quantum-deploy.XXXXXX 2>/dev/null || mktemp -d)
    : >"$work/facts"
    trap on_exit EXIT
    trap 'printf "%s, line %s: this failed: %s\n" "${BASH_SOURCE[0]##*/}" "$LINENO" "$BASH_COMMAND" >"$work/error"' ERR
    # A terminal that is gone must not end the run before it has been undone.
    trap '' PIPE
    trap 'fail "it was interrupted"' INT TERM
    trap 'fail "its terminal was lost"' HUP
}

# What is printed or kept goes through this: no password, also where another program says one. This program knows none.
masked() { # TEXT
    local text=$1
    case $text in
    *://*@* | *[Pp]ass* | *' -a '* | *REDISCLI_AUTH*)
        text=$(sed -E 's#(://[^: "]*:)[^ "]*@#\1********@#g; s#( -a |--(redis-)?pass(word)?[= ]|REDISCLI_AUTH=)[^ ]+#\1********#g' <<<"$text")
        ;;
    esac
    printf '%s' "$text"
}

counted() { # NUMBER ONE MORE: "1 entry", "2 entries"
    printf '%s %s' "$1" "$(if [[ $1 == 1 ]]; then printf '%s' "$2"; else printf '%s' "$3"; fi)"
}

say() { # TEXT...
    printf '%s\n' "$*" 2>/dev/null || true
    say_to_log "$*"
}

# A full disk must not end what goes on.
say_to_log() { # TEXT
    if [[ $work ]]; then { printf '%s %s\n' "$(date -u +%H:%M:%S)" "$1" >>"$work/log"; } 2>/dev/null || true; fi
}

complain() { # TEXT...
    local text
    text=$(masked "$*")
    printf 'deploy.sh: %s\n' "$text" >&2 2>/dev/null || true
    say_to_log "$text"
}

# Facts make the report, as text and as JSON: section, name, value, between tabs. Without a name it is a line of a list.
fact() { # SECTION NAME VALUE
    printf '%s\t%s\t%s\n' "$1" "$2" "$(masked "$3" | tr '\t\n' '  ')" >>"$work/facts"
}

warn() { # TEXT: for the report, too
    fact warnings '' "$1"
    complain "$1"
}

# Ends the run from wherever it stands, a subshell included.
fail() { # WHY
    if [[ ! -s $work/why ]]; then printf '%s\n' "$(masked "$*")" >"$work/why"; fi
    exit 1
}

refuse() { # WHY
    fail "$*"
}

on_exit() {
    local status=$?
    set +e
    trap '' INT TERM HUP
    trap - EXIT ERR
    if ((status != 0)); then
        local why='an error that was not foreseen'
        if [[ -s $work/why ]]; then why=$(<"$work/why"); elif [[ -s $work/error ]]; then why=$(<"$work/error"); fi
        if [[ $armed == yes ]]; then
            end_undone "$why"
            status=$?
        elif [[ $armed == proved ]]; then
            complain "it is deployed and proved, and stays; its report is not whole: $why"
            status=0
        elif [[ $rolled_back ]]; then
            complain "the rollback of $rolled_back did not come to its end: $why"
            status=2
        else
            if [[ $backup ]]; then backup_forget; fi
            complain "refused, nothing was touched: $why"
            status=3
        fi
    fi
    rm -rf "$work" ${stage_elsewhere:+"$stage_elsewhere"}
    exit "$status"
}

# Returns 1 when all is as it was, 2 when it is not.
end_undone() { # WHY
    local why=$1 status=1
    complain "rolling back: $why"
    fact deploy reason "$why"
    if [[ ! $evidence_taken ]]; then journal_evidence; fi
    if rollback_undo "$backup"; then
        rollback_verdict "$backup"
        rollback_tell "$backup" 'rolled back by itself' "$why"
        rollback_disarm "$backup"
    else
        verdict='ROLLBACK FAILED'
        rollback_tell "$backup" 'ROLLBACK FAILED' "$why"
        status=2
    fi
    ( report_make "$backup" )
    if ((status == 2)); then
        complain '██ THE ROLLBACK FAILED. The services need you now.'
        complain "██ What was there before stands in $backup/files; bring it back with: $backup/code/deploy.sh --rollback $(basename "$backup")"
    fi
    return "$status"
}

finish() {
    report_make "$backup"
}
