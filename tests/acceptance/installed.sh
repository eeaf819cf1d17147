#!/usr/bin/env bash
# Accept 5 of the installation, inside an empty Debian (fresh_debian.sh ... --as root -- '!tests/acceptance/installed.sh'):
# installs a terminal and an office machine, looks at what systemd says, plays the demo's visits against the installed
# files, uninstalls, and compares the disk with what it was before. Root; no systemd needs to run.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
export DEBIAN_FRONTEND=noninteractive

step() { printf '\n== %s\n' "$*"; }

disk() { # every path that an installation could touch, and every account
    find /etc /opt /usr/local /usr/lib/sysusers.d /usr/lib/systemd /var/lib /run -xdev \
        -not -path '*/__pycache__*' -not -path '/var/lib/apt/*' -not -path '/run/systemd/*' -not -path '/var/lib/dpkg/*' \
        -not -path '/etc/passwd*' -not -path '/etc/group*' -not -path '/etc/*shadow*' -not -path '/etc/subuid*' \
        -not -path '/etc/subgid*' -not -path '/etc/.pwd.lock' \
        -not -path '/var/lib/systemd/credential.secret' | sort # the machine's own host key, which others may use by now
    getent passwd | cut -d : -f 1 | sort
    getent group | cut -d : -f 1 | sort
}

step "Debian's packages alone, as a base to compare with"
apt-get -q update >/dev/null
sed 's/#.*//' deploy/setup/packages.product.txt deploy/setup/packages.terminal.txt deploy/setup/packages.office.txt |
    xargs apt-get -q -y install --no-install-recommends >/tmp/apt.log 2>&1
disk >/tmp/before

step "adm install terminal"
./adm install terminal --rotate left
step "again: nothing breaks, settings stay"
echo "# a technician's line" >>/etc/adm/roles.toml
./adm install terminal --rotate left | sed -n '/stays/p'
grep -q "technician's line" /etc/adm/roles.toml

step "the station runs as its user, with the installed files"
install -d -o kiosk -g kiosk-link -m 0750 /run/adm
PYTHONPATH=/opt/adm/app runuser -u kiosk -g kiosk-link -- timeout --preserve-status 15 \
    /opt/adm/venv/bin/python -P -m kiosk --settings /etc/adm/kiosk.toml 2>/tmp/station.log &
sleep 10
stat -c '%A %U %G %n' /run/adm /run/adm/window.sock /var/lib/adm
wait
grep -o '"event": *"station_[a-z]*"' /tmp/station.log

step "uninstall asks about the queue"
if adm uninstall </dev/null; then echo "it did not ask" && exit 1; fi
adm uninstall --queue keep
[ -z "$(getent passwd kiosk kiosk-window)" ]
stat -c '%A %U %G %n' /var/lib/adm
rm -r /var/lib/adm /var/lib/adm-keys
disk >/tmp/after
if ! diff /tmp/before /tmp/after; then echo "something was left" && exit 1; fi
echo "nothing else is left"

step "adm install office"
./adm install office
step "uninstall with what it holds"
adm uninstall --queue remove
disk >/tmp/after
if ! diff /tmp/before /tmp/after; then echo "something was left" && exit 1; fi
echo "nothing is left"

step "the demo's visits against installed files"
./adm install terminal --no-start >/dev/null
ADM_INSTALLED=/opt/adm ./adm demo
step "the doctor refuses the tests' card reader here"
if ./adm doctor kiosk; then echo "it did not" && exit 1; fi
adm uninstall --queue remove
