# shellcheck shell=bash disable=SC2034,SC2154
# Questions to Redis, where the candidate's effective values say that it is. The password never stands on a command line.
# An answer that cannot be had ends the run: it never counts as one that is fine.

redis_args=() asking_words=() redis_user='' redis_password='' redis_where='' url='' settings_file=''
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
    redis_answer '' PING >/dev/null
    redis_check_rights
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
        shown=$(sed -nE "s#.*[\"'= ]((rediss?|unix)://[^\"' ;]*).*#\1#p" <<<"$line")
    fi
    printf '%s' "$shown"
}

percent_decoded() { # TEXT
    local text=${1//\\/\\\\}
    printf '%b' "${text//%/\\x}"
}

redis_address() {
    local password_file
    "$stage/usr/bin/quantum-router" "${asking_words[@]}" --check-config >"$work/asking" 2>"$work/said" ||
        refuse "where Redis is: $(paste -sd ' ' "$work/said")"
    url=$(redis_url)
    redis_take_url
    password_file=$(redis_value redis.password_file)
    if [[ $password_file && -s $password_file ]]; then redis_password=$(head -n 1 "$password_file"); fi
}

redis_take_url() {
    case $url in
    unix://*) redis_address_unix "${url#*://}" ;;
    redis://*) redis_address_tcp "${url#*://}" ;;
    rediss://*) refuse 'redis.url asks for TLS, and redis-cli, which asks here, checks no name: give a redis:// to the same server with --redis-env, or go by the packages' ;;
    *) refuse 'where Redis is: no redis.url could be read' ;;
    esac
    if [[ $redis_user ]]; then redis_args+=(--user "$redis_user" --no-auth-warning); fi
}

# Where no installed router can tell where Redis is: as far as the files that it will read say so in as many words, and
# nothing else that they say has a part in it.
redis_url_said() {
    local folder=$root/etc/quantum file files=() said=''
    for file in "$folder/router.conf" "$folder/ai-engine.env" "$folder/router.env" "$redis_env"; do
        if [[ $file && -r $file ]]; then files+=("$file"); fi
    done
    if ((${#files[@]} > 0)); then
        if grep -qE '^[^#]*(REDIS_HOST|REDIS_PORT|sentinel|nodes|host *=|port *=|@include)' "${files[@]}"; then return 0; fi
        said=$(sed -nE "s,^(REDIS_URL=[\"']?|[^#]*\<url *= *\")([^\"'[:space:]]+).*,\2,p" "${files[@]}" | tail -n 1)
    fi
    if [[ ! $said || $said == redis://* || $said == unix://* ]]; then printf '%s' "${said:-redis://127.0.0.1:6379/0}"; fi
}

# Whether it answers does not depend on the build; whether it wants a password may stand elsewhere.
redis_ask_first() {
    url=$(redis_url_said)
    if [[ ! $url ]]; then return 0; fi
    redis_take_url
    redis_answer '^NOAUTH|^NOPERM' PING >/dev/null
}

# As common/redis/url.c does it: a user only where the path does not begin at once.
redis_address_unix() { # [USER:PASSWORD@]/PATH[?db=N]
    local rest=${1%%\?*} database=''
    if [[ $1 == *\?db=* ]]; then database=${1##*\?db=}; fi
    if [[ $rest != /* && $rest == *@* ]]; then
        redis_login "${rest%@*}"
        rest=${rest##*@}
    fi
    redis_where=$(percent_decoded "$rest")
    redis_args=(-s "$redis_where")
    if [[ $database ]]; then redis_args+=(-n "$database"); fi
}

redis_address_tcp() { # [USER:PASSWORD@]HOST[:PORT][/N]
    local rest=${1%%/*} host port=6379 database=''
    if [[ $1 == */* ]]; then database=${1#*/}; fi
    if [[ $rest == *@* ]]; then
        redis_login "${rest%@*}"
        rest=${rest##*@}
    fi
    host=$rest
    if [[ $rest =~ ^(.*):([0-9]+)$ ]]; then host=${BASH_REMATCH[1]} port=${BASH_REMATCH[2]}; fi
    if [[ $host == \[*\] ]]; then host=${host:1:-1}; fi
    redis_where=$rest
    redis_args=(-h "$(percent_decoded "$host")" -p "$port")
    if [[ $database ]]; then redis_args+=(-n "$database"); fi
}

redis_login() { # USER[:PASSWORD]
    redis_user=$(percent_decoded "${1%%:*}")
    if [[ $1 == *:* ]]; then redis_password=$(percent_decoded "${1#*:}"); fi
}

# Ends with 1 where Redis refuses.
redis_ask() { # COMMAND...
    if [[ $redis_password ]]; then local -x REDISCLI_AUTH=$redis_password; fi
    timeout 10 redis-cli -e "${redis_args[@]}" "$@" </dev/null 9>&-
}

# redis-cli goes on as the default user where the password is wrong.
redis_answer() { # ERROR COMMAND...: the answer; none where Redis answers with an error like ERROR, and without any other answer the run ends
    local nothing=$1 status=0
    shift
    redis_ask "$@" 2>"$work/refused" || status=$?
    if [[ $status -ne 0 && $nothing && $(<"$work/refused") =~ $nothing ]]; then return 0; fi
    if ((status == 124)); then printf 'nothing within 10 s\n' >>"$work/refused"; fi
    if [[ $status -ne 0 || -s $work/refused ]]; then fail "Redis at $redis_where gives no answer to $1${2:+ $2}: $(redis_refusal)"; fi
}

redis_refusal() { # what Redis said, and who had better ask where that helps
    local said file
    said=$(paste -sd ' ' "$work/refused")
    printf '%s' "${said:-no answer}"
    if [[ $said == *'Connection refused'* ]] && systemctl cat redis-server >&/dev/null && ! systemctl -q is-active redis-server; then
        printf '; redis-server is off here: systemctl enable --now redis-server'
    fi
    [[ $said == *NOPERM* || $said == *NOAUTH* || $said == *'AUTH failed'* ]] || return 0
    printf '; it was asked as %s. Name a user who may ask this with --redis-env FILE' "${redis_user:-the user without a name}"
    for file in /etc/quantum/redis-operator.env /etc/quantum/redis-monitor.env; do
        if [[ -r $file && $redis_env != "$file" ]]; then
            printf ', for instance --redis-env %s' "$file"
            return
        fi
    done
    printf ', a file with the REDIS_URL of quantum-operator'
}

# All that is asked later, so that nothing is switched by somebody who is then refused an answer. SET with both NX and XX
# is wrong and never writes; the right to SET is looked at before that.
redis_check_rights() {
    local unknown='^ERR no such key|^NOGROUP'
    {
        redis_answer '' SCAN 0 COUNT 1
        redis_answer '' TYPE "$safe_key"
        redis_answer '' TYPE "$leader_key"
        redis_answer '^WRONGTYPE' GET "$open_key"
        redis_answer '^WRONGTYPE' HMGET "$commit_key" held_until
        redis_answer "$unknown" XINFO STREAM "$intents"
        redis_answer "$unknown" XINFO CONSUMERS "$signals" "$group"
        redis_answer '' XRANGE "$intents" + +
        redis_answer '' XREVRANGE "$intents" - -
        if [[ $init_capacity == yes ]]; then redis_answer '^ERR syntax' SET "$open_key" 0 NX XX; fi
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

# quantumctl reads the file as the router does, but not the units' environment files: what they say is given to it.
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
    local is_set
    is_set=$(redis_exists "$open_key") || exit 1
    if [[ $is_set == 0 ]]; then
        fact capacity missing "$open_key"
        if [[ $init_capacity == no ]]; then
            warn "$open_key is missing: the router publishes nothing until it is set; --init-capacity sets it to 0"
        fi
    fi
}
