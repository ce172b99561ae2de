# shellcheck shell=bash disable=SC2034,SC2154
# Backups: one folder for each deploy under $home. Its parts:
#   phase      prepared, switching, watching, proved, or rolled-back: that one lies beside it from the beginning
#   manifest   what the switch changes, written before it changes anything: "replaced|new|moved<TAB>path<TAB>sha256"
#   units      what ran: "unit<TAB>active state<TAB>enabled"
#   files/     what was replaced or moved, and the configuration
#   code/      this program, for a rollback
#   versions   of each program: "name<TAB>from → to"
#   outcome    how it ended, proved or rolled back: "what<TAB>why"
#   report.txt report.json before.json after.json log

home=/var/lib/quantum/deploy

backup_check_home() {
    local folder
    (umask 022 && mkdir -p /var/lib/quantum)
    mkdir -p "$home"
    # root runs what lies there.
    for folder in /var/lib/quantum "$home"; do
        [[ $(stat -c '%u %A' "$folder") =~ ^0\ drwx.-..-.$ ]] || refuse "$folder must belong to root, who alone may write there"
    done
}

backup_make() {
    local name
    backup_check_home
    backup_sweep
    name=$(date -u +%Y%m%dT%H%M%SZ)
    while ! mkdir -m 0700 "$home/$name" 2>/dev/null; do
        sleep 1
        name=$(date -u +%Y%m%dT%H%M%SZ)
    done
    backup=$home/$name
    phase_set prepared
    printf 'rolled-back\n' >"$backup/phase.rolled-back"
    mkdir -p "$backup/code" "$backup/files"
    cp -a "$here/deploy.sh" "$here/deploy.d" "$backup/code/"
    cp "$work/before.json" "$backup/"
    awk -F'\t' '$1 == "versions" && $2 != "checkout" { print $2 "\t" $3 }' "$work/facts" >"$backup/versions"
    backup_files
    backup_units
    sync -f "$backup"
    say "── backup in $backup"
}

# It has changed nothing, and nothing of it stays.
backup_forget() {
    rollback_disarm "$backup"
    switch_unstage
    rm -rf "$backup"
}

# Deploys that were killed before they switched anything.
backup_sweep() {
    local name backup
    while IFS= read -r name; do
        backup=$home/$name
        case $(cat "$backup/phase" 2>/dev/null) in
        prepared) backup_forget ;;
        '') if [[ ! -e $backup/manifest ]]; then backup_forget; fi ;;
        esac
    done < <(backup_all)
}

phase_set() { # PHASE
    printf '%s\n' "$1" >"$backup/phase.new"
    mv -f "$backup/phase.new" "$backup/phase"
}

keep() { # PATH
    mkdir -p "$backup/files$(dirname "$1")"
    cp -a "$1" "$backup/files$1" || refuse "$1 could not be copied into the backup"
}

backup_files() {
    local path
    while IFS= read -r path; do
        if [[ -e $path || -L $path ]]; then
            keep "$path"
            printf 'replaced\t%s\n' "$path"
        else
            printf 'new\t%s\t%s\n' "$path" "$(sha256sum <"$stage$path")"
        fi
    done <"$work/files" >"$backup/manifest"
    while IFS= read -r path; do
        if [[ ! -e $path ]]; then printf 'new\t%s\t%s\n' "$path" "$(sha256sum <"$stage$path")" >>"$backup/manifest"; fi
    done <"$work/settings"
    for path in "${shadows[@]}"; do
        keep "$path"
        printf 'moved\t%s\n' "$path" >>"$backup/manifest"
    done
    for path in /etc/quantum /etc/systemd/system/quantum-*.d; do
        if [[ -e $path ]]; then keep "$path"; fi
    done
}

backup_units() {
    local unit
    for unit in "${services[@]}" "${old_units[@]}"; do
        printf '%s\t%s\t%s\n' "$unit" "$(unit_is "$unit" ActiveState)" "$(unit_is "$unit" UnitFileState)"
    done >"$backup/units"
}

backup_all() {
    if [[ -d $home ]]; then find "$home" -mindepth 1 -maxdepth 1 -type d -name '2*Z' -printf '%f\n' | LC_ALL=C sort; fi
}

# A deploy that was cut off and waits for its timer, or lost it by a reboot.
backup_refuse_unfinished() {
    local name
    while IFS= read -r name; do
        case $(cat "$home/$name/phase" 2>/dev/null) in
        switching | watching) refuse "the deploy $name was interrupted; first: deploy.sh --rollback $name" ;;
        esac
    done < <(backup_all)
}

backup_list() {
    local name names=()
    mapfile -t names < <(backup_all)
    if ((${#names[@]} == 0)); then
        say "no deploys yet: $home holds none"
        return
    fi
    for name in "${names[@]}"; do
        printf '%s  %-22s  %s  %s\n' "$name" "$(backup_outcome "$home/$name")" "$(backup_versions "$home/$name")" \
            "$(cut -sf 2 "$home/$name/outcome" 2>/dev/null)"
    done
}

backup_outcome() { # BACKUP
    if [[ -s $1/outcome ]]; then
        cut -f 1 "$1/outcome"
        return
    fi
    case $(cat "$1/phase" 2>/dev/null) in
    proved) printf 'deployed and proved' ;;
    rolled-back) printf 'rolled back' ;;
    switching | watching) printf 'at work or interrupted' ;;
    prepared) printf 'never switched' ;;
    *) printf 'unknown' ;;
    esac
}

backup_versions() { # BACKUP: from → to, of each program where they differ
    local versions
    versions=$(cut -f 2 "$1/versions" 2>/dev/null | sort -u)
    if [[ $versions != *$'\n'* ]]; then
        printf '%s' "${versions:-versions unknown}"
    else
        awk -F'\t' '{ printf "%s%s %s", NR > 1 ? ", " : "", $1, $2 }' "$1/versions"
    fi
}
