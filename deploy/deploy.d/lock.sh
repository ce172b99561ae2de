# shellcheck shell=bash disable=SC2034,SC2154
# One deploy or rollback at a time. Lock and holder lie in a folder where only root can write: /run/lock is everybody's,
# and the first to make the name there says what root opens, and whom it kills.
#
#   lock     held with flock as long as the program runs
#   holder   "PID STARTED": the process, and when it started, so that another one of that number is not taken for it

lock_home=/run/quantum-deploy

lock_open() { # as descriptor 9
    mkdir -m 0700 "$lock_home" 2>/dev/null || true
    [[ ! -L $lock_home && $(stat -c '%F %u %A' "$lock_home" 2>/dev/null) =~ ^directory\ $EUID\ drwx.-..-.$ ]] ||
        refuse "$lock_home must be a folder of root's, who alone may write there"
    exec 9>"$lock_home/lock"
}

lock_started() { # PID: when, in ticks since the boot; nothing where there is no such process
    sed 's/.*) //' "/proc/$1/stat" 2>/dev/null | cut -d ' ' -f 20
}

lock_sign() {
    printf '%s %s\n' "$$" "$(lock_started "$$")" >"$lock_home/holder"
}

lock_take() {
    lock_open
    flock -n 9 || refuse "another deploy or rollback is at work ($lock_home/lock)"
    lock_sign
}

# The timer's rollback must get through, even past a deploy that hangs.
lock_take_over() {
    lock_open
    if ! flock -w "$lock_patience_sec" 9; then
        [[ $unproved_only == yes ]] || refuse "a deploy is at work ($lock_home/lock)"
        lock_end_holder
        flock -w "$lock_patience_sec" 9 || refuse 'the lock is still held'
    fi
    lock_sign || complain "$lock_home/holder could not be written"
}

lock_patience_sec=20

lock_end_holder() {
    local holder started
    read -r holder started <"$lock_home/holder" || return 0
    complain "the deploy (process $holder) did not come to an end in time"
    [[ $holder =~ ^[1-9][0-9]*$ && $started && $(lock_started "$holder") == "$started" ]] || return 0
    kill -KILL "$holder" 2>/dev/null || true
}
