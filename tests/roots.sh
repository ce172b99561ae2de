# shellcheck shell=bash
# What the makers of Debian roots have in common: tests/system/boot/make-root and tests/trixie/make-root. All of it leaves this machine's own
# packages as they are.

cannot() {
    echo "$1" >&2
    exit 77
}

# Both formats of apt's sources: "deb [options] URI SUITE COMPONENT..." and paragraphs of fields.
sources() { # "URI SUITE" of each source of binary packages
    local lists=/etc/apt/sources.list
    cat $lists $lists.d/*.list 2>/dev/null | sed -nE 's/^deb +(\[[^]]*\] +)?([^ ]+) +([^ ]+).*/\2 \3/p' || true
    cat $lists.d/*.sources 2>/dev/null | awk '
        function flush(  i, j, u, s) {
            if (types ~ /(^| )deb( |$)/ && enabled != "no")
                for (i = split(uris, u, " "); i > 0; i--)
                    for (j = split(suites, s, " "); j > 0; j--) print u[i], s[j]
            types = uris = suites = enabled = field = ""
        }
        /^#/ { next }
        /^Types:/ && types { flush() } # another file, without an empty line between
        /^[ \t]*$/ { flush(); next }
        /^[^ \t]/ { field = $1; $1 = "" }
        field == "Types:" { types = types " " $0 }
        field == "URIs:" { uris = uris " " $0 }
        field == "Suites:" { suites = suites " " $0 }
        field == "Enabled:" { enabled = $1 }
        END { flush() }' || true
}

# One mirror has all suites; the one that this machine's apt uses for its own is asked.
mirror() {
    sources | awk '$2 ~ /^(bookworm|trixie)$/ && $1 ~ /^(https?|file):/ { print $1; exit }'
}

complained() { grep -E '^(E|W):' "$1" | tail -1 || tail -1 "$1"; }

# In namespaces of its own, so that nothing stays mounted and nothing goes on when this is killed, or the one who calls it.
apart() { setpriv --pdeathsig KILL unshare --mount --pid --fork --kill-child --mount-proc "$@"; }

# As this machine's apt would, with its proxies, but for the packages that the root has.
apt_for() { # ROOT WORK COMMAND...
    apt-get -q -y -o Dir::State="$2" -o Dir::State::status="$1/var/lib/dpkg/status" -o Dir::Cache="$2" \
        -o Dir::Etc::sourcelist="$2/sources.list" -o Dir::Etc::sourceparts=/dev/null -o APT::Sandbox::User=root \
        -o Acquire::Languages=none "${@:3}"
}
