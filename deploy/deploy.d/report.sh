# shellcheck shell=bash disable=SC2034,SC2154
# The report, as text and as JSON, of the facts that were gathered.

published_before='' published_after=''

report_make() { # FOLDER
    local folder=$1
    if [[ $published_before ]]; then figures_tell; else : >"$work/figures"; fi
    report_text >"$folder/report.txt.new"
    report_json >"$folder/report.json.new"
    # What a rollback by the timer says stands above what the deploy itself had said by then.
    if [[ -s $folder/report.txt && $action == rollback ]]; then
        { printf '\n── before\n' && cat "$folder/report.txt"; } >>"$folder/report.txt.new"
        mv -f "$folder/report.json" "$folder/report.before.json"
    fi
    mv -f "$folder/report.txt.new" "$folder/report.txt"
    mv -f "$folder/report.json.new" "$folder/report.json"
    if [[ -s $work/after.json ]]; then
        "$stage/usr/bin/quantumctl" compare "$work/before.json" "$work/after.json" >"$folder/compare.txt" 2>/dev/null || true
    fi
    say ''
    say "$(sed '/^── before$/,$d' "$folder/report.txt")"
    if [[ $folder != "$work" ]]; then
        say "report: $folder/report.txt and report.json"
        cat "$work/log" >>"$folder/log"
    fi
}

report_text() {
    printf 'verdict: %s\nstarted: %s, ended %s\nbackup:  %s\n' "$verdict" "$started" "$(date -u +%Y-%m-%dT%H:%M:%SZ)" "${backup:-none}"
    awk -F'\t' '
        !($1 in lines) { order[++count] = $1 }
        { lines[$1] = lines[$1] "   " ($2 == "" ? $3 : sprintf("%s: %s", $2, $3)) "\n" }
        END { for (i = 1; i <= count; i++) if (order[i] != "figures") printf "\n%s\n%s", order[i], lines[order[i]] }' "$work/facts"
    if [[ -s $work/figures ]]; then
        awk -F'\t' -v after="$(if [[ -e $work/after.json ]]; then echo unknown; else echo 'not measured'; fi)" '
            BEGIN { printf "\n%-30s %12s %12s %12s\n", "figures", "before", "after", "change" }
            {
                change = ($2 ~ /^-?[0-9.]+$/ && $3 ~ /^-?[0-9.]+$/) ? sprintf("%+.10g", $3 - $2) : ""
                printf "   %-27s %12s %12s %12s\n", $1, $2 == "-" ? "unknown" : $2, $3 == "-" ? after : $3, change
            }' "$work/figures"
        awk -F'\t' '$2 == "reduction_percent" { print "   reduction of published intents: " $3 ($3 ~ /^[-0-9.]+$/ ? " %" : "") }' "$work/facts"
    fi
}

report_json() {
    {
        printf 'deploy\tverdict\t%s\ndeploy\tstarted\t%s\ndeploy\tended\t%s\ndeploy\tbackup\t%s\n' \
            "$verdict" "$started" "$(date -u +%Y-%m-%dT%H:%M:%SZ)" "$backup"
        cat "$work/facts"
        sed 's/^/\f/' "$work/figures"
    } | awk -F'\t' '
        function text(t,   i, c, out) {
            gsub(/\\/, "\\\\", t); gsub(/"/, "\\\"", t)
            gsub(/[\001-\037]/, " ", t)
            return "\"" t "\""
        }
        function value(t) { return t ~ /^-?(0|[1-9][0-9]*)(\.[0-9]+)?$/ ? t : t == "-" ? "null" : text(t) }
        function add(section, item) {
            if (!(section in body)) { order[++count] = section; body[section] = item }
            else body[section] = body[section] ",\n    " item
        }
        /^\f/ {
            sub(/^\f/, "")
            add("before and after", text($1) ": {\"before\": " value($2) ", \"after\": " value($3) "}")
            next
        }
        $2 == "" { is_list[$1] = 1; add($1, text($3)); next }
        { add($1, text($2) ": " value($3)) }
        END {
            print "{"
            for (i = 1; i <= count; i++) {
                s = order[i]
                printf "  %s: %s\n    %s\n  %s%s\n", text(s), is_list[s] ? "[" : "{", body[s], is_list[s] ? "]" : "}", i < count ? "," : ""
            }
            print "}"
        }'
}
