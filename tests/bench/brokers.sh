# Brokers for a benchmark, in a directory that goes away with them. To be sourced, with `cmq` set;
# COPIES (in-sync) says on which disks a message is before its send is answered.
folder=$(mktemp -d "${TMPDIR:-/tmp}/cmq-bench.XXXXXX")
brokers=()
finish() {
    for broker in "${brokers[@]}"; do kill "$broker" 2>/dev/null || true; done
    wait 2>/dev/null || true
    rm -rf "$folder"
}
trap finish EXIT

# start NUMBER OPTION...: ready when it returns
start() {
    local number=$1
    shift
    rm -f "$folder/$number.json"
    "$cmq" serve --dev --data "$folder/$number" --port 0 --port-file "$folder/$number.json" \
        --copies "${COPIES:-in-sync}" "$@" 2>"$folder/$number.log" &
    local broker=$!
    brokers[number]=$broker
    until [ -s "$folder/$number.json" ]; do
        kill -0 $broker 2>/dev/null || { cat "$folder/$number.log" >&2; exit 1; }
        read -rt 0.02 <> <(:) || true
    done
}

port_file() { python3 -c 'import json, sys; print(json.load(open(sys.argv[1]))[sys.argv[2]])' "$folder/1.json" "$1"; }

copies_in_sync() {
    "$cmq" cluster status -o json | python3 -c 'import json, sys; print(json.load(sys.stdin)["copies_in_sync"])'
}

# await_copies NUMBER: until so many are in sync
await_copies() {
    until [ "$(copies_in_sync)" = "$1" ]; do read -rt 0.1 <> <(:) || true; done
}

# join NUMBER: a new node
join() { start "$1" --join "$CMQ_ENDPOINT" --token "$("$cmq" cluster token)"; }

# start_all NUMBER: the others join the first, which leads.
start_all() {
    start 1
    export CMQ_ENDPOINT CMQ_CA_FILE CMQ_SECRET_ID CMQ_SECRET_KEY_FILE
    CMQ_ENDPOINT=$(port_file endpoint)
    CMQ_CA_FILE=$(port_file ca_file)
    CMQ_SECRET_ID=$(port_file secret_id)
    CMQ_SECRET_KEY_FILE=$(port_file secret_key_file)
    for number in $(seq 2 "$1"); do join "$number"; done
    await_copies "$1"
}
