# shellcheck shell=bash disable=SC2034,SC2154
# The watch: are the services up, do they stay up, and is what they write what they may write?

watch_until_ready() {
    local unit deadline state
    for unit in "${services[@]}"; do
        deadline=$((SECONDS + ready_sec))
        while state=$(unit_is "$unit" ActiveState) && [[ $state != active ]]; do
            if ((SECONDS >= deadline)); then
                watch_fail "$unit" "was not ready within $ready_sec s: $state, $(unit_is "$unit" StatusText)"
            fi
            if [[ $state == failed || $(unit_is "$unit" SubState) == auto-restart || $(unit_is "$unit" NRestarts) != 0 ]]; then
                watch_fail "$unit" "did not start: $(watch_end_of "$unit")"
            fi
            sleep 0.2
        done
        unit_is "$unit" MainPID >"$work/pid.$unit"
        fact services "$unit is now" "active, ready, $(unit_is "$unit" FragmentPath)"
    done
}

watch_fail() { # UNIT WHAT
    printf '%s\n' "$1" >"$work/failed_unit"
    fail "$1 $2"
}

# How it ended first, as systemd wrote it down: its properties are of the next try by now.
watch_end_of() { # UNIT
    local said
    journalctl --sync 2>/dev/null || true
    said=$(journalctl -q _PID=1 "UNIT=$1" --cursor="$(<"$work/cursor")" -o cat 2>/dev/null | awk -v unit="$1: " '
        index($0, unit) == 1 { $0 = substr($0, length(unit) + 1) }
        !ended && /[Mm]ain process exited|[Tt]imed out|[Tt]imeout|Watchdog|Failed (with|to)|Deactivated/ { sub(/[.]$/, ""); print }
        /^(Failed with|Deactivated)/ { ended = 1 }' | paste -sd ';' | sed 's/;/; /g') || true
    printf '%s' "${said:-"the journal does not tell why; it is $(unit_is "$1" ActiveState) now, $(
        counted "$(unit_is "$1" NRestarts)" restart restarts)"}"
}

watch_services() {
    local unit
    for unit in "${services[@]}"; do
        if [[ $(unit_is "$unit" ActiveState) != active || $(unit_is "$unit" NRestarts) != 0 ||
            $(unit_is "$unit" MainPID) != $(<"$work/pid.$unit") ]]; then
            watch_fail "$unit" "did not stay up: $(watch_end_of "$unit")"
        fi
    done
}

# The same figures over an equal window, while the services are looked at.
watch_figures() {
    local from to reader deadline=$((SECONDS + watch_sec))
    from=$(figures_sample)
    figures_read "$backup/after.json" 9>&- &
    reader=$!
    printf '%s\n' "$from" >"$work/samples"
    while ((SECONDS < deadline)); do
        sleep 0.5 9>&-
        watch_services
        figures_sample >>"$work/samples"
        watch_blind_publishing
    done
    wait "$reader" || fail 'the figures could not be read'
    to=$(figures_sample)
    published_after=$(($(field 2 "$to") - $(field 2 "$from")))
    cp "$backup/after.json" "$work/after.json"
    watch_services
}

# Two samples in a row without room, without a count or in safe mode, and intents between them.
watch_blind_publishing() {
    local why
    local last_two from to
    last_two=$(tail -n 2 "$work/samples")
    why=$(awk -v most="$max_open" '
        NR == 1 { added = $2; open = $4; safe = $5; next }
        $2 <= added { exit }
        safe == 1 && $5 == 1 { print "in safe mode"; exit }
        open == $4 && open !~ /^[0-9]+$/ { print "without knowing the open orders"; exit }
        open + 0 > most && $4 + 0 > most { print "over the cap of " most; exit }' <<<"$last_two")
    if [[ ! $why ]]; then return 0; fi
    { read -r _ _ from _ && read -r _ _ to _; } <<<"$last_two"
    redis_answer '' XRANGE "$intents" "($from" "$to" COUNT 20000 | writers_own_entries >"$work/blind"
    if [[ -s $work/blind ]]; then fail "it publishes $why"; fi
}

# Without one signal nothing was decided, and what was seen is that the services run.
watch_verdict() {
    local rate
    rate=$(read_value "$work/after.json" "streams|$signals|added_per_sec")
    verdict='deployed and proved'
    if awk -v rate="${rate:-0}" 'BEGIN { exit rate > 0 }'; then
        verdict='deployed, services only'
        warn "no signal came within $watch_sec s: that the services run is proved, and nothing of what they decide"
    fi
    printf '%s\n' "$verdict" >"$backup/outcome"
}

# What it has published since the switch, and what it has left lying.
watch_prove() {
    writers_prove "$(field 3 "$(<"$work/at_switch")")"
    watch_intents
    watch_backlog
    journal_evidence
}

watch_intents() {
    local since elapsed_ms most marked_since
    since=$(field 3 "$(<"$work/at_switch")")
    elapsed_ms=$(($(date +%s%3N) - $(<"$work/started_ms")))
    most=$(((elapsed_ms / window_ms + 2) * burst))
    redis_answer '' XRANGE "$intents" "($since" + COUNT 20000 | writers_own_entries >"$work/intents"
    # Decisions that were marked when the switch began, and must not come again.
    marked_since=$((${since%-*} - $(effective intent.dedup_ttl_sec) * 1000))
    redis_answer '' XRANGE "$intents" $((marked_since > 0 ? marked_since : 0)) "$since" |
        { grep -o '"decision_id": *"[^"]*"' || true; } | sort -u >"$work/decided"
    awk -v most="$most" -v burst="$burst" -v decided="$work/decided" '
        function value(name,   text) {
            if (!match($0, "\"" name "\": *\"[^\"]*\"")) return ""
            text = substr($0, RSTART, RLENGTH)
            gsub(": *", ":", text)
            return text
        }
        function counted(n) { return n (n == 1 ? " intent" : " intents") }
        BEGIN { while ((getline line < decided) > 0) { gsub(": *", ":", line); old[line] } }
        /^[0-9]+-[0-9]+$/ { intents++; next }
        /^[{].*"action"/ {
            decision = value("decision_id"); cycle = value("cycle_id")
            if (decision == "") nameless++
            else if (decision in old || seen[decision]++) { twice++; example = decision }
            if (++in_cycle[cycle] > burst && cycle != "") crowded = cycle
        }
        END {
            if (twice) print "it published " counted(twice) " for decisions that had one already, for instance " example
            else if (nameless) print "it published " counted(nameless) " without a decision_id"
            else if (intents > most) print "it published " counted(intents) " where the policy allows " most
            else if (crowded) print "it published more than " counted(burst) " in one cycle, " crowded
        }' "$work/intents" >"$work/broken"
    if [[ -s $work/broken ]]; then fail "$(<"$work/broken")"; fi
    fact proof 'new intents' "$(grep -cE '^[0-9]+-[0-9]+$' "$work/intents"), at most $most allowed, none for a decision that had one"
}

watch_backlog() {
    local lag_before lag_after pending_before pending_after age_after path="streams|$signals|groups|$group"
    local rate patience_ms age_before
    lag_before=$(read_value "$work/before.json" "$path|lag") lag_after=$(read_value "$work/after.json" "$path|lag")
    pending_before=$(read_value "$work/before.json" "$path|pending")
    pending_after=$(read_value "$work/after.json" "$path|pending")
    age_after=$(read_value "$work/after.json" "$path|oldest_pending_age_ms")
    age_before=$(read_value "$work/before.json" "$path|oldest_pending_age_ms")
    rate=$(read_value "$work/after.json" "streams|$signals|added_per_sec")
    patience_ms=$((window_ms * 3 + 5000))
    [[ $lag_after && $pending_after ]] || fail "lag and pending of $signals, group $group, cannot be had: is it read at all?"

    if ((${lag_after:-0} > ${lag_before:-0} + 10)) &&
        awk -v l="${lag_after:-0}" -v b="${lag_before:-0}" -v r="${rate:-0}" -v s="$watch_sec" 'BEGIN { exit !(l - b > r * s / 2) }'; then
        fail "the group's lag grows: ${lag_before:-unknown} before, $lag_after after"
    fi
    if ((${age_after:-0} > patience_ms && ${age_after:-0} >= ${age_before:-0} && ${pending_after:-0} >= ${pending_before:-0})); then
        fail "what is pending grows older: $age_after ms, $(counted "$pending_after" entry entries); ${pending_before:-unknown} before"
    fi
    fact proof 'backlog' "lag ${lag_before:-unknown} → ${lag_after:-unknown}, pending ${pending_before:-none} → ${pending_after:-none}"
}
