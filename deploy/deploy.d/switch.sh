# shellcheck shell=bash disable=SC2034,SC2154
# The switch. Everything lies beside its target before the first rename; the timer that undoes it runs before that.

switch_arm() {
    local timer
    timer=quantum-deploy-rollback-$(basename "$backup")
    # Stopping, starting and proving, with room for a slow machine.
    if ((armed_sec == 0)); then armed_sec=$((ready_sec * (${#services[@]} + 1) + watch_sec * 2 + 60)); fi
    switch_mark_journal
    switch_stage
    systemd-run --quiet --on-active="$armed_sec" --timer-property=AccuracySec=100ms --unit="$timer" \
        --description="Undoes the deploy $(basename "$backup") unless it is proved" \
        /bin/bash -p "$backup/code/deploy.sh" --rollback "$(basename "$backup")" --if-unproved ||
        refuse 'the timer that would undo the switch could not be armed'
    armed=yes
    phase_set switching
}

# What the journal says of the services from here on. With a match, journalctl's --after-cursor leaves out the first entry
# behind the mark; --cursor does not, and the marked entry itself is never theirs: systemd speaks last of what was stopped.
switch_mark_journal() {
    journalctl --sync 2>/dev/null || true
    journalctl -q -n 0 --show-cursor 2>/dev/null | sed -n 's/^-- cursor: //p' >"$work/cursor"
}

# To the same folder, and so to the same file system, as what it replaces.
switch_stage() {
    local what path
    while IFS=$'\t' read -r what path _; do
        if [[ $what == moved ]]; then continue; fi
        (umask 022 && mkdir -p "$(dirname "$path")")
        cp -a --no-preserve=ownership --remove-destination "$stage$path" "$path.quantum-deploy" || refuse "$path could not be written"
        if [[ ! -L $path.quantum-deploy ]]; then chmod go-w "$path.quantum-deploy"; fi
    done <"$backup/manifest"
    sync -f /usr/bin
}

switch_unstage() {
    if [[ ! -s $backup/manifest ]]; then return 0; fi
    cut -f 2 "$backup/manifest" | sed 's/$/.quantum-deploy/' | xargs -r rm -f
}

switch_over() {
    local unit
    for unit in "${services[@]}" "${old_units[@]}"; do
        timeout 120 systemctl stop -- "$unit" 2>/dev/null 9>&- || true
        [[ $(unit_is "$unit" ActiveState) != active ]] || fail "$unit could not be stopped"
    done
    switch_check_silence
    figures_sample >"$work/at_switch"
    switch_files
    systemctl daemon-reload
    switch_accounts
    journalctl --update-catalog >/dev/null 2>&1 || true
    for unit in "${old_units[@]}"; do systemctl disable -q -- "$unit"; done
    if [[ $init_capacity == yes ]]; then redis_init_capacity; fi
    phase_set watching
    # The end of what ran before is not the new one's.
    switch_mark_journal
    for unit in "${services[@]}"; do
        switch_enable "$unit"
        systemctl reset-failed -- "$unit" 2>/dev/null || true
        systemctl start --no-block -- "$unit" || fail "$unit could not be started"
    done
    date +%s%3N >"$work/started_ms"
}

switch_accounts() {
    local files=()
    mapfile -t files < <(grep '/sysusers.d/' "$work/files" || true)
    ((${#files[@]} == 0)) || systemd-sysusers "${files[@]}" >>"$work/log" 2>&1 || fail 'systemd-sysusers could not make the user'
}

# What was not there is enabled, what was stays so, and what was disabled stays so too. A link to a unit file that was
# moved away is made again.
switch_enable() { # UNIT
    local state
    state=$(awk -F'\t' -v unit="$1" '$1 == unit { print $3 }' "$backup/units")
    if [[ $state && $state != enabled ]]; then return; fi
    systemctl reenable -q -- "$1" 2>>"$work/log" || fail "$1 could not be enabled"
}

# All readers that are to be replaced are stopped. One who reads under the name now is none of them.
switch_check_silence() {
    sleep 0.6
    host_refuse_shared_consumer 500
}

switch_files() {
    local what path
    while IFS=$'\t' read -r what path _; do
        if [[ $what == moved ]]; then
            rm -f "$path"
        else
            mv -fT "$path.quantum-deploy" "$path" || fail "$path could not be renamed"
        fi
    done <"$backup/manifest"
    sync -f /usr/bin
}

# After this nothing undoes it but an operator.
switch_disarm() {
    phase_set proved
    armed=proved
    rollback_disarm "$backup"
}
