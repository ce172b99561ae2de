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
        if [[ $(unit_is "$unit" LoadState) == loaded ]]; then timeout 120 systemctl stop -- "$unit" 2>/dev/null 9>&- || true; fi
    done <"$from/units"
    rollback_links "$from" disable
    rollback_files "$from" || return 1
    systemctl daemon-reload || return 1
    journalctl --update-catalog >/dev/null 2>&1 || true
    rollback_links "$from" enable
    rollback_start "$from" || return 1
    rollback_mark "$from"
}

# What lies ready needs no room on the disk. It is gone when this is done again.
rollback_mark() { # BACKUP
    if [[ -e $1/phase.rolled-back ]]; then
        mv -f "$1/phase.rolled-back" "$1/phase"
    else
        printf 'rolled-back\n' >"$1/phase.new" && mv -f "$1/phase.new" "$1/phase"
    fi
}

# How it ended, for --list: what became of it, and why.
rollback_tell() { # BACKUP WHAT WHY
    { printf '%s\t%s\n' "$2" "$(masked "$3" | tr '\t\n' '  ')" >"$1/outcome"; } 2>/dev/null || complain "$1/outcome could not be written"
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
            { rollback_copy "$from/files$path" "$path.quantum-deploy" && mv -fT "$path.quantum-deploy" "$path"; } ||
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

# A full disk takes no copy, but a second name for what the backup has.
rollback_copy() { # FROM TO
    cp -a "$1" "$2" || { rm -f "$2" && ln -P "$1" "$2"; }
}

rollback_start() { # BACKUP
    local unit state status=0
    while IFS=$'\t' read -r unit state _; do
        if [[ $state != active && $state != activating && $state != reloading ]]; then continue; fi
        systemctl reset-failed -- "$unit" 2>/dev/null || true
        timeout "$((ready_sec + 5))" systemctl start -- "$unit" 9>&- || { complain "$unit does not start" && status=1; }
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

# Whether there is something to undo: one that was killed before its switch has changed nothing.
rollback_is_due() { # NAME
    [[ $(rollback_phase "$1") =~ ^(switching|watching|proved)$ ]]
}

# From the newest back to the one that was asked for.
rollback_asked() {
    local name names=()
    host_check_root
    lock_take_over
    if [[ ! $chosen ]]; then
        chosen=$(while IFS= read -r name; do
            if rollback_is_due "$name"; then printf '%s\n' "$name"; fi
        done < <(backup_all) | tail -n 1)
    fi
    [[ $chosen ]] || refuse 'there is nothing to roll back'
    chosen=$(basename "$chosen")
    [[ -s $home/$chosen/manifest ]] || refuse "there is no backup $chosen; see deploy.sh --list"
    if [[ $unproved_only == yes && ! $(rollback_phase "$chosen") =~ ^(switching|watching)$ ]]; then return 0; fi
    rollback_is_due "$chosen" || [[ $(rollback_phase "$chosen") == rolled-back ]] || refuse "the deploy $chosen was killed before it switched anything"
    while IFS= read -r name; do
        if [[ $name == "$chosen" ]] || { [[ $name > $chosen ]] && rollback_is_due "$name"; }; then names+=("$name"); fi
    done < <(backup_all | sort -r)
    for name in "${names[@]}"; do rollback_one "$name"; done
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
        fact deploy reason 'it was not proved in time: its terminal was lost, or it was killed' || true
        rollback_tell "$backup" 'rolled back by itself' 'it was not proved in time'
    elif [[ $was_rolled_back == no ]]; then
        rollback_tell "$backup" 'rolled back by hand' ''
    fi
    (report_make "$backup") || complain 'its report could not be written'
}

host_check_root() {
    ((EUID == 0)) || refuse 'only root can do this'
}
