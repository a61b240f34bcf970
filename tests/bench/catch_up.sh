#!/usr/bin/env bash
# What it costs the others when a node catches up: catch_up.sh BINARY
#
# Of three nodes one is away for AWAY (10000000) messages of SIZE (100) bytes that stay, and comes
# back; then a fourth joins. All the while clients send; a line says how much they got through in
# SECONDS_EACH (2), and how far the node is. Leaves nothing running and no files.
set -euo pipefail
cmq=$(readlink -f "$1")
away=${AWAY:-10000000}
size=${SIZE:-100}
seconds=${SECONDS_EACH:-2}
. "$(dirname "$0")/brokers.sh"

load() { "$cmq" bench --queue traffic --size 1024 --senders 8 --window 32 --batch 16 --receivers 0 "$@" -o json 2>>"$folder/load.log"; }

# line NAME: what clients get through now, and what the nodes say of it
line() {
    load --duration "${seconds}s" >"$folder/load.json"
    "$cmq" cluster status -o json >"$folder/status.json"
    python3 - "$1" "$folder" <<'PY'
import json, sys
name, folder = sys.argv[1:]
run, status = (json.load(open(f"{folder}/{file}.json")) for file in ("load", "status"))
others = [f"{node['id']} {node['state']}" + (f", {node['progress']}" if node["progress"] else "")
          + (f", {node['lag']} entries behind" if node["lag"] else "")
          for node in status["nodes"] if not node["in_sync"]]
send = run["send"]
print(f"{name:34} {run['sends_per_second']:9.0f} sends/s, p50 {send['p50_ms']:6.1f}, p99 {send['p99_ms']:6.1f} ms; "
      f"{status['copies_in_sync']} copies in sync; {'; '.join(others) or 'all there'}", flush=True)
PY
    "$cmq" queue purge traffic --yes >/dev/null
}

# follow NAME COPIES COMMAND...: does it, then lines until so many copies are in sync
follow() {
    local begun=$EPOCHREALTIME
    "${@:3}"
    until [ "$(copies_in_sync)" = "$2" ]; do line "$1"; done
    python3 -c 'import sys; print(f"{sys.argv[1]}: in sync after {float(sys.argv[3]) - float(sys.argv[2]):.1f} s")' "$1" "$begun" "$EPOCHREALTIME"
}

start_all 3
"$cmq" queue create traffic >/dev/null
line 'three nodes'
line 'three nodes'
kill -9 "${brokers[3]}"
wait "${brokers[3]}" 2>/dev/null || true
line 'one away'
"$cmq" bench --queue backlog --size "$size" --senders 8 --window 32 --batch 16 --receivers 0 --count "$away" -o json \
    2>>"$folder/load.log" |
    python3 -c 'import json, sys; run = json.load(sys.stdin); print("one away:", run["sent"], "messages stay,", round(run["sends_per_second"]), "a second", flush=True)'
line 'one away'
follow 'it catches up' 3 start 3
line 'three nodes'
line 'three nodes'
follow 'a fourth joins' 4 join 4
line 'four nodes'
