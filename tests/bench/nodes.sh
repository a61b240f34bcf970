#!/usr/bin/env bash
# Throughput and latency of one or more nodes on this machine: nodes.sh BINARY
#
# NODES (1), COPIES (in-sync), SECONDS_EACH (3) for each row, ROUNDS (1) of which the median is shown,
# SIZE (1024) bytes a body, ROWS (all): a regular expression that a row's name must match. Leaves
# nothing running and no files.
set -euo pipefail
cmq=$(readlink -f "$1")
nodes=${NODES:-1}
seconds=${SECONDS_EACH:-3}
rounds=${ROUNDS:-1}
size=${SIZE:-1024}
rows=${ROWS:-.}
. "$(dirname "$0")/brokers.sh"

header() {
    printf '%-42s %9s %9s %8s %8s %8s %8s %8s %8s %8s\n' "$nodes x ${COPIES:-in-sync}, $size bytes, $rounds x $seconds s" \
        'sends/s' 'lives/s' 'p50 ms' 'p99 ms' 'max ms' 'fsyncs' 'written' 'broker' 'client'
    printf '%-42s %9s %9s %8s %8s %8s %8s %8s %8s %8s\n' '' '' '' 'send' 'send' 'send' \
        '/message' '/message' 'us' 'us'
}

# row SCHEME NAME OPTION...
row() {
    local scheme=$1 name="$1, $2"
    shift 2
    [[ $name =~ $rows ]] || return 0
    export CMQ_ENDPOINT="$scheme://127.0.0.1:$(port_file "$scheme")"
    for round in $(seq "$rounds"); do
        "$cmq" bench --size "$size" --duration "${seconds}s" "$@" -o json 2>"$folder/bench.log" >"$folder/row.$round" || {
            echo "$name: bench $* failed" >&2
            cat "$folder/bench.log" "$folder"/*.log >&2
            exit 1
        }
    done
    python3 - "$name" "$folder"/row.* <<'PY'
import json, sys
name, *files = sys.argv[1:]
runs = sorted((json.load(open(file)) for file in files), key=lambda run: run["sends_per_second"])
run = runs[len(runs) // 2]
each, send = run["per_message"], run["send"]
def show(value, digits): return "-" if value is None else f"{value:.{digits}f}"
lives = show(run["lives_per_second"], 0) if run["deleted"] else "-"
spread = f"  ({runs[0]['sends_per_second']:.0f} to {runs[-1]['sends_per_second']:.0f})" if len(runs) > 1 else ""
print(f"{name:42} {run['sends_per_second']:9.0f} {lives:>9} {send['p50_ms']:8.2f} {send['p99_ms']:8.2f}"
      f" {send['max_ms']:8.1f} {show(each.get('fsyncs'), 4):>8} {show(each.get('bytes_written'), 0):>8}"
      f" {show(each.get('broker_cpu_us'), 1):>8} {show(each.get('client_cpu_us'), 1):>8}{spread}")
PY
    rm "$folder"/row.*
}

start_all "$nodes"
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
