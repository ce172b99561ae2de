# shellcheck shell=bash disable=SC2034,SC2154
# Who else writes intents. Where a neighbour publishes its decisions itself, each of them becomes two orders after the switch.
# "quantumctl status" knows writers by the `source` of their entries, and leaves out exits: those others have to write.

our_source=ai_strategy_router own_entries=0

# $work/writers: who wrote behind an entry, "source<TAB>entries<TAB>last id", without the router and who is allowed;
# $work/allowed: of those, who is. The router itself: $own_entries.
writers_read() { # ENTRY_ID
    local status=0 source entries last
    redis_ctl status --json --sample=0 "--intents-after=$1" >"$work/writers.json" 2>"$work/said" || status=$?
    grep -q '^  "writers": \[' "$work/writers.json" || fail "quantumctl status: $(paste -sd ' ' "$work/said")"
    : >"$work/writers" && : >"$work/allowed" && own_entries=0
    while IFS=$'\t' read -r source entries last; do
        if [[ $source == "$our_source" ]]; then
            own_entries=$entries
        elif writers_may "$source"; then
            printf '%s\t%s\t%s\n' "$source" "$entries" "$last" >>"$work/allowed"
        else
            printf '%s\t%s\t%s\n' "$source" "$entries" "$last" >>"$work/writers"
        fi
    done < <(flat "$work/writers.json" | awk -F'\t' '
        $1 == "writers||source" { source = $2; gsub(/\\"/, "\"", source); gsub(/\\\\/, "\\", source) }
        $1 == "writers||entries" { entries = $2 }
        $1 == "writers||last_id" { print source "\t" entries "\t" $2 }')
}

writers_may() { # SOURCE
    local one
    for one in "${allowed_writers[@]}"; do
        if [[ $1 == "$one" ]]; then return 0; fi
    done
    return 1
}

writers_named() { # FILE: "engine, 12 intents, the last 1768824000000-0; …"
    local source entries last told=''
    while IFS=$'\t' read -r source entries last; do
        told+="${told:+; }$source, $(counted "$entries" intent intents), the last $last"
    done <"$1"
    printf '%s' "$told"
}

writers_way_on() {
    local source
    printf 'end it there'
    while IFS=$'\t' read -r source _; do printf ', or go on knowingly with --allow-other-writer=%q' "$source"; done <"$work/writers"
}

# A writer that is to be stopped may write under any name, which is none when it is gone.
writers_replace_one() {
    local unit
    for unit in "$router_unit" ${replaces:+"$replaces"}; do
        if [[ $(unit_is "$unit" ActiveState) == active &&
            $(readlink "/proc/$(unit_is "$unit" MainPID)/exe") != /usr/bin/quantum-router* ]]; then return 0; fi
    done
    return 1
}

# Before the switch: within the time for which an intent counts.
writers_check() {
    local now_ms
    now_ms=$(redis_clock_ms) || exit 1
    writers_read "$((now_ms - $(effective capacity.inflight_max_age_sec) * 1000))-0"
    if [[ -s $work/allowed ]]; then warn "beside the router $intents is written by $(writers_named "$work/allowed"), as was allowed"; fi
    if [[ ! -s $work/writers ]]; then return 0; fi
    if [[ $own_entries == 0 && $(wc -l <"$work/writers") == 1 ]] && writers_replace_one; then
        warn "$intents is written by $(writers_named "$work/writers"): taken for the router that is replaced; one that goes on after the switch undoes it"
        return
    fi
    refuse "somebody else writes $intents: $(writers_named "$work/writers"). Beside the router each decision would become two" \
        "orders: $(writers_way_on)"
}

# After it: what came since.
writers_prove() { # ENTRY_ID
    writers_read "$1"
    if [[ -s $work/allowed ]]; then warn "since the switch $intents is written by $(writers_named "$work/allowed"), too, as was allowed"; fi
    if [[ -s $work/writers ]]; then
        fail "since the switch somebody else writes $intents: $(writers_named "$work/writers"). Each decision may have become two" \
            "orders: $(writers_way_on)"
    fi
    fact proof 'other writers' "$(if [[ -s $work/allowed ]]; then printf 'only who was allowed'; else printf none; fi)"
}

# Of an answer to XRANGE the entries of the router. A value has one line, and may look like an id.
writers_own_entries() {
    awk -v ours="$our_source" '
        function flush() { if (is_own) printf "%s", entry; entry = ""; is_own = at = 0 }
        /^[0-9]+-[0-9]+$/ && at % 2 == 0 { flush(); entry = $0 "\n"; next }
        { entry = entry $0 "\n"; if (++at % 2) name = $0; else if (name == "source" && $0 == ours) is_own = 1 }
        END { flush() }'
}
