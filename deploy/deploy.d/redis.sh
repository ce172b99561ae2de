# shellcheck shell=bash disable=SC2034,SC2154
# Questions to Redis, asked by quantumctl of the tree in $stage: it goes where the router's unit goes, by its file and its variables,
# and so over TLS, to the master and to the node that has the names. No password is known here, nor stands on a command line.
# An answer that cannot be had ends the run: it never counts as one that is fine.

asking_words=() redis_asker=''
signals='' intents='' group='' consumer='' open_key='' safe_key='' leader_key='' commit_key='' burst='' window_ms='' max_open=''

# Of what --check-config has printed.
value_in() { # FILE KEY
    sed -nE "s/^${2//./\\.} = (\"[^\"]*\"|[^ ]*) +#.*/\1/p" "$1" | tr -d '"'
}

effective() { # KEY: as the router's unit will see it
    value_in "$work/effective.$router_unit" "$1"
}

redis_connect() {
    local words=() word file
    if [[ ! -e $work/effective.$router_unit ]]; then candidate_check_settings "$router_unit"; fi
    signals=$(effective keys.signals) intents=$(effective keys.intents)
    group=$(effective keys.group) consumer=$(effective keys.consumer)
    open_key=$(effective keys.open_orders) safe_key=$(effective keys.safe_mode) leader_key=$(effective keys.leader)
    commit_key=$(effective keys.commit)
    burst=$(effective capacity.max_new_per_cycle) max_open=$(effective capacity.max_open)
    window_ms=$(effective window.seconds | awk '{ printf "%d", $1 * 1000 }')
    [[ $signals && $intents && $burst && $max_open && $window_ms -gt 0 ]] ||
        refuse 'the candidate does not say which streams it uses'

    mapfile -t words < <(service_words "$router_unit")
    file=$(service_settings "$router_unit")
    if [[ ! -e $file ]]; then file=$stage$file; fi
    # Without a file of variables it would read those of people, in quantumctl.env.
    asking_words=(--config "$file" --env-file /dev/null)
    for word in "${words[@]}"; do
        # A user of its own has a password of its own.
        if [[ ! $redis_env || $word != --redis.password_file=* ]]; then asking_words+=("$word"); fi
    done
    if [[ $redis_env ]]; then asking_words+=(--env-file "$redis_env"); fi
    redis_know_asker
    redis_answer '' PING >/dev/null
    redis_check_rights
}

# Who asks, for a refusal: --check-config shows the URL without its password.
redis_know_asker() {
    "$stage/usr/bin/quantum-router" "${asking_words[@]}" --check-config >"$work/asking" 2>"$work/said" ||
        refuse "where Redis is: $(paste -sd ' ' "$work/said")"
    redis_asker=$(value_in "$work/asking" redis.url | sed -nE 's#^[a-z+]+://([^:@/]+)(:[^@]*)?@.*#\1#p')
}

redis_ctl() { # COMMAND...
    "$stage/usr/bin/quantumctl" "${asking_words[@]}" "$@" 9>&-
}

redis_can_ask() { "$stage/usr/bin/quantumctl" redis --help >/dev/null 2>&1; }

# Ends with 1 where Redis refuses, each value in a line of its own.
redis_ask() { # COMMAND...
    timeout 10 "$stage/usr/bin/quantumctl" "${asking_words[@]}" redis --mode=live -- "$@" </dev/null 9>&-
}

redis_answer() { # ERROR COMMAND...: the answer; none where Redis answers with an error like ERROR, and without any other answer the run ends
    local nothing=$1 status=0
    shift
    redis_ask "$@" 2>"$work/refused" || status=$?
    if ((status == 0)); then return 0; fi
    if [[ $nothing && $(<"$work/refused") =~ :\ ($nothing) ]]; then return 0; fi
    if ((status == 124)); then printf 'Redis gives no answer to %s within 10 s\n' "$1" >"$work/refused"; fi
    fail "$(redis_refusal)"
}

redis_refusal() { # what was said, and who had better ask where that helps
    local said file
    said=$(paste -sd ' ' "$work/refused")
    printf '%s' "${said#quantumctl redis: }"
    [[ $said == *NOPERM* || $said == *NOAUTH* || $said == *WRONGPASS* ]] || return 0
    printf '; it was asked as %s. Name a user who may ask this with --redis-env FILE' "${redis_asker:-the user without a name}"
    for file in /etc/quantum/redis-operator.env /etc/quantum/redis-monitor.env; do
        if [[ -r $file && $redis_env != "$file" ]]; then
            printf ', for instance --redis-env %s' "$file"
            return
        fi
    done
    printf ', a file with the REDIS_URL of quantum-operator'
}

# Where nobody is installed who could ask: as far as the files that will be read name a server in as many words, and nothing else
# that they say has a part in it.
redis_url_said() {
    local folder=$root/etc/quantum file files=() said=''
    for file in "$folder/router.conf" "$folder/ai-engine.env" "$folder/router.env" "$redis_env"; do
        if [[ $file && -r $file ]]; then files+=("$file"); fi
    done
    if ((${#files[@]} > 0)); then
        if grep -qE '^[^#]*(REDIS_HOST|REDIS_PORT|sentinel|nodes|host *=|port *=|@include)' "${files[@]}"; then return 0; fi
        said=$(sed -nE "s,^(REDIS_URL=[\"']?|[^#]*\<url *= *\")([^\"'[:space:]]+).*,\2,p" "${files[@]}" | tail -n 1)
    fi
    printf '%s' "${said:-redis://127.0.0.1:6379/0}"
}

# Whether somebody listens there does not depend on the build; who it is and what it wants, only quantumctl finds out.
redis_ask_first() {
    local url rest
    url=$(redis_url_said)
    rest=${url#*://}
    case $url in
    unix://*)
        rest=${rest%%\?*}
        if [[ $rest != /* ]]; then rest=${rest##*@}; fi
        [[ $rest == *%* || -S $rest ]] || fail "there is no Redis at $rest"
        ;;
    redis://* | rediss://*)
        rest=${rest%%/*} rest=${rest##*@}
        if [[ ! $rest =~ :[0-9]+$ ]]; then rest+=:6379; fi
        redis_listens "${rest%:*}" "${rest##*:}" || fail "nobody listens at $rest, where Redis should be$(redis_local_hint)"
        ;;
    esac
}

redis_listens() { # HOST PORT
    # shellcheck disable=SC2016 # expanded by the other shell
    timeout 10 bash -c 'exec 3<>"/dev/tcp/$1/$2"' - "$(tr -d '[]' <<<"$1")" "$2" 2>/dev/null
}

redis_local_hint() {
    if systemctl cat redis-server >&/dev/null && ! systemctl -q is-active redis-server; then
        printf '; redis-server is off here: systemctl enable --now redis-server'
    fi
}

# All that is asked later, so that nothing is switched by somebody who is then refused an answer. SET with both NX and XX
# is wrong and never writes; the right to SET is looked at before that.
redis_check_rights() {
    local unknown='ERR no such key|NOGROUP'
    {
        redis_answer '' SCAN 0 COUNT 1
        redis_answer '' TYPE "$safe_key"
        redis_answer '' TYPE "$leader_key"
        redis_answer 'WRONGTYPE' GET "$open_key"
        redis_answer 'WRONGTYPE' HMGET "$commit_key" held_until
        redis_answer "$unknown" XINFO STREAM "$intents"
        redis_answer "$unknown" XINFO CONSUMERS "$signals" "$group"
        redis_answer '' XRANGE "$intents" + +
        redis_answer '' XREVRANGE "$intents" - -
        if [[ $init_capacity == yes ]]; then redis_answer 'ERR syntax' SET "$open_key" 0 NX XX; fi
    } >/dev/null
}

redis_exists() { # KEY: 1 or 0
    local type
    type=$(redis_answer '' TYPE "$1") || exit 1
    if [[ $type == none ]]; then printf 0; else printf 1; fi
}

redis_clock_ms() {
    redis_answer '' TIME | awk 'NR == 1 { s = $1 } NR == 2 { printf "%d%03d", s, $1 / 1000 }'
}

# The only thing that is ever written, and only where nothing stands.
redis_init_capacity() {
    local said
    said=$(redis_ask SET "$open_key" 0 NX) || fail "$open_key could not be set"
    if [[ $said == OK ]]; then fact capacity 'set to 0' "$open_key"; fi
}

redis_look_at_capacity() {
    local is_set
    is_set=$(redis_exists "$open_key") || exit 1
    if [[ $is_set == 0 ]]; then
        fact capacity missing "$open_key"
        if [[ $init_capacity == no ]]; then
            warn "$open_key is missing: the router publishes nothing until it is set; --init-capacity sets it to 0"
        fi
    fi
}
