#!/bin/bash -p
# Puts a new build of the quantum services onto this host, proves that it works, or undoes it.
#
# What it does stands in deploy.d/, a file for each step. All of it is copied beside each backup, so that a
# rollback needs nothing but the backup.
# Each part is looked at alone, and so are its variables.
# shellcheck disable=SC2034,SC2154
set -Eeuo pipefail
# What this shell has set is not what the services see; of functions and options that it exports, -p takes none.
for name in $(compgen -e); do unset "$name" 2>/dev/null || true; done
export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C.UTF-8
umask 077

here=$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")
for part in "$here"/deploy.d/*.sh; do
    # shellcheck source=/dev/null
    source "$part"
done

usage() {
    cat <<'END'
Usage: deploy.sh [OPTION]...
Builds this checkout, switches the installed services to it, proves that they work, or rolls back.

  --candidate DIR     a tree that is built already, as DESTDIR of "meson install" leaves it
  --packages DIR      the content of the .deb files in DIR, without those for debuggers
  --services LIST     units to restart, with commas between; default: the router, and what else of ours runs
  --replaces UNIT     an old router under another name: stopped and disabled, brought back by a rollback
  --watch SECONDS     how long figures are taken before, and the new build is watched after; default 30
  --ready SECONDS     how long a service may take until it is active; default 30
  --undo-after SEC    a switch that is not proved by then is undone, whatever became of this program; default: as
                      long as all of it may take, and a minute
  --allow-other-writer SOURCE
                      goes on although entries of this source stand among the intents, too; may be given several times
  --same-decisions    refuses a build that would have decided anything of the last hour otherwise, by its records
  --init-capacity     sets a missing count of open orders to 0; nothing else of the trading state is ever written
  --redis-env FILE    variables such as REDIS_URL, for this program's own questions to Redis, where the router's own
                      user may not ask them: a file of quantum-operator, or of quantum-monitor without --init-capacity
  --dry-run           all checks and the figures; nothing is touched
  --rollback [BACKUP] undoes the last deploy, or all back to BACKUP and this one too
  --list              the backups, and what became of each
  --help              this text

A value may stand behind '=' as well: --watch=5.

Exit status: 0 deployed and proved, the services alone where no signal came, or what --rollback, --list and --dry-run
were asked for is done; 1 rolled back, what ran before runs again; 2 the rollback failed; 3 refused, nothing touched.
END
}

check_all() {
    candidate_obtain
    host_find_services
    host_find_shadows
    candidate_check
    redis_connect
    host_find_other_readers
    writers_check
    decisions_check
    say "── figures before, over $watch_sec s"
    figures_before
}

deploy() {
    host_check
    lock_take
    backup_refuse_unfinished
    say "── checking the candidate"
    check_all
    if [[ $dry_run == yes ]]; then
        verdict='would be deployed'
        report_make "$work"
        return
    fi
    backup_make
    switch_arm
    say "── switching; without a proof it is undone within $armed_sec s"
    switch_over
    say "── waiting until ready, for at most $ready_sec s each"
    watch_until_ready
    say "── watching for $watch_sec s"
    watch_figures
    watch_prove
    switch_disarm
    watch_verdict
    finish
}

main() {
    read_options "$@"
    case $action in
    help) usage ;;
    list) backup_list ;;
    rollback) rollback_asked ;;
    deploy) deploy ;;
    esac
}

open_work
main "$@"
