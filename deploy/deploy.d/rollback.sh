# shellcheck shell=bash disable=SC2034,SC2154
# The way back. It needs the backup alone, may begin wherever the switch was cut off, and may be done twice.

rollback_disarm() { # BACKUP
    systemctl stop -- "quantum-deploy-rollback-$(basename "$1").timer" 2>/dev/null || true
}

# Returns 0 when all that ran before runs again and stays up.
rollback_undo() { # BACKUP
    local from=$1 unit
    [[ -s $from/manifest && -e $from/units ]] || { complain "$from is no backup" && return 1; }
    while IFS=$'\t' read -r unit _; do
        if [[ $(unit_is "$unit" LoadState) == loaded ]]; then timeout 120 systemctl stop -- "$unit" 2>/dev/null || true; fi
    done <"$from/units"
    rollback_links "$from" disable
    rollback_files "$from" || return 1
    systemctl daemon-reload || return 1
    journalctl --update-catalog >/dev/null 2>&1 || true
    rollback_links "$from" enable
    rollback_start "$from" || return 1
    printf 'rolled-back\n' >"$from/phase.new" && mv -f "$from/phase.new" "$from/phase"
}

# How it ended, for --list: what became of it, and why.
rollback_tell() { # BACKUP WHAT WHY
    printf '%s\t%s\n' "$2" "$(masked "$3" | tr '\t\n' '  ')" >"$1/outcome"
}

# The state of trade is no part of it: what was critical before is so again.
rollback_verdict() { # BACKUP
    if grep -qE '^[^[:space:]]+'$'\t''(active|activating|reloading)'$'\t' "$1/units"; then
        verdict='rolled back; what ran before runs again'
    else
        verdict='rolled back; nothing ran before'
    fi
}

rollback_links() { # BACKUP enable|disable
    local unit enabled
    while IFS=$'\t' read -r unit _ enabled; do
        if [[ $2 == disable ]]; then
            systemctl disable -q -- "$unit" 2>/dev/null || true
        elif [[ $enabled == enabled ]]; then
            systemctl enable -q -- "$unit" || complain "$unit could not be enabled again"
        fi
    done <"$1/units"
}

rollback_files() { # BACKUP
    local from=$1 what path sum status=0
    while IFS=$'\t' read -r what path sum; do
        rm -f "$path.quantum-deploy"
        if [[ $what != new ]]; then
            { cp -a "$from/files$path" "$path.quantum-deploy" && mv -fT "$path.quantum-deploy" "$path"; } ||
                { complain "$path could not be brought back" && status=1; }
        elif [[ $path == /etc/* && -e $path && $(sha256sum <"$path") != "$sum" ]]; then
            complain "$path was changed meanwhile and stays"
        else
            rm -f "$path" || status=1
            rmdir --ignore-fail-on-non-empty -p "$(dirname "$path")" 2>/dev/null || true
        fi
    done <"$from/manifest"
    return "$status"
}

rollback_start() { # BACKUP
    local unit state status=0
    while IFS=$'\t' read -r unit state _; do
        if [[ $state != active && $state != activating && $state != reloading ]]; then continue; fi
        systemctl reset-failed -- "$unit" 2>/dev/null || true
        timeout "$((ready_sec + 5))" systemctl start -- "$unit" || { complain "$unit does not start" && status=1; }
    done <"$1/units"
    sleep 1.5
    while IFS=$'\t' read -r unit state _; do
        if [[ $state != active && $state != activating && $state != reloading ]]; then continue; fi
        if [[ $(unit_is "$unit" ActiveState) != active || $(unit_is "$unit" NRestarts) != 0 ]]; then
            complain "$unit is $(unit_is "$unit" ActiveState) after the rollback"
            status=1
        fi
    done <"$1/units"
    return "$status"
}

rollback_phase() { # NAME
    cat "$home/$1/phase" 2>/dev/null || true
}

# From the newest back to the one that was asked for.
rollback_asked() {
    local name names=()
    host_check_root
    lock_take_over
    if [[ ! $chosen ]]; then
        chosen=$(while IFS= read -r name; do
            if [[ $(rollback_phase "$name") != rolled-back && -s $home/$name/manifest ]]; then printf '%s\n' "$name"; fi
        done < <(backup_all) | tail -n 1)
    fi
    [[ $chosen ]] || refuse 'there is nothing to roll back'
    chosen=$(basename "$chosen")
    [[ -s $home/$chosen/manifest ]] || refuse "there is no backup $chosen; see deploy.sh --list"
    if [[ $unproved_only == yes && $(rollback_phase "$chosen") =~ ^(proved|rolled-back)$ ]]; then return 0; fi
    while IFS= read -r name; do
        if [[ $name == "$chosen" || ($name > "$chosen" && $(rollback_phase "$name") != rolled-back) ]]; then names+=("$name"); fi
    done < <(backup_all | sort -r)
    for name in "${names[@]}"; do
        [[ -s $home/$name/manifest ]] || continue
        rollback_one "$name"
    done
}

rollback_one() { # NAME
    local name=$1 was_rolled_back=no
    if [[ $(rollback_phase "$name") == rolled-back ]]; then was_rolled_back=yes; fi
    rolled_back=$name
    say "── rolling back $name"
    if ! rollback_undo "$home/$name"; then
        rollback_tell "$home/$name" 'ROLLBACK FAILED' ''
        complain '██ THE ROLLBACK FAILED. The services need you now.'
        complain "██ What was there before stands in $home/$name/files."
        fail 'the rollback failed'
    fi
    rollback_disarm "$home/$name"
    backup=$home/$name
    rollback_verdict "$backup"
    if [[ $unproved_only == yes ]]; then
        fact deploy reason 'it was not proved in time: its terminal was lost, or it was killed'
        rollback_tell "$backup" 'rolled back by itself' 'it was not proved in time'
    elif [[ $was_rolled_back == no ]]; then
        rollback_tell "$backup" 'rolled back by hand' ''
    fi
    report_make "$backup"
}

host_check_root() {
    ((EUID == 0)) || refuse 'only root can do this'
}
