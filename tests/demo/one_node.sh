#!/usr/bin/env bash
# One broker, one queue, a few messages, and a look at the disk; leaves nothing running.
set -euo pipefail
cmq=$(readlink -f "$1")
folder=$(mktemp -d "${TMPDIR:-/tmp}/cmq-demo.XXXXXX")
broker=
finish() {
    [ -z "$broker" ] || { kill "$broker" 2>/dev/null && wait "$broker" 2>/dev/null; } || true
    rm -rf "$folder"
}
trap finish EXIT

say() { printf '\n\033[1m%s\033[0m\n' "$*"; }
run() { printf '  $ cmq %s\n' "$*"; "$cmq" "$@" | sed 's/^/    /'; }
[ -t 1 ] || say() { printf '\n%s\n' "$*"; }

start() {
    rm -f "$folder/port.json"
    "$cmq" serve --dev --data "$folder/data" --port 0 --port-file "$folder/port.json" 2>>"$folder/broker.log" &
    broker=$!
    until [ -s "$folder/port.json" ]; do
        kill -0 "$broker" 2>/dev/null || { cat "$folder/broker.log" >&2; exit 1; }
        read -rt 0.02 <> <(:) || true
    done
    eval "$(python3 - "$folder/port.json" <<'PY'
import json, shlex, sys
ports = json.load(open(sys.argv[1]))
for name, key in (("CMQ_ENDPOINT", "endpoint"), ("CMQ_CA_FILE", "ca_file"),
                  ("CMQ_SECRET_ID", "secret_id"), ("CMQ_SECRET_KEY_FILE", "secret_key_file")):
    print(f"export {name}={shlex.quote(ports[key])}")
PY
)"
}

say "1. A broker starts on this machine: HTTPS and HTTP on loopback, its own certificate, a fresh key."
start
echo "    ready at $CMQ_ENDPOINT, process $broker, data in $folder/data"

say "2. A queue that keeps deleted messages for an hour, and three messages in it."
run queue create orders --visibility-timeout 30s --rewind 1h
printf 'first\nsecond\nthird\n' | run send orders --lines
echo "    Each id was printed only after its message was on disk (fsync)."

say "3. The broker is killed, the hard way, and started again on the same data."
kill -9 "$broker"; wait "$broker" 2>/dev/null || true
start
echo "    back at $CMQ_ENDPOINT, process $broker"

say "4. The messages are still there. Receiving prints a message, then deletes it."
run receive orders --count 3 -o raw

say "5. Nothing is left, and then it is rewound: consumed once more."
"$cmq" receive orders --wait 0s || echo "    (exit code $?: empty)"
run rewind orders --to 10m
run receive orders --count 3 -o raw

say "6. What is on disk: the log is a chain of SQLite files, the state is its checkpoint."
kill "$broker"; wait "$broker" 2>/dev/null || true
broker=
(cd "$folder/data" && find . -type f -not -path './log/pool/*' | sort | xargs ls -l | awk '{ printf "    %10d  %s\n", $5, $NF }')
run verify "$folder/data"

say "Done. The broker is stopped and $folder is removed. Your own: $cmq serve --dev"
