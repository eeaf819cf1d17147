#!/usr/bin/env bash
# Clean-room acceptance: an empty Debian, a clone of this checkout, and what a newcomer types.
#
#     tests/acceptance/fresh_debian.sh bookworm|trixie [--as root|user] [--transcript FILE] [-- COMMAND ...]
#
# Needs root and debootstrap. COMMANDs are words after ./adm, one string each, or a whole line after "!"; without them: demo, doctor, demo
# again, test.
# --as user (the default): an ordinary user without sudo types them. The first try stops with the one line that needs
# root; that very line is then run, and the user goes on. --as root: root types them and nothing stops.
#
# What this machine needs to reach its package sources (mirror, certificates, proxies, pip's index) is read from the
# machine at run time and left out of the transcript. The empty roots are kept in ADM_ROOTS (a folder of the user's cache
# otherwise) so that a second run starts from them. Exit code 0: every command ended well.
set -euo pipefail

suite=${1:?bookworm or trixie}
shift
as=user
transcript=/dev/null
while [ $# -gt 0 ]; do
    case $1 in
    --as) as=$2 && shift 2 ;;
    --transcript) transcript=$(realpath -m "$2") && shift 2 ;;
    --) shift && break ;;
    *) echo "fresh_debian: what is $1?" >&2 && exit 2 ;;
    esac
done
[ $# -gt 0 ] || set -- demo doctor demo test

checkout=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd -P)
roots=${ADM_ROOTS:-${XDG_CACHE_HOME:-$HOME/.cache}/adm-roots}

# Everything below runs with mounts and process ids of its own: whatever is left running or mounted goes when it ends.
if [ -z "${ADM_INSIDE:-}" ]; then
    mkdir -p "$roots"
    ADM_INSIDE=1 exec unshare --mount --propagation private --pid --fork --kill-child \
        bash "${BASH_SOURCE[0]}" "$suite" --as "$as" --transcript "$transcript" -- "$@"
fi

mirror=$(cat /etc/apt/sources.list.d/*.sources /etc/apt/sources.list /etc/apt/sources.list.d/*.list 2>/dev/null |
    grep -oE 'https?://[^ ]+/debian/?( |$)' | head -n 1 | tr -d ' ') || true
[ -n "$mirror" ] || { echo "fresh_debian: no Debian mirror named under /etc/apt" >&2 && exit 1; }
base=$roots/$suite.base
root=$roots/$suite

if [ ! -d "$base" ]; then
    [ ! -d "$base.partial" ] || rm -r "$base.partial"
    debootstrap --variant=minbase --include=ca-certificates "$suite" "$base.partial" "$mirror" >"$roots/$suite.log"
    mv "$base.partial" "$base"
fi
[ ! -d "$root" ] || rm -r --one-file-system "$root"
cp -a "$base" "$root"

# The machine's own way to the outside.
{
    echo "deb $mirror $suite main"
    echo "deb $mirror $suite-updates main"
    echo "deb ${mirror%/}-security $suite-security main"
} >"$root/etc/apt/sources.list"
apt-config dump | grep -E '^Acquire::(Check|http|https)' >"$root/etc/apt/apt.conf.d/99machine" || true
cp /etc/resolv.conf /etc/hosts "$root/etc/"
cp /usr/local/share/ca-certificates/*.crt "$root/usr/local/share/ca-certificates/" 2>/dev/null || true
chroot "$root" update-ca-certificates >/dev/null 2>&1
# Of pip's configuration what leads outside; lists and folders on this machine's disk stay here.
{
    echo "[global]"
    pip config list 2>/dev/null | sed -nE "s/^global\.(index-url|proxy|trusted-host|cert)='(.*)'$/\1 = \2/p"
} >"$root/etc/pip.conf"
env | grep -iE '^((https?|no|all)_proxy|ssl_cert_file|requests_ca_bundle|pip_cert)=' >"$root/etc/machine.env" || true

mount -t proc proc "$root/proc"
mount --rbind /dev "$root/dev"
mount --rbind /sys "$root/sys"
chroot "$root" useradd --create-home --shell /bin/bash orang
home_of() { chroot "$root" getent passwd "$1" | cut -d : -f 6; }
home=$(home_of orang)
git clone --quiet --no-hardlinks "$checkout" "$root$home/adm"
[ "$as" = root ] || chroot "$root" chown -R orang: "$home/adm"

enter() { # USER COMMAND-LINE: a log-in as a person has it, and the machine's way outside
    local user=$1 line=$2
    # shellcheck disable=SC2046  # one variable a word: proxies and certificate paths hold no spaces
    chroot "$root" env -i $(cat "$root/etc/machine.env") HOME="$(home_of "$user")" USER="$user" LANG=C.UTF-8 TERM=dumb \
        PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin \
        setpriv --reuid="$user" --regid="$user" --init-groups bash -c "cd $home/adm && $line" </dev/null 2>&1
}

scrub() { # no host but this one, no path of this machine
    sed -uE "s#$root##g; s#$home|$(home_of root)/#~/#g; s#~//#~/#g; s#(https?://)[^/ ]*\.[a-z]+(/|\b)#\1(host)\2#g"
}

failed=0
type_it() { # USER COMMAND-LINE: shown, run, timed
    local user=$1 line=$2 began ended code=0
    [ "$user" = root ] && echo "# $line" || echo "$ $line"
    began=$(date +%s.%N)
    enter "$user" "$line" || code=$?
    ended=$(date +%s.%N)
    printf -- '-- exit %d after %.1f s\n\n' "$code" "$(echo "$ended $began" | awk '{print $1 - $2}')"
    return "$code"
}

play() {
    local user=root command
    [ "$as" = root ] || user=orang
    echo "=== $(. "$root/etc/os-release" && echo "$PRETTY_NAME"), from debootstrap --variant=minbase, as $as"
    echo "=== commit $(git -C "$checkout" rev-parse --short HEAD), $(nproc) cores, $(date -u +%F)"
    echo
    if [ "$as" = user ]; then
        # The newcomer's first try: it must stop, and name the line.
        if type_it orang "./adm ${1%% *}" | tee "$root/tmp/first"; then
            echo "fresh_debian: this should have stopped for want of root" && failed=1
        fi
        line=$(grep -oE "(sudo|su -c '|)apt-get update && .*" "$root/tmp/first" | head -n 1 |
            sed -E "s/^su -c '(.*)'$/\1/; s/\bsudo //g")
        type_it root "DEBIAN_FRONTEND=noninteractive; export DEBIAN_FRONTEND; ($line) >/tmp/apt.log" || failed=1
    fi
    for command in "$@"; do
        case $command in
        !*) type_it "$user" "${command#!}" || failed=1 ;;
        *) type_it "$user" "./adm $command" || failed=1 ;;
        esac
    done
}

play "$@" > >(scrub | tee "$transcript") 2>&1 || failed=1
wait
exit "$failed"
