#!/usr/bin/env bash
# Three nodes on this machine, the leader killed under way: three_nodes.sh BINARY
#
# Says what it does. Fails when a message is missing. Leaves nothing running and no files.
set -euo pipefail
cmq=$(readlink -f "$1")
folder=$(mktemp -d "${TMPDIR:-/tmp}/cmq-cluster.XXXXXX")
export HOME=$folder
declare -A process
finish() {
    for number in "${!process[@]}"; do kill "${process[$number]}" 2>/dev/null || true; done
    wait 2>/dev/null || true
    rm -rf "$folder"
}
trap finish EXIT

say() { printf '\n%s\n' "$*"; }
shown() { printf '  $ %s\n' "cmq $*" && "$cmq" "$@" | sed 's/^/    /'; }
port_file() { python3 -c 'import json, sys; print(json.load(open(sys.argv[1]))[sys.argv[2]])' "$folder/$1.json" "$2"; }

# start NUMBER OPTION...: ready when it returns.
start() {
    local number=$1
    shift
    rm -f "$folder/$number.json"
    "$cmq" serve --dev --data "$folder/node$number" --port 0 --port-file "$folder/$number.json" "$@" 2>>"$folder/$number.log" &
    process[$number]=$!
    until [ -s "$folder/$number.json" ]; do
        kill -0 "${process[$number]}" 2>/dev/null || { cat "$folder/$number.log" >&2; exit 1; }
        read -rt 0.05 <> <(:) || true
    done
}

# in_sync COUNT: waits until so many copies are.
in_sync() {
    for _ in $(seq 600); do
        [ "$("$cmq" cluster status -o json | python3 -c 'import json, sys; print(json.load(sys.stdin)["copies_in_sync"])')" = "$1" ] && return
        read -rt 0.1 <> <(:) || true
    done
    "$cmq" cluster status >&2
    exit 1
}

say "1. The first node is a cluster of one."
start 1
export CMQ_ENDPOINT CMQ_CA_FILE CMQ_SECRET_ID CMQ_SECRET_KEY_FILE
CMQ_ENDPOINT=$(port_file 1 endpoint)
CMQ_CA_FILE=$(port_file 1 ca_file)
CMQ_SECRET_ID=$(port_file 1 secret_id)
CMQ_SECRET_KEY_FILE=$(port_file 1 secret_key_file)
shown queue create orders
shown send orders "sent to one node"

say "2. Two more join, each with a token of its own. They catch up, and vote."
for number in 2 3; do start $number --join "$CMQ_ENDPOINT" --token "$("$cmq" cluster token)"; done
in_sync 3
shown cluster status

say "3. Any node takes any request. From now on the answer means: on three disks."
CMQ_ENDPOINT=$(port_file 2 endpoint) shown send orders "sent to the second node"
CMQ_ENDPOINT=$(port_file 1 endpoint),$(port_file 2 endpoint),$(port_file 3 endpoint)

say "4. The leader is killed (kill -9). The others elect another; clients try the next address."
disown "${process[1]}"  # or the shell tells of its end
kill -9 "${process[1]}"
shown send orders "sent while one node was dead"
shown cluster status

say "5. It comes back, and catches up."
start 1
in_sync 3
shown cluster status

say "6. Nothing is lost."
received=$("$cmq" receive orders --count 10)
printf '%s\n' "$received" | sed 's/^/    /'
for body in "sent to one node" "sent to the second node" "sent while one node was dead"; do
    grep -qx "$body" <<<"$received" || { echo "lost: $body" >&2; exit 1; }
done

say "Done. Nothing is left running."
