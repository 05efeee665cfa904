#!/usr/bin/env bash
# Installs a .deb into a bare Debian 12 root without Swift and runs the demo with the sampler there.
# Usage: install_package.sh PACKAGE.deb
# Needs root, debootstrap and Debian's mirror. Exit status 69 if the bare root can't be made here.
set -euo pipefail
package=$(realpath "$1")
root=$(mktemp -d -t cloister-root-XXXXXX)
trap 'umount "$root/proc" 2>/dev/null || true; rm -rf --one-file-system "$root" "$root.log"' EXIT

# The mirror that this machine itself uses.
mirror=$(cat /etc/apt/sources.list /etc/apt/sources.list.d/*.sources /etc/apt/sources.list.d/*.list 2>/dev/null | grep -v '^#' | grep -Eo 'https?://[^ ]+' | head -n 1 || true)
debootstrap --variant=minbase bookworm "$root" ${mirror:+"$mirror"} >"$root.log" 2>&1 || { tail -n 3 "$root.log" >&2; exit 69; }
rm -f "$root.log"
cp /etc/apt/sources.list "$root/etc/apt/" 2>/dev/null || true
cp -r /etc/apt/sources.list.d /etc/apt/apt.conf.d "$root/etc/apt/" 2>/dev/null || true
cp /etc/resolv.conf "$root/etc/" 2>/dev/null || true
cp "$package" "$root/cloister.deb"
in_root() { chroot "$root" env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LANG=C.UTF-8 DEBIAN_FRONTEND=noninteractive "$@"; }

in_root apt-get update -qq
in_root apt-get install -y -qq --no-install-recommends /cloister.deb openssl >/dev/null
mount -t proc proc "$root/proc" 2>/dev/null || echo "install_package: no /proc in the root; the sandbox is not tested" >&2
if in_root sh -c 'command -v swift || ls /usr/lib/swift 2>/dev/null'; then echo "the root has Swift" >&2; exit 1; fi
in_root cloister-extractor --version
in_root env CLOISTER_BIN=/usr/bin CLOISTER_DEMO=/tmp/demo /usr/share/cloister/scripts/demo
in_root test -s /tmp/demo/run-sampler-mimic-iii/tables/ADMISSIONS.csv
in_root test -s /tmp/demo/bundle-mimic-iv/manifest.p7s
in_root test -s /usr/share/man/man1/cloister-extractor.1.gz
in_root bash -n /usr/share/bash-completion/completions/cloister-generator
in_root apt-get remove -y -qq cloister >/dev/null
if in_root sh -c 'command -v cloister-extractor'; then echo "the program is still there after apt-get remove" >&2; exit 1; fi
echo "install_package: installed, ran the demo and was removed"
