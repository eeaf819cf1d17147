#!/usr/bin/env bash
# The units under a systemd that runs: boots a Debian root in a container, installs a terminal there, enrols it at an
# office, and kills and stops its processes.
#
#     tests/acceptance/fresh_debian.sh bookworm --as root -- '!tests/acceptance/installed.sh'    # leaves the root
#     tests/acceptance/booted_debian.sh bookworm
#
# Needs root and systemd-nspawn (systemd-container). The screen is Xvfb in place of Xorg, which drives real hardware;
# everything else is as installed: users, sandboxes, notify, watchdogs. Exit code 0: all of it held.
set -euo pipefail

suite=${1:?bookworm or trixie}
checkout=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd -P)
root=${ADM_ROOTS:-${XDG_CACHE_HOME:-$HOME/.cache}/adm-roots}/$suite
[ -x "$root/usr/bin/Xvfb" ] || { echo "booted_debian: $root is not a root that installed.sh has run in" >&2 && exit 1; }

rm -rf "$root/usr/src/adm" "$root/var/lib/adm" "$root/var/lib/office"
mkdir -p "$root/usr/src/adm" "$root/etc/systemd/system/adm-display.service.d"
git -C "$checkout" archive HEAD | tar -x -C "$root/usr/src/adm"
printf '[Service]\nExecStart=\nExecStart=/usr/bin/Xvfb :0 -screen 0 1080x1920x24 -nolisten tcp -noreset -auth %s\n' \
    /run/adm-display/server.xauth >"$root/etc/systemd/system/adm-display.service.d/xvfb.conf"

script -qfc "systemd-nspawn -q -D '$root' --register=no --keep-unit -b" /dev/null >/dev/null </dev/null &
booted=$!
pid=
for _ in $(seq 60); do
    pid=$(pgrep -f -x '/usr/lib/systemd/systemd|/lib/systemd/systemd' | tail -n 1) || true
    [ -n "$pid" ] && break
    sleep 0.5
done
inside() { # a command in the container
    # shellcheck disable=SC2046  # one variable a word: proxies and certificate paths hold no spaces
    nsenter -t "$pid" -m -p -u -i -C env -i $(cat "$root/etc/machine.env") HOME=/ LANG=C.UTF-8 \
        PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin "$@"
}
end() {
    kill -s RTMIN+4 "$pid" 2>/dev/null || true # systemd: power off
    wait "$booted" 2>/dev/null || true
    rm -rf "$root/etc/systemd/system/adm-display.service.d"
}
trap end EXIT

step() { printf '\n== %s\n' "$*"; }
state() { inside systemctl show -P "$2" "adm-$1"; }
until_() { # SECONDS WHAT COMMAND...: wait, or fail
    local left=$1 what=$2
    shift 2
    for _ in $(seq $((left * 5))); do
        "$@" && return 0
        sleep 0.2
    done
    echo "not within $left s: $what" && inside journalctl --no-pager -n 40 -u 'adm-*' && exit 1
}
active() { [ "$(state "$1" ActiveState)" = active ]; }
another() { active "$1" && [ "$(state "$1" MainPID)" != "$2" ]; }
shown() { [ "$(inside env DISPLAY=:0 XAUTHORITY=/run/adm-display/server.xauth import -silent -window root -format '%[pixel:p{30,150}]' info:)" = "$1" ]; }

step "systemd runs: $(inside systemctl is-system-running --wait || true), $(inside sed -n 's/^PRETTY_NAME=//p' /etc/os-release)"
inside sh -c 'dpkg -s vsmartcard-vpcd >/dev/null 2>&1 && apt-get purge -y -q vsmartcard-vpcd >/dev/null 2>&1 || true'
inside sh -c 'cd /usr/src/adm && ./adm install terminal'
for unit in station window; do until_ 30 "adm-$unit active" active "$unit"; done
inside ps -o user:14,group:12,args -C python,python3 | cut -c 1-100

step "enrolled at an office, with a PIN; the window comes home"
inside env PYTHONPATH=/opt/adm/app sh -c 'cd / && nohup /opt/adm/venv/bin/python -P -m gateway serve \
    --data /var/lib/office --port 8080 >/dev/null 2>&1 &'
sleep 4
code=$(inside env PYTHONPATH=/opt/adm/app /opt/adm/venv/bin/python -P -m gateway terminal add --data /var/lib/office \
    --code KMT --village Karyamukti --district Pataruman --regency Banjar --office Disdukcapil --url http://127.0.0.1:8080)
echo 250817 | inside adm enrol "$code" --pin-file -
until_ 30 "the home screen's header" shown 'srgb(11,74,62)'
echo "the header's green is on the screen"
if inside journalctl -b --no-pager -u adm-station -u adm-window -o cat | grep PermissionError; then exit 1; fi

step "the keys are sealed to this machine, and a command by hand opens them too"
inside cat /var/lib/adm-keys/sealed-to
inside grep -c '"sealed":' /var/lib/adm/keys.json
inside adm cache status | grep -x 'protection  *host'
inside adm cache verify >/dev/null
if inside sh -c 'ls -d /run/adm-keys.*' 2>/dev/null; then echo "the secret is left in /run" && exit 1; fi
if inside runuser -u kiosk -g kiosk-link -- env PYTHONPATH=/opt/adm/app /opt/adm/venv/bin/python -P -m offline_cache \
    status --data /var/lib/adm; then echo "the keys open without the credential" && exit 1; fi
until_ 30 "the home screen again" shown 'srgb(11,74,62)'

step "kill -9 of each: systemd starts it again"
for unit in window station; do
    before=$(state "$unit" MainPID)
    inside kill -9 "$before"
    until_ 30 "adm-$unit again" another "$unit" "$before"
    echo "adm-$unit: killed, back, restarts $(state "$unit" NRestarts)"
done
until_ 30 "the home screen again" shown 'srgb(11,74,62)'

step "stopped in its tracks: the watchdog ends it, systemd starts it again"
for unit in window station; do
    before=$(state "$unit" MainPID)
    began=$(date +%s)
    inside kill -STOP "$before"
    until_ 60 "adm-$unit again" another "$unit" "$before"
    echo "adm-$unit: silent, ended and back after $(($(date +%s) - began)) s"
done
until_ 30 "the home screen again" shown 'srgb(11,74,62)'

step "what the window may not"
window=$(state window MainPID)
for path in /var/lib/adm /etc/adm; do
    # shellcheck disable=SC2016
    inside nsenter -t "$window" -m setpriv --reuid=kiosk-window --regid=kiosk-link --clear-groups sh -c 'ls "$1" >/dev/null 2>&1' - "$path" && echo "it reads $path" && exit 1
done
inside sed -n 's/^Seccomp:\s*/seccomp mode /p; s/^CapEff:\s*/capabilities /p' "/proc/$window/status"

step "a stick: the unit's sandbox may mount, the station's sees it come and go, the window never"
# A tmpfs in place of vfat, which not every kernel here knows, and no device to be bound to.
inside sh -c 'sed -i "/^BindsTo/d; s/^After=.*/After=local-fs.target/" /etc/systemd/system/adm-stick@.service
    printf "#!/bin/sh\necho vfat\n" >/usr/local/sbin/blkid
    printf "#!/bin/sh\nfor last; do :; done\nexec /bin/mount -t tmpfs -o nosuid,nodev,noexec,uid=kiosk,gid=kiosk,mode=0700 s \"\$last\"\n" >/usr/local/sbin/mount
    chmod +x /usr/local/sbin/blkid /usr/local/sbin/mount
    systemctl daemon-reload && systemctl start adm-stick@sdz1 && mkdir -m 0700 /run/adm-sticks/sdz2'
station=$(state station MainPID)
# shellcheck disable=SC2016
as_station='nsenter -t "$1" -m setpriv --reuid=kiosk --regid=kiosk-link --init-groups'
inside sh -c "$as_station sh -c 'mkdir /run/adm-sticks/sdz1/ADM-KURIR && echo x >/run/adm-sticks/sdz1/ADM-KURIR/a'" - "$station"
if inside sh -c "$as_station ls /run/adm-sticks/sdz2 2>/dev/null" - "$station"; then echo "a place without a stick is readable" && exit 1; fi
if inside setpriv --reuid=kiosk-window --regid=kiosk-link --clear-groups ls /run/adm-sticks/sdz1 2>/dev/null; then echo "the window reads it" && exit 1; fi
inside systemctl restart adm-station
until_ 30 "adm-station again" active station
inside cat /run/adm-sticks/sdz1/ADM-KURIR/a
station=$(state station MainPID)
inside sh -c "$as_station sh -c 'echo y >/run/adm-sticks/sdz1/ADM-KURIR/b'" - "$station"
inside systemctl stop adm-stick@sdz1
inside sh -c 'rm /usr/local/sbin/blkid /usr/local/sbin/mount; rmdir /run/adm-sticks/sdz2; [ -z "$(ls -A /run/adm-sticks)" ]'
if inside grep -q adm-sticks/ "/proc/$station/mounts"; then echo "the stick is still mounted for the station" && exit 1; fi

inside journalctl -b --no-pager -o short-monotonic -u adm-window -u adm-station | grep "systemd\[1\]" >"${ADM_JOURNAL:-/dev/null}"
step "uninstalled"
inside adm uninstall --queue remove
if inside systemctl --no-legend list-unit-files 'adm-*' | grep -q .; then echo "units are left" && exit 1; fi
echo "all of it held"
