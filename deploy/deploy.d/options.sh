# shellcheck shell=bash disable=SC2034,SC2154
# What this program was asked for.

action=deploy candidate='' packages='' wanted_services='' replaces='' watch_sec=30 ready_sec=30 armed_sec=0
init_capacity=no redis_env='' dry_run=no same_decisions=no chosen='' unproved_only=no allowed_writers=()

needs_value() { # OPTION REST...: in this shell, so that a refusal ends the run
    [[ ${2-} && $2 != --* ]] || refuse "$1 needs a value; see deploy.sh --help"
}

# "--watch=5" is read as "--watch 5".
read_options() {
    local joined left
    while (($# > 0)); do
        joined=''
        if [[ $1 == --*=* ]]; then
            joined=${1%%=*}
            needs_value "$joined" "${1#*=}"
            set -- "$joined" "${1#*=}" "${@:2}"
        fi
        left=$#
        case $1 in
        --candidate) needs_value "$@" && candidate=$2 && shift ;;
        --packages) needs_value "$@" && packages=$2 && shift ;;
        --services) needs_value "$@" && wanted_services=$2 && shift ;;
        --replaces) needs_value "$@" && replaces=$2 && shift ;;
        --watch) needs_value "$@" && watch_sec=$2 && shift ;;
        --ready) needs_value "$@" && ready_sec=$2 && shift ;;
        --undo-after) needs_value "$@" && armed_sec=$2 && shift ;;
        --redis-env) needs_value "$@" && redis_env=$2 && shift ;;
        --allow-other-writer) needs_value "$@" && allowed_writers+=("$2") && shift ;;
        --init-capacity) init_capacity=yes ;;
        --dry-run) dry_run=yes ;;
        --same-decisions) same_decisions=yes ;;
        --list) action=list ;;
        --rollback)
            action=rollback
            if [[ ${2-} && ${2-} != --* ]]; then chosen=$2 && shift; fi
            ;;
        --if-unproved) unproved_only=yes ;;
        --help | -h) action=help ;;
        *) refuse "no option '$1'; see deploy.sh --help" ;;
        esac
        [[ ! $joined ]] || (($# < left)) || refuse "$joined takes no value; see deploy.sh --help"
        shift
    done
    check_options
}

check_options() {
    [[ $watch_sec =~ ^[1-9][0-9]{0,3}$ ]] || refuse "--watch takes 1 to 9999 seconds"
    [[ $ready_sec =~ ^[1-9][0-9]{0,3}$ ]] || refuse "--ready takes 1 to 9999 seconds"
    [[ $armed_sec =~ ^[0-9]{1,5}$ ]] || refuse "--undo-after takes a number of seconds"
    [[ ! $candidate || ! $packages ]] || refuse '--candidate and --packages exclude each other'
    [[ ! $redis_env || -r $redis_env ]] || refuse "--redis-env: '$redis_env' cannot be read"
}
