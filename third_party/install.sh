#!/bin/sh
# Installs the packages of debian.txt that are missing. Needs no network when none is.
set -eu
list=$(sed 's/#.*//' "$(dirname "$0")/debian.txt" | awk 'NF { print $1 }')
missing=
for package in $list; do
    dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q 'ok installed' || missing="$missing $package"
done
[ -n "$missing" ] || exit 0
if [ "$(id -u)" -ne 0 ]; then
    echo "make deps: these packages are missing:$missing" >&2
    echo "make deps: run it as root, or: sudo apt-get install --no-install-recommends$missing" >&2
    exit 1
fi
echo "make deps: installing$missing"
export DEBIAN_FRONTEND=noninteractive
apt-get update -qq
# shellcheck disable=SC2086
apt-get install -y -qq --no-install-recommends $missing >/dev/null
