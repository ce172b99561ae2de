# shellcheck shell=bash disable=SC2034,SC2154
# The watch: are the services up, do they stay up, and is what they write what they may write?

watch_until_ready() {
    local unit deadline state
    for unit in "${services[@]}"; do
        deadline=$((SECONDS + ready_sec))
        while state=$(unit_is "$unit" ActiveState) && [[ $state != active ]]; do
            ((SECONDS < deadline)) || fail "$unit was not ready within $ready_sec s: $state, $(unit_is "$unit" StatusText)"
            if [[ $state == failed || $(unit_is "$unit" NRestarts) != 0 ]]; then
                fail "$unit did not start: $(unit_is "$unit" Result), exit status $(unit_is "$unit" ExecMainStatus)"
            fi
            sleep 0.2
        done
        unit_is "$unit" MainPID >"$work/pid.$unit"
        fact services "$unit is now" "active, ready, $(unit_is "$unit" FragmentPath)"
    done
}

watch_services() {
    local unit
    for unit in "${services[@]}"; do
        if [[ $(unit_is "$unit" ActiveState) != active || $(unit_is "$unit" NRestarts) != 0 ||
            $(unit_is "$unit" MainPID) != $(<"$work/pid.$unit") ]]; then
            fail "$unit did not stay up: $(unit_is "$unit" ActiveState), $(unit_is "$unit" NRestarts) restarts, result $(unit_is "$unit" Result)"
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
    why=$(tail -n 2 "$work/samples" | awk -v most="$max_open" '
        NR == 1 { added = $2; open = $4; safe = $5; next }
        $2 <= added { exit }
        safe == 1 && $5 == 1 { print "in safe mode"; exit }
        open == $4 && open !~ /^[0-9]+$/ { print "without knowing the open orders"; exit }
        open + 0 > most && $4 + 0 > most { print "over the cap of " most; exit }')
    if [[ $why ]]; then fail "it publishes $why"; fi
}

# What it has published since the switch, and what it has left lying.
watch_prove() {
    watch_intents
    watch_backlog
    journal_evidence
}

watch_intents() {
    local since elapsed_ms most marked_since
    since=$(field 3 "$(<"$work/at_switch")")
    elapsed_ms=$(($(date +%s%3N) - $(<"$work/started_ms")))
    most=$(((elapsed_ms / window_ms + 2) * burst))
    redis_ask XRANGE "$intents" "($since" + COUNT 20000 >"$work/intents" 2>"$work/said" || fail "the intents cannot be read: $(<"$work/said")"
    # Decisions that were marked when the switch began, and must not come again.
    marked_since=$((${since%-*} - $(effective intent.dedup_ttl_sec) * 1000))
    redis_ask XRANGE "$intents" $((marked_since > 0 ? marked_since : 0)) "$since" 2>/dev/null |
        grep -o '"decision_id": *"[^"]*"' | sort -u >"$work/decided" || true
    awk -v most="$most" -v burst="$burst" -v decided="$work/decided" '
        function value(name,   text) {
            if (!match($0, "\"" name "\": *\"[^\"]*\"")) return ""
            text = substr($0, RSTART, RLENGTH)
            gsub(": *", ":", text)
            return text
        }
        BEGIN { while ((getline line < decided) > 0) { gsub(": *", ":", line); old[line] } }
        /^[0-9]+-[0-9]+$/ { intents++; next }
        /^[{].*"action"/ {
            decision = value("decision_id"); cycle = value("cycle_id")
            if (decision == "") nameless++
            else if (decision in old || seen[decision]++) { twice++; example = decision }
            if (++in_cycle[cycle] > burst && cycle != "") crowded = cycle
        }
        END {
            if (twice) print "it published " twice " intents for decisions that had one already, for instance " example
            else if (nameless) print "it published " nameless " intents without a decision_id"
            else if (intents > most) print "it published " intents " intents where the policy allows " most
            else if (crowded) print "it published more than " burst " intents in one cycle, " crowded
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

    if ((${lag_after:-0} > ${lag_before:-0} + 10)) &&
        awk -v l="${lag_after:-0}" -v b="${lag_before:-0}" -v r="${rate:-0}" -v s="$watch_sec" 'BEGIN { exit !(l - b > r * s / 2) }'; then
        fail "the group's lag grows: ${lag_before:-unknown} before, $lag_after after"
    fi
    if ((${age_after:-0} > patience_ms && ${age_after:-0} >= ${age_before:-0} && ${pending_after:-0} >= ${pending_before:-0})); then
        fail "what is pending grows older: $age_after ms, $pending_after entries; ${pending_before:-unknown} before"
    fi
    fact proof 'backlog' "lag ${lag_before:-unknown} → ${lag_after:-unknown}, pending ${pending_before:-none} → ${pending_after:-none}"
}
