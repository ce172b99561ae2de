# shellcheck shell=bash disable=SC2034,SC2154
# The candidate: a tree as DESTDIR of "meson install" leaves it, in $stage. Checked by what it says itself.
# $work/files names what is switched, $work/settings what lies under /etc and is never overwritten.

stage='' stage_elsewhere='' root='' progress_sec=5
programs=(quantum-router quantum-executor quantumctl)

candidate_obtain() {
    if [[ $candidate ]]; then
        [[ -d $candidate ]] || refuse "--candidate: '$candidate' is no folder"
        # A name without blanks for what may have some.
        stage=$work/stage
        ln -s "$(readlink -f "$candidate")" "$stage"
    elif [[ $packages ]]; then
        candidate_unpack
    else
        candidate_build
    fi
    candidate_sort
}

# Its programs are run where it lies. Debian mounts /run without that (noexec).
candidate_make_stage() {
    local folder
    stage=$work/stage
    mkdir -p "$stage"
    if candidate_may_run "$stage"; then return 0; fi
    for folder in /var/tmp /tmp /root; do
        stage_elsewhere=$(mktemp -d "$folder/quantum-deploy.XXXXXX")
        stage=$stage_elsewhere
        if candidate_may_run "$stage"; then return 0; fi
        rm -rf "$stage_elsewhere"
    done
    refuse 'programs may be run neither in /run nor in /var/tmp, /tmp and /root: all of them are mounted noexec'
}

candidate_may_run() { # FOLDER
    printf '#!/bin/sh\n' >"$1/try"
    chmod 700 "$1/try"
    # Not so where it is mounted noexec.
    [[ -x $1/try ]] || return 1
    rm "$1/try"
}

candidate_unpack() {
    local package
    candidate_make_stage
    for package in "$packages"/*.deb; do
        [[ -e $package ]] || refuse "--packages: there is no .deb in '$packages'"
        # What debuggers read is no part of the services.
        if [[ $package == *-dbgsym_*.deb ]]; then continue; fi
        dpkg-deb -x "$package" "$stage" || refuse "'$package' cannot be unpacked"
    done
    chmod -R go+rX "$stage"
}

candidate_build() {
    local source=${here%/deploy}
    [[ -e $source/meson.build ]] || refuse 'this is no checkout: name what to deploy with --candidate or --packages'
    candidate_check_tools
    candidate_ask_first
    say "── building a release in $source/build/deploy"
    candidate_make_stage
    : >"$work/build.log"
    candidate_tell_progress 9>&- &
    (
        umask 022
        # Where a failure is looked at, set -e does not hold.
        cd "$source" || exit 1
        if [[ ! -e build/deploy/build.ninja ]]; then
            meson setup build/deploy --prefix=/usr --sysconfdir=/etc --buildtype=release -Dtests=false || exit 1
        fi
        ninja -C build/deploy || exit 1
        DESTDIR=$stage meson install --no-rebuild -C build/deploy
    ) >"$work/build.log" 2>&1 || {
        tail -n 30 "$work/build.log" >&2
        rm -f "$work/build.log"
        refuse 'the build failed'
    }
    mv "$work/build.log" "$work/built.log"
}

# How far ninja is, until the log goes, with this run or before.
candidate_tell_progress() {
    local told='' now
    while sleep "$progress_sec" && [[ -e $work/build.log ]]; do
        now=$(grep -o '^\[[0-9]*/[0-9]*\]' "$work/build.log" 2>/dev/null | tail -n 1) || true
        if [[ $now && $now != "$told" ]]; then printf '   %s\n' "$now" 2>/dev/null || return 0; fi
        told=$now
    done
}

# What is wrong whatever the build brings. The router that is installed knows where Redis is and what to ask it; where it is
# not, or does not accept its configuration, only the candidate can tell more than whether Redis is there.
candidate_ask_first() {
    host_check_wanted
    say '── asking Redis what it will be asked after the build'
    stage=$root
    cp "$work/facts" "$work/facts.before"
    if [[ -x $root/usr/bin/quantum-router ]] && candidate_unit "$router_unit" >/dev/null && redis_can_ask && (candidate_check_settings "$router_unit"); then
        (
            redis_connect
            candidate_ask_writers
        )
    else
        (redis_ask_first)
    fi
    rm -f "$work/why" "$work"/effective.* "$work/asking"
    mv "$work/facts.before" "$work/facts"
}

# As far as the installed quantumctl knows of writers.
candidate_ask_writers() {
    if [[ $("$root/usr/bin/quantumctl" status --help 2>/dev/null) == *--intents-after* ]]; then writers_check; fi
}

candidate_check_tools() {
    local tool missing=()
    for tool in meson ninja cc pkg-config; do
        if ! command -v "$tool" >/dev/null; then missing+=("$tool"); fi
    done
    ((${#missing[@]} == 0)) || refuse "a build here needs ${missing[*]}: install the packages for it with ${here}/install-packages build," \
        'or name what is built already with --candidate or --packages'
}

# Only what belongs to these services may be switched by a tool that runs as root.
candidate_sort() {
    local path
    : >"$work/files"
    : >"$work/settings"
    while IFS= read -r -d '' path; do
        case $path in
        *[[:space:]]*) refuse "the candidate has a name with a blank: $path" ;;
        etc/*) printf '/%s\n' "$path" >>"$work/settings" ;;
        usr/bin/quantum* | lib/systemd/system/quantum* | usr/lib/systemd/*/quantum* | usr/lib/sysusers.d/quantum* | usr/lib/tmpfiles.d/quantum* | usr/share/*)
            printf '/%s\n' "$path" >>"$work/files"
            ;;
        */bin/quantum*) refuse "the candidate has its programs in /${path%/*}; it must be built with --prefix=/usr" ;;
        *) refuse "the candidate has a file where it has no business, /$path" ;;
        esac
    done < <(cd "$stage" && find . \( -type f -o -type l \) -printf '%P\0' | LC_ALL=C sort -z)
    for path in quantum-router quantumctl; do
        [[ -e $stage/usr/bin/$path ]] || refuse "the candidate has no /usr/bin/$path"
        [[ -x $stage/usr/bin/$path ]] || refuse "the candidate's /usr/bin/$path may not be run; is what it lies on mounted noexec?"
    done
    candidate_unit quantum-ai-strategy-router.service >/dev/null ||
        refuse 'the candidate has no quantum-ai-strategy-router.service'
}

candidate_unit() { # UNIT: the staged file that it comes from
    local name=$1 folder
    if [[ $name == *@*.service ]]; then name=${name%%@*}@.service; fi
    for folder in lib/systemd/system usr/lib/systemd/system; do
        if [[ -e $stage/$folder/$name ]]; then
            printf '%s' "$stage/$folder/$name"
            return
        fi
    done
    return 1
}

candidate_check() {
    local unit
    candidate_check_versions
    for unit in "${services[@]}"; do candidate_check_settings "$unit"; done
    candidate_check_units
    candidate_compare_settings
}

candidate_check_versions() {
    local name new old
    for name in "${programs[@]}"; do
        [[ -e $stage/usr/bin/$name ]] || continue
        new=$("$stage/usr/bin/$name" --version 2>"$work/said") ||
            refuse "the candidate's $name does not run: $(head -n 1 "$work/said")"
        old='none'
        if [[ -x /usr/bin/$name ]]; then old=$("/usr/bin/$name" --version 2>/dev/null || echo unknown); fi
        fact versions "$name" "${old#"$name" } → ${new#"$name" }"
    done
    if name=$(dpkg-query --search /usr/bin/quantum-router 2>/dev/null); then
        warn "/usr/bin/quantum-router belongs to the package ${name%%:*}, which will not know of the switch"
    fi
    if [[ ! $candidate && ! $packages ]] && name=$(git -C "${here%/deploy}" describe --always --dirty 2>/dev/null); then
        fact versions checkout "$name"
    fi
}

# With the file and the variables that the unit will see, and none of this shell's.
candidate_check_settings() { # UNIT
    local unit=$1 file program
    program=$(service_program "$unit")
    local words=()
    mapfile -t words < <(service_words "$unit")
    file=$(service_settings "$unit")
    if [[ ! -e $file && -e $stage$file ]]; then
        words=(--config "$stage$file" "${words[@]}")
    elif [[ -e $file ]]; then
        words=(--config "$file" "${words[@]}")
    fi
    "$stage/usr/bin/$program" "${words[@]}" --check-config >"$work/effective.$unit" 2>"$work/said" ||
        refuse "the candidate refuses the configuration of $unit: $(paste -sd ' ' "$work/said")"
    fact services "$unit configuration" "$file: accepted"
}

# As they will be installed, but with programs that are there already.
candidate_check_units() {
    local folder=$work/units unit
    mkdir -p "$folder"
    for unit in "$stage"/{usr/,}lib/systemd/system/quantum*; do
        [[ -f $unit ]] || continue
        sed "s|\(Exec[A-Za-z]*=[-+!:@]*\)/usr/bin/quantum|\1$stage/usr/bin/quantum|" "$unit" >"$folder/${unit##*/}"
    done
    if ! SYSTEMD_UNIT_PATH=$folder: systemd-analyze verify --man=no --recursive-errors=no "$folder"/* >"$work/said" 2>&1; then
        refuse "systemd-analyze verify: $(grep -v '^$' "$work/said" | head -n 5 | paste -sd ' ')"
    fi
    fact services 'units verified' "$(find "$folder" -type f | wc -l)"
}

candidate_compare_settings() {
    local file
    while IFS= read -r file; do
        if [[ ! -e $file ]]; then
            fact configuration '' "$file: is not there yet and will be installed"
        elif cmp -s "$file" "$stage$file"; then
            fact configuration '' "$file: as shipped"
        else
            fact configuration '' "$file: kept; it differs from the shipped one:"
            { diff -u --label shipped --label installed "$stage$file" "$file" || true; } | sed -n '3,200p' |
                sed -E 's#^(.*[Pp][Aa][Ss][Ss][Ww][Oo][Rr][Dd][A-Za-z_]*[ =:]+).*#\1********#' |
                while IFS= read -r line; do fact configuration '' "  $line"; done
        fi
    done <"$work/settings"
}
