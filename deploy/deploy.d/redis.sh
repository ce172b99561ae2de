# shellcheck shell=bash disable=SC2034,SC2154
# Questions to Redis, where the candidate's effective values say that it is. The password never stands on a command line.

redis_args=() asking_words=() redis_password='' url='' settings_file=''
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
    settings_file=$file
    asking_words=(--config "$file")
    for word in "${words[@]}"; do
        # A user of its own has a password of its own.
        if [[ ! $redis_env || $word != --redis.password_file=* ]]; then asking_words+=("$word"); fi
    done
    if [[ $redis_env ]]; then asking_words+=(--env-file "$redis_env"); fi
    redis_address
    redis_ask PING >/dev/null 2>"$work/said" || refuse "Redis at ${redis_args[*]} does not answer: $(paste -sd ' ' "$work/said")"
}

redis_value() { # KEY: as this program asks, with --redis-env
    value_in "$work/asking" "$1"
}

# The URL as it was written: --check-config masks the password, so it is looked up where --check-config says it stands.
redis_url() {
    local shown source line
    line=$(grep '^redis.url = ' "$work/asking")
    shown=$(redis_value redis.url)
    source=$(sed -nE 's/.*" +# (.*)$/\1/p' <<<"$line")
    if [[ $shown == *'********'* ]]; then
        source=${source%% (*}
        line=$(sed -n "${source##*:}p" "${source%:*}")
        shown=$(sed -nE "s#.*[\"'= ]((redis|unix)://[^\"' ;]*).*#\1#p" <<<"$line")
    fi
    printf '%s' "$shown"
}

percent_decoded() { # TEXT
    local text=${1//\\/\\\\}
    printf '%b' "${text//%/\\x}"
}

redis_address() {
    local rest user='' database='' password password_file
    "$stage/usr/bin/quantum-router" "${asking_words[@]}" --check-config >"$work/asking" 2>"$work/said" ||
        refuse "where Redis is: $(paste -sd ' ' "$work/said")"
    url=$(redis_url)
    rest=${url#*://}
    if [[ $url == unix://* ]]; then
        redis_args=(-s "$(percent_decoded "${rest%%\?*}")")
        if [[ $rest == *\?db=* ]]; then database=${rest##*db=}; fi
    else
        if [[ $rest == *@* ]]; then
            user=$(percent_decoded "${rest%%[:@]*}")
            if [[ ${rest%@*} == *:* ]]; then
                password=${rest%@*}
                redis_password=$(percent_decoded "${password#*:}")
            fi
            rest=${rest##*@}
        fi
        database=${rest#"${rest%%/*}"} rest=${rest%%/*}
        redis_args=(-h "${rest%:*}" -p "${rest##*:}")
    fi
    database=${database#/}
    if [[ $user ]]; then redis_args+=(--user "$user" --no-auth-warning); fi
    if [[ $database ]]; then redis_args+=(-n "$database"); fi
    password_file=$(redis_value redis.password_file)
    if [[ $password_file && -s $password_file ]]; then redis_password=$(head -n 1 "$password_file"); fi
}

# Ends with 1 where Redis refuses.
redis_ask() { # COMMAND...
    if [[ $redis_password ]]; then local -x REDISCLI_AUTH=$redis_password; fi
    timeout 10 redis-cli -e "${redis_args[@]}" "$@" </dev/null 9>&-
}

redis_clock_ms() {
    redis_ask TIME | awk 'NR == 1 { s = $1 } NR == 2 { printf "%d%03d", s, $1 / 1000 }'
}

# quantumctl reads the file as the router does, but no environment files: what they say is given to it.
redis_ctl() { # COMMAND...
    local words=() key
    for key in capacity.max_open capacity.target_open capacity.max_new_per_cycle capacity.super_confidence window.seconds \
        redis.password_file; do
        words+=("--$key=$(redis_value "$key")")
    done
    REDIS_URL=$url "$stage/usr/bin/quantumctl" --config "$settings_file" "${words[@]}" "$@" 9>&-
}

# The only thing that is ever written, and only where nothing stands.
redis_init_capacity() {
    local said
    said=$(redis_ask SET "$open_key" 0 NX) || fail "$open_key could not be set"
    if [[ $said == OK ]]; then fact capacity 'set to 0' "$open_key"; fi
}

redis_look_at_capacity() {
    if [[ $(redis_ask EXISTS "$open_key") == 0 ]]; then
        fact capacity missing "$open_key"
        if [[ $init_capacity == no ]]; then
            warn "$open_key is missing: the router publishes nothing until it is set; --init-capacity sets it to 0"
        fi
    fi
}
