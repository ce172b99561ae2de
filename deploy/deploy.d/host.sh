# shellcheck shell=bash disable=SC2034,SC2154
# The host as it is: which units run, which files and variables they read, and who else reads the signals.
# $services: the units that are restarted. $shadows: unit files in /etc that hide the package's.

services=() shadows=() old_units=()
router_unit=quantum-ai-strategy-router.service
executor_unit=quantum-execution.service

host_check() {
    local tool
    ((EUID == 0)) || refuse 'only root can do this'
    [[ -d /run/systemd/system ]] || refuse 'systemd does not run this host'
    for tool in systemctl systemd-analyze systemd-run journalctl flock awk sed diff cmp find sha256sum; do
        command -v "$tool" >/dev/null || refuse "$tool is missing"
    done
}

unit_is() { # UNIT PROPERTY: its value
    systemctl show --property="$2" --value -- "$1" 2>/dev/null || true
}

# What was named on the command line, as far as the candidate has no say in it.
host_check_wanted() {
    local unit wanted=()
    IFS=, read -ra wanted <<<"$wanted_services"
    for unit in "${wanted[@]}"; do
        [[ $unit =~ ^quantum-[A-Za-z0-9@_.-]+\.service$ ]] || refuse "--services: '$unit' is no unit of ours"
    done
    for unit in "$router_unit" "${wanted[@]}"; do
        [[ $(unit_is "$unit" LoadState) != masked ]] || refuse "$unit is masked; unmask it first"
    done
    if [[ $replaces && $(unit_is "$replaces" LoadState) != loaded ]]; then refuse "--replaces: there is no unit $replaces"; fi
}

# The router always; what else of ours runs or tries to, instances of the template included. What an operator has stopped
# stays so.
host_find_services() {
    local unit
    if [[ $wanted_services ]]; then
        IFS=, read -ra services <<<"$wanted_services"
    else
        services=("$router_unit")
        if [[ $(unit_is "$executor_unit" ActiveState) != inactive ]]; then services+=("$executor_unit"); fi
        while read -r unit _; do services+=("$unit"); done < <(
            systemctl list-units --plain --no-legend --state=active 'quantum-ai-strategy-router@*.service')
    fi
    for unit in "${services[@]}"; do
        [[ $unit =~ ^quantum-[A-Za-z0-9@_.-]+\.service$ ]] || refuse "--services: '$unit' is no unit of ours"
        candidate_unit "$unit" >/dev/null || refuse "the candidate has no unit $unit"
        [[ $(unit_is "$unit" LoadState) != masked ]] || refuse "$unit is masked; unmask it first"
        fact services "$unit" "$(unit_is "$unit" ActiveState), $(unit_is "$unit" UnitFileState)"
    done
    if [[ $replaces ]]; then
        [[ $(unit_is "$replaces" LoadState) == loaded ]] || refuse "--replaces: there is no unit $replaces"
        old_units=("$replaces")
        fact takeover '' "$replaces is stopped and disabled"
    fi
}

# The words of a staged unit's ExecStart that matter here, and its environment files, %i put in.
service_line() { # UNIT KEY
    local instance=${1#*@}
    sed -n "s/^$2=//p" "$(candidate_unit "$1")" | sed "s/%i/${instance%.service}/g"
}

service_program() { # UNIT
    local words
    read -ra words <<<"$(service_line "$1" ExecStart | head -n 1)"
    basename "${words[0]}"
}

service_settings() { # UNIT: its configuration file
    local file
    file=$(service_line "$1" ExecStart | sed -nE 's/.*--config[= ]([^ ]+).*/\1/p' | head -n 1)
    if [[ ! $file ]]; then
        file=/etc/quantum/router.conf
        if [[ $(service_program "$1") == quantum-executor ]]; then file=/etc/quantum/executor.conf; fi
    fi
    printf '%s' "$file"
}

service_password() { # UNIT: the file that its credential comes from, if it is there and not empty
    local file
    file=$(service_line "$1" LoadCredential | sed -n 's/^redis-password://p')
    if [[ $file && -s $file ]]; then printf '%s' "$file"; fi
}

# What the unit gives to its program, a word in each line.
service_words() { # UNIT
    local file
    while IFS= read -r file; do
        file=${file#-}
        if [[ -e $file ]]; then printf '%s\n' --env-file "$file"; fi
    done < <(service_line "$1" EnvironmentFile)
    file=$(service_password "$1")
    if [[ $file ]]; then printf '%s\n' "--redis.password_file=$file"; fi
}

# A unit file in /etc/systemd/system wins over the package's of the same name. An operator's link to the package's own is none.
host_find_shadows() {
    local file unit
    while IFS= read -r unit; do
        for file in "/etc/systemd/system/$unit" "/run/systemd/system/$unit"; do
            [[ -f $file ]] || continue
            shadows+=("$file")
            fact takeover '' "$file hides the candidate's unit: it runs $(sed -n 's/^ExecStart=//p' "$file" | head -n 1)"
        done
    done < <(sed -n 's|.*/systemd/system/\(quantum[^/]*\)$|\1|p' "$work/files")
    for unit in "${services[@]}"; do
        for file in "/etc/systemd/system/$unit.d"/*.conf; do
            [[ -e $file ]] || continue
            fact takeover '' "$file stays, and holds for the candidate's unit, too"
            if grep -E '^ExecStart=.' "$file" | grep -qvE '^ExecStart=[-+:@!]*/usr/bin/quantum'; then
                refuse "$file names a program of its own: the candidate's would not be started"
            fi
        done
    done
}

# Programs that look like a router and are not run by a unit that is replaced.
host_other_programs() {
    local folder words unit
    for folder in /proc/[0-9]*; do
        words=$({ tr "\0" " " <"$folder/cmdline"; } 2>/dev/null) || continue
        [[ $words == *python*router* || $words == */quantum-router\ * || $words == *strategy_router* ]] || continue
        unit=$(sed -n 's|.*/\([^/]*\.service\).*|\1|p' "$folder/cgroup" 2>/dev/null | head -n 1)
        [[ " ${services[*]} ${old_units[*]} " != *" ${unit:-?} "* ]] || continue
        printf '%s\n' "$(host_program "$folder")"
    done
}

# ms since the router's consumer last read; nothing where there is none.
host_consumer_idle() {
    redis_answer 'ERR no such key|NOGROUP' XINFO CONSUMERS "$signals" "$group" |
        awk -v wanted="$consumer" '$0 == "name" { getline name } $0 == "idle" { getline idle; if (name == wanted) print idle }'
}

# When nothing that is to be replaced runs, one who reads under the router's name shares its consumer.
host_find_other_readers() {
    local unit line
    while IFS= read -r line; do warn "another program may be a router, and deploy leaves it alone: $line"; done < <(host_other_programs)
    for unit in "$router_unit" "${old_units[@]}"; do
        if [[ $(unit_is "$unit" ActiveState) == active ]]; then return; fi
    done
    host_refuse_shared_consumer 10000
}

# Routers on other hosts share the name by design; the one that reads holds the lease. And until when the last holder may
# have read, stands in the commit hash.
host_refuse_shared_consumer() { # NEWER_THAN_MS
    local idle held_until is_led now_ms
    idle=$(host_consumer_idle) || exit 1
    if [[ ! $idle ]] || ((idle >= $1)); then return 0; fi
    is_led=$(redis_exists "$leader_key") || exit 1
    if [[ $is_led == 1 ]]; then return 0; fi
    held_until=$(redis_answer 'WRONGTYPE' HMGET "$commit_key" held_until) || exit 1
    now_ms=$(redis_clock_ms) || exit 1
    if ((now_ms - idle <= ${held_until:-0})); then return 0; fi
    host_other_readers >"$work/other_readers" || true
    fail "somebody else reads $signals as $group/$consumer, $idle ms ago: stop it first, or name its unit with --replaces: $(
        sort -u "$work/other_readers" | paste -sd ';')"
}

host_other_readers() {
    local id address name
    host_other_programs
    while IFS=$'\t' read -r id address name; do
        printf 'connection %s from %s %s%s\n' "$id" "$address" "$name" "$(host_owner_of "$address")"
    done < <(redis_ask CLIENT LIST 2>/dev/null | grep 'cmd=xreadgroup' |
        sed -nE 's/^id=([0-9]+) addr=([^ ]*) .* name=([^ ]*) .*/\1\t\2\t\3/p')
}

# Whose end of a connection this is, where that is on this host.
host_owner_of() { # ADDRESS:PORT
    local port inode folder
    port=$(printf '%04X' "${1##*:}" 2>/dev/null) || return 0
    inode=$(awk -v port=":$port" 'substr($2, length($2) - 4) == port { print $10; exit }' /proc/net/tcp /proc/net/tcp6 2>/dev/null) || true
    [[ ${inode:-0} != 0 ]] || return 0
    folder=$(find /proc/[0-9]*/fd -lname "socket:\[$inode\]" -print -quit 2>/dev/null) || true
    folder=${folder%/fd/*}
    if [[ $folder ]]; then printf ', %s' "$(host_program "$folder")"; fi
}

host_program() { # /proc/PID
    local words unit
    words=$({ tr '\0' ' ' <"$1/cmdline"; } 2>/dev/null) || true
    unit=$(sed -n 's|.*/\([^/]*\.service\).*|\1|p' "$1/cgroup" 2>/dev/null | head -n 1) || true
    printf 'process %s%s: %s' "${1#/proc/}" "${unit:+ of $unit}" "${words:0:160}"
}
