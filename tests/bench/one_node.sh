#!/usr/bin/env bash
# Throughput and latency of one node on this machine: one_node.sh BINARY
#
# SECONDS_EACH (3) for each row, SIZE (1024) bytes a body, ROWS (all): a regular expression that a
# row's name must match. Leaves nothing running and no files.
set -euo pipefail
cmq=$(readlink -f "$1")
seconds=${SECONDS_EACH:-3}
size=${SIZE:-1024}
rows=${ROWS:-.}
folder=$(mktemp -d "${TMPDIR:-/tmp}/cmq-bench.XXXXXX")
broker=
finish() {
    [ -z "$broker" ] || { kill "$broker" 2>/dev/null && wait "$broker" 2>/dev/null; } || true
    rm -rf "$folder"
}
trap finish EXIT

start() {
    "$cmq" serve --dev --data "$folder/data" --port 0 --port-file "$folder/port.json" 2>"$folder/broker.log" &
    broker=$!
    until [ -s "$folder/port.json" ]; do
        kill -0 "$broker" 2>/dev/null || { cat "$folder/broker.log" >&2; exit 1; }
        read -rt 0.02 <> <(:) || true
    done
}

port_file() { python3 -c 'import json, sys; print(json.load(open(sys.argv[1]))[sys.argv[2]])' "$folder/port.json" "$1"; }

header() {
    printf '%-34s %9s %9s %8s %8s %8s %8s %8s %8s %8s\n' "$size bytes, $seconds s each" \
        'sends/s' 'lives/s' 'p50 ms' 'p99 ms' 'max ms' 'fsyncs' 'written' 'broker' 'client'
    printf '%-34s %9s %9s %8s %8s %8s %8s %8s %8s %8s\n' '' '' '' 'send' 'send' 'send' \
        '/message' '/message' 'us' 'us'
}

# row SCHEME NAME OPTION...
row() {
    local scheme=$1 name="$1, $2"
    shift 2
    [[ $name =~ $rows ]] || return 0
    export CMQ_ENDPOINT="$scheme://127.0.0.1:$(port_file "$scheme")"
    "$cmq" bench --size "$size" --duration "${seconds}s" "$@" -o json 2>"$folder/bench.log" >"$folder/row.json" || {
        echo "$name: bench $* failed" >&2
        cat "$folder/bench.log" "$folder/broker.log" >&2
        exit 1
    }
    python3 - "$name" "$folder/row.json" <<'PY'
import json, sys
name, file = sys.argv[1:]
run = json.load(open(file))
each, send = run["per_message"], run["send"]
def show(value, digits): return "-" if value is None else f"{value:.{digits}f}"
lives = show(run["lives_per_second"], 0) if run["deleted"] else "-"
print(f"{name:34} {run['sends_per_second']:9.0f} {lives:>9} {send['p50_ms']:8.2f} {send['p99_ms']:8.2f}"
      f" {send['max_ms']:8.1f} {show(each.get('fsyncs'), 4):>8} {show(each.get('bytes_written'), 0):>8}"
      f" {show(each.get('broker_cpu_us'), 1):>8} {show(each.get('client_cpu_us'), 1):>8}")
PY
}

start
export CMQ_CA_FILE CMQ_SECRET_ID CMQ_SECRET_KEY_FILE
CMQ_CA_FILE=$(port_file ca_file)
CMQ_SECRET_ID=$(port_file secret_id)
CMQ_SECRET_KEY_FILE=$(port_file secret_key_file)
header
for scheme in http https; do
    row $scheme 'sends, 8 x 32, single'         --senders 8  --window 32 --batch 1
    row $scheme 'sends, 8 x 32, batch 16'       --senders 8  --window 32 --batch 16
    row $scheme 'sends, 64 x 1, single'         --senders 64 --window 1  --batch 1
    row $scheme 'sends, 64 x 1, batch 16'       --senders 64 --window 1  --batch 16
    row $scheme 'lives, 8 x 32, single'         --senders 8  --window 32 --batch 1  --receivers 8
    row $scheme 'lives, 8 x 32, batch 16'       --senders 8  --window 32 --batch 16 --receivers 8
    row $scheme 'lives, 64 x 1, single'         --senders 64 --window 1  --batch 1  --receivers 64
    row $scheme 'lives, 64 x 1, batch 16'       --senders 64 --window 1  --batch 16 --receivers 64
done
