# shellcheck shell=bash disable=SC2034,SC2154
# What the candidate would have decided otherwise: it decides the records of the last hour again, whatever core wrote them.
# Records that were changed afterwards are told by `quantumctl replay`, and are nobody's fault here.

decisions_check() {
    local status=0 records differ beyond
    redis_ctl replay --since=1h --any-core --json >"$work/replay.json" 2>"$work/said" || status=$?
    if [[ ! -s $work/replay.json ]]; then
        decisions_unknown "$(paste -sd ' ' "$work/said")"
        return
    fi
    records=$(read_value "$work/replay.json" records) differ=$(read_value "$work/replay.json" differ)
    beyond=$(read_value "$work/replay.json" not_comparable)
    if [[ $records == 0 ]]; then
        decisions_unknown 'there is no record of the last hour'
    elif [[ $beyond != 0 ]]; then
        decisions_unknown "$beyond of $records cannot be compared: $(read_value "$work/replay.json" 'first_not_comparable|why')"
    fi
    if [[ $differ == 0 ]]; then
        fact decisions 'of the last hour' "$records, $differ would differ"
    else
        decisions_differ "$differ of $records decisions of the last hour would differ; the first: $(read_value "$work/replay.json" 'first_difference|difference')"
    fi
}

decisions_differ() { # WHAT
    if [[ $same_decisions == yes ]]; then refuse "--same-decisions: $1"; fi
    fact decisions 'of the last hour' "$1"
    warn "$1"
}

decisions_unknown() { # WHY
    if [[ $same_decisions == yes ]]; then refuse "--same-decisions: nobody knows whether it decides the same: $1"; fi
    fact decisions 'not known' "$1"
}
