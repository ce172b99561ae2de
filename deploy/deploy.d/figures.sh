# shellcheck shell=bash disable=SC2034,SC2154
# The figures: what "quantumctl status" says before and after, and how many intents came in windows of one length.
# They come from Redis alone, so that they mean the same whatever router runs.

evidence_taken=

# status --json has a value in each line; this makes "a|b|c<TAB>value" of it.
flat() { # FILE
    awk '
        { line = $0; sub(/^ +/, "", line); sub(/,$/, "", line) }
        line ~ /^[}\]]/ { depth--; next }
        {
            name = ""
            if (match(line, /^"[^"]*": /)) { name = substr(line, 2, RLENGTH - 4); line = substr(line, RLENGTH + 1) }
            path = depth > 1 ? above[depth] "|" name : name
            if (line ~ /[{\[]$/) { depth++; above[depth] = path; next }
            gsub(/^"|"$/, "", line)
            print path "\t" line
        }' "$1"
}

read_value() { # FILE PATH: nothing when it is not known
    # To the end, or the other awk would be cut off.
    flat "$1" | awk -F'\t' -v wanted="$2" '$1 == wanted && $2 != "null" && !count++ { print $2 }'
}

# Reads for $watch_sec and keeps the document.
figures_read() { # FILE
    local status=0
    redis_ctl status --json "--sample=$watch_sec" --save "$1" \
        >/dev/null 2>"$work/refused.status" || status=$?
    [[ $status -lt 3 && -s $1 && $(<"$work/refused.status") != *NOPERM* ]] || fail "quantumctl status: $(paste -sd ' ' "$work/refused.status")"
}

# One line: ms of Redis' clock, entries added to the intents, their last id, open orders, safe mode.
figures_sample() {
    local clock stream open safe
    clock=$(redis_clock_ms) || exit 1
    stream=$(redis_answer 'ERR no such key' XINFO STREAM "$intents" | awk '
        !id && $0 == "last-generated-id" { getline id } !added && $0 == "entries-added" { getline added }
        END { print (added ? added : 0), (id ? id : "0-0") }') || exit 1
    open=$(redis_answer 'WRONGTYPE' GET "$open_key") || exit 1
    open=$(head -n 1 <<<"$open" | head -c 20 | tr -c '[:graph:]\n' _)
    safe=$(redis_exists "$safe_key") || exit 1
    printf '%s %s %s %s\n' "$clock" "$stream" "${open:-missing}" "$safe"
}

figures_before() {
    local from to
    from=$(figures_sample)
    figures_read "$work/before.json"
    to=$(figures_sample)
    published_before=$(($(field 2 "$to") - $(field 2 "$from")))
    redis_look_at_capacity
}

field() { # N LINE
    awk -v n="$1" '{ print $n }' <<<"$2"
}

figure() { # NAME BEFORE AFTER
    printf '%s\t%s\t%s\n' "$1" "${2:--}" "${3:--}" >>"$work/figures"
}

figures_tell() {
    local path name
    local before=$work/before.json after=$work/after.json
    : >"$work/figures"
    figure "intents published in $watch_sec s" "$published_before" "${published_after-}"
    while IFS='	' read -r name path; do
        figure "$name" "$(read_value "$before" "$path")" "$(if [[ -e $after ]]; then read_value "$after" "$path"; fi)"
    done <<END
signals a second	streams|$signals|added_per_sec
open orders	capacity|open_orders
intents today	daily|intents
dedup marks	dedup|marks
router: lag	streams|$signals|groups|$group|lag
router: pending	streams|$signals|groups|$group|pending
router: oldest pending, ms	streams|$signals|groups|$group|oldest_pending_age_ms
executor: lag	streams|$intents|groups|$(effective keys.executor_group)|lag
executor: pending	streams|$intents|groups|$(effective keys.executor_group)|pending
health	health
END
    if [[ -e $after ]]; then
        fact figures reduction_percent "$(awk -v b="$published_before" -v a="${published_after-0}" \
            'BEGIN { if (b > 0) printf "%.1f", (b - a) / b * 100; else print "unknown: nothing was published before" }')"
    fi
}

# What the router itself says since the switch.
journal_evidence() {
    local word unit
    evidence_taken=yes
    [[ -s $work/cursor ]] || return 0
    journalctl --sync 2>/dev/null || true
    for unit in "${services[@]}"; do
        journalctl -q -u "$unit" --cursor="$(<"$work/cursor")" -o cat 2>/dev/null >"$work/journal.$unit" || true
    done
    for word in CAPACITY_ BEST_OF_PUBLISH SIZE_BOOST CONSUMER_SHARED; do
        fact evidence "$word" "$(cat "$work"/journal.* | grep -c "$word")"
    done
    { grep -hE 'CAPACITY_|TARGET_REACHED|BEST_OF_PUBLISH|SIZE_BOOST|CONSUMER_SHARED' "$work"/journal.* || true; } | tail -n 12 |
        while IFS= read -r line; do fact journal '' "$line"; done
    if [[ -s $work/why ]]; then journal_last_words; fi
}

# What the unit's program said. Of one that died at once the journal may not know the unit, but it knows the name.
journal_own_lines() { # UNIT
    local program
    program=$(service_program "$1")
    journalctl -q "_SYSTEMD_UNIT=$1" + "SYSLOG_IDENTIFIER=$program" --cursor="$(<"$work/cursor")" -o export 2>/dev/null |
        awk -v unit="$1" '
            function flush() { if (said != "" && (of == "" || of == unit)) print said; said = of = "" }
            /^$/ { flush() }
            /^MESSAGE=/ { said = substr($0, 9) }
            /^_SYSTEMD_UNIT=/ { of = substr($0, 15) }
            END { flush() }'
}

# What failed comes first, with how it ended; what systemd says of starts and stops would hide its own lines.
journal_last_words() {
    local unit failed=''
    if [[ -s $work/failed_unit ]]; then failed=$(<"$work/failed_unit"); fi
    for unit in $failed "${services[@]}"; do
        if [[ $unit == "$failed" && -e $work/words.$unit ]]; then continue; fi
        journal_own_lines "$unit" | tail -n 10 >"$work/words.$unit" || true
        fact 'last words' '' "$unit:"
        if [[ ! -s $work/words.$unit ]]; then printf '(it said nothing)\n' >"$work/words.$unit"; fi
        if [[ $unit == "$failed" ]]; then printf 'systemd: %s\n' "$(watch_end_of "$unit")" >>"$work/words.$unit"; fi
        while IFS= read -r line; do fact 'last words' '' "  $line"; done <"$work/words.$unit"
    done
}
