# Written by cmq docs completions; do not edit.
_cmq() {
    local word="${COMP_WORDS[COMP_CWORD]}" before="${COMP_WORDS[COMP_CWORD-1]}"
    local first="${COMP_WORDS[1]}" second="${COMP_WORDS[2]}" verbs='' path
    if ((COMP_CWORD == 1)); then
        COMPREPLY=($(compgen -W 'ack bench cluster config context delete docs extend health help init queue receive release repair rewind send serve verify version' -- "$word"))
        return
    fi
    case "$first" in
        cluster) verbs='status token join remove transfer drain replace';;
        config) verbs='explain';;
        context) verbs='add use list show check';;
        docs) verbs='man completions';;
        help) verbs='exit-codes output';;
        queue) verbs='create list show set delete purge peek';;
    esac
    if [[ -n "$verbs" ]] && ((COMP_CWORD == 2)); then
        COMPREPLY=($(compgen -W "$verbs" -- "$word"))
        return
    fi
    path="$first"
    [[ -n "$verbs" && " $verbs " == *" $second "* ]] && path="$first $second"
    case "$path" in
        'serve')
            case "$before" in
                --config) COMPREPLY=($(compgen -f -- "$word")); return;;
                --data) COMPREPLY=($(compgen -d -- "$word")); return;;
                --listen) COMPREPLY=($(compgen -W '' -- "$word")); return;;
                --port) COMPREPLY=($(compgen -W '' -- "$word")); return;;
                --join) COMPREPLY=($(compgen -W '' -- "$word")); return;;
                --token) COMPREPLY=($(compgen -W '' -- "$word")); return;;
                --zone) COMPREPLY=($(compgen -W '' -- "$word")); return;;
                --copies) COMPREPLY=($(compgen -W '' -- "$word")); return;;
                --port-file) COMPREPLY=($(compgen -f -- "$word")); return;;
                --ready-fd) COMPREPLY=($(compgen -W '' -- "$word")); return;;
                --color) COMPREPLY=($(compgen -W 'auto always never' -- "$word")); return;;
            esac
            if [[ "$word" == -* ]]; then
                COMPREPLY=($(compgen -W '--dev --config --data --listen --port --join --token --zone --copies --port-file --ready-fd --print-env --verbose --color --help -h' -- "$word"))
            fi;;
        'init')
            case "$before" in
                --listen) COMPREPLY=($(compgen -W '' -- "$word")); return;;
                --port) COMPREPLY=($(compgen -W '' -- "$word")); return;;
                --name) COMPREPLY=($(compgen -W '' -- "$word")); return;;
                --color) COMPREPLY=($(compgen -W 'auto always never' -- "$word")); return;;
            esac
            if [[ "$word" == -* ]]; then
                COMPREPLY=($(compgen -W '--listen --port --name --color --help -h' -- "$word"))
            else
                COMPREPLY=($(compgen -d -- "$word"))
            fi;;
        'queue create')
            case "$before" in
                --visibility-timeout) COMPREPLY=($(compgen -W '' -- "$word")); return;;
                --polling-wait) COMPREPLY=($(compgen -W '' -- "$word")); return;;
                --retention) COMPREPLY=($(compgen -W '' -- "$word")); return;;
                --rewind) COMPREPLY=($(compgen -W '' -- "$word")); return;;
                --max-message-size) COMPREPLY=($(compgen -W '' -- "$word")); return;;
                --max-messages) COMPREPLY=($(compgen -W '' -- "$word")); return;;
                --output|-o) COMPREPLY=($(compgen -W 'plain json template=' -- "$word")); return;;
                --context) COMPREPLY=($(compgen -W "$(cmq context list -o plain 2>/dev/null)" -- "$word")); return;;
                --endpoint) COMPREPLY=($(compgen -W '' -- "$word")); return;;
                --ca-file) COMPREPLY=($(compgen -f -- "$word")); return;;
                --secret-id) COMPREPLY=($(compgen -W '' -- "$word")); return;;
                --secret-key-file) COMPREPLY=($(compgen -f -- "$word")); return;;
                --color) COMPREPLY=($(compgen -W 'auto always never' -- "$word")); return;;
            esac
            if [[ "$word" == -* ]]; then
                COMPREPLY=($(compgen -W '--visibility-timeout --polling-wait --retention --rewind --max-message-size --max-messages --output -o --context --endpoint --ca-file --secret-id --secret-key-file --color --help -h' -- "$word"))
            else
                COMPREPLY=($(compgen -W '' -- "$word"))
            fi;;
        'queue list')
            case "$before" in
                --output|-o) COMPREPLY=($(compgen -W 'table plain json ndjson template=' -- "$word")); return;;
                --context) COMPREPLY=($(compgen -W "$(cmq context list -o plain 2>/dev/null)" -- "$word")); return;;
                --endpoint) COMPREPLY=($(compgen -W '' -- "$word")); return;;
                --ca-file) COMPREPLY=($(compgen -f -- "$word")); return;;
                --secret-id) COMPREPLY=($(compgen -W '' -- "$word")); return;;
                --secret-key-file) COMPREPLY=($(compgen -f -- "$word")); return;;
                --color) COMPREPLY=($(compgen -W 'auto always never' -- "$word")); return;;
            esac
            if [[ "$word" == -* ]]; then
                COMPREPLY=($(compgen -W '--output -o --context --endpoint --ca-file --secret-id --secret-key-file --color --help -h' -- "$word"))
            else
                COMPREPLY=($(compgen -W '' -- "$word"))
            fi;;
        'queue show')
            case "$before" in
                --output|-o) COMPREPLY=($(compgen -W 'table plain json template=' -- "$word")); return;;
                --context) COMPREPLY=($(compgen -W "$(cmq context list -o plain 2>/dev/null)" -- "$word")); return;;
                --endpoint) COMPREPLY=($(compgen -W '' -- "$word")); return;;
                --ca-file) COMPREPLY=($(compgen -f -- "$word")); return;;
                --secret-id) COMPREPLY=($(compgen -W '' -- "$word")); return;;
                --secret-key-file) COMPREPLY=($(compgen -f -- "$word")); return;;
                --color) COMPREPLY=($(compgen -W 'auto always never' -- "$word")); return;;
            esac
            if [[ "$word" == -* ]]; then
                COMPREPLY=($(compgen -W '--output -o --context --endpoint --ca-file --secret-id --secret-key-file --color --help -h' -- "$word"))
            else
                COMPREPLY=($(compgen -W "$(cmq queue list -o plain 2>/dev/null)" -- "$word"))
            fi;;
        'queue set')
            case "$before" in
                --visibility-timeout) COMPREPLY=($(compgen -W '' -- "$word")); return;;
                --polling-wait) COMPREPLY=($(compgen -W '' -- "$word")); return;;
                --retention) COMPREPLY=($(compgen -W '' -- "$word")); return;;
                --rewind) COMPREPLY=($(compgen -W '' -- "$word")); return;;
                --max-message-size) COMPREPLY=($(compgen -W '' -- "$word")); return;;
                --max-messages) COMPREPLY=($(compgen -W '' -- "$word")); return;;
                --output|-o) COMPREPLY=($(compgen -W 'plain json template=' -- "$word")); return;;
                --context) COMPREPLY=($(compgen -W "$(cmq context list -o plain 2>/dev/null)" -- "$word")); return;;
                --endpoint) COMPREPLY=($(compgen -W '' -- "$word")); return;;
                --ca-file) COMPREPLY=($(compgen -f -- "$word")); return;;
                --secret-id) COMPREPLY=($(compgen -W '' -- "$word")); return;;
                --secret-key-file) COMPREPLY=($(compgen -f -- "$word")); return;;
                --color) COMPREPLY=($(compgen -W 'auto always never' -- "$word")); return;;
            esac
            if [[ "$word" == -* ]]; then
                COMPREPLY=($(compgen -W '--visibility-timeout --polling-wait --retention --rewind --max-message-size --max-messages --output -o --context --endpoint --ca-file --secret-id --secret-key-file --color --help -h' -- "$word"))
            else
                COMPREPLY=($(compgen -W "$(cmq queue list -o plain 2>/dev/null)" -- "$word"))
            fi;;
        'queue delete')
            case "$before" in
                --output|-o) COMPREPLY=($(compgen -W 'plain json template=' -- "$word")); return;;
                --context) COMPREPLY=($(compgen -W "$(cmq context list -o plain 2>/dev/null)" -- "$word")); return;;
                --endpoint) COMPREPLY=($(compgen -W '' -- "$word")); return;;
                --ca-file) COMPREPLY=($(compgen -f -- "$word")); return;;
                --secret-id) COMPREPLY=($(compgen -W '' -- "$word")); return;;
                --secret-key-file) COMPREPLY=($(compgen -f -- "$word")); return;;
                --color) COMPREPLY=($(compgen -W 'auto always never' -- "$word")); return;;
            esac
            if [[ "$word" == -* ]]; then
                COMPREPLY=($(compgen -W '--yes --output -o --context --endpoint --ca-file --secret-id --secret-key-file --color --help -h' -- "$word"))
            else
                COMPREPLY=($(compgen -W "$(cmq queue list -o plain 2>/dev/null)" -- "$word"))
            fi;;
        'queue purge')
            case "$before" in
                --output|-o) COMPREPLY=($(compgen -W 'plain json template=' -- "$word")); return;;
                --context) COMPREPLY=($(compgen -W "$(cmq context list -o plain 2>/dev/null)" -- "$word")); return;;
                --endpoint) COMPREPLY=($(compgen -W '' -- "$word")); return;;
                --ca-file) COMPREPLY=($(compgen -f -- "$word")); return;;
                --secret-id) COMPREPLY=($(compgen -W '' -- "$word")); return;;
                --secret-key-file) COMPREPLY=($(compgen -f -- "$word")); return;;
                --color) COMPREPLY=($(compgen -W 'auto always never' -- "$word")); return;;
            esac
            if [[ "$word" == -* ]]; then
                COMPREPLY=($(compgen -W '--yes --output -o --context --endpoint --ca-file --secret-id --secret-key-file --color --help -h' -- "$word"))
            else
                COMPREPLY=($(compgen -W "$(cmq queue list -o plain 2>/dev/null)" -- "$word"))
            fi;;
        'queue peek')
            case "$before" in
                --count) COMPREPLY=($(compgen -W '' -- "$word")); return;;
                --phase) COMPREPLY=($(compgen -W 'ready inflight delayed deleted' -- "$word")); return;;
                --from) COMPREPLY=($(compgen -W '' -- "$word")); return;;
                --output|-o) COMPREPLY=($(compgen -W 'table plain json ndjson raw template=' -- "$word")); return;;
                --context) COMPREPLY=($(compgen -W "$(cmq context list -o plain 2>/dev/null)" -- "$word")); return;;
                --endpoint) COMPREPLY=($(compgen -W '' -- "$word")); return;;
                --ca-file) COMPREPLY=($(compgen -f -- "$word")); return;;
                --secret-id) COMPREPLY=($(compgen -W '' -- "$word")); return;;
                --secret-key-file) COMPREPLY=($(compgen -f -- "$word")); return;;
                --color) COMPREPLY=($(compgen -W 'auto always never' -- "$word")); return;;
            esac
            if [[ "$word" == -* ]]; then
                COMPREPLY=($(compgen -W '--count --phase --from --base64 --output -o --context --endpoint --ca-file --secret-id --secret-key-file --color --help -h' -- "$word"))
            else
                COMPREPLY=($(compgen -W "$(cmq queue list -o plain 2>/dev/null)" -- "$word"))
            fi;;
        'send')
            case "$before" in
                --file) COMPREPLY=($(compgen -f -- "$word")); return;;
                --delay) COMPREPLY=($(compgen -W '' -- "$word")); return;;
                --dedup-id) COMPREPLY=($(compgen -W '' -- "$word")); return;;
                --output|-o) COMPREPLY=($(compgen -W 'plain json ndjson template=' -- "$word")); return;;
                --context) COMPREPLY=($(compgen -W "$(cmq context list -o plain 2>/dev/null)" -- "$word")); return;;
                --endpoint) COMPREPLY=($(compgen -W '' -- "$word")); return;;
                --ca-file) COMPREPLY=($(compgen -f -- "$word")); return;;
                --secret-id) COMPREPLY=($(compgen -W '' -- "$word")); return;;
                --secret-key-file) COMPREPLY=($(compgen -f -- "$word")); return;;
                --color) COMPREPLY=($(compgen -W 'auto always never' -- "$word")); return;;
            esac
            if [[ "$word" == -* ]]; then
                COMPREPLY=($(compgen -W '--lines --null --ndjson --file --delay --dedup-id --base64 --output -o --context --endpoint --ca-file --secret-id --secret-key-file --color --help -h' -- "$word"))
            else
                COMPREPLY=($(compgen -W "$(cmq queue list -o plain 2>/dev/null)" -- "$word"))
            fi;;
        'receive')
            case "$before" in
                --count) COMPREPLY=($(compgen -W '' -- "$word")); return;;
                --wait) COMPREPLY=($(compgen -W '' -- "$word")); return;;
                --timeout) COMPREPLY=($(compgen -W '' -- "$word")); return;;
                --exec) COMPREPLY=($(compgen -f -- "$word")); return;;
                --output|-o) COMPREPLY=($(compgen -W 'table plain json ndjson raw template=' -- "$word")); return;;
                --context) COMPREPLY=($(compgen -W "$(cmq context list -o plain 2>/dev/null)" -- "$word")); return;;
                --endpoint) COMPREPLY=($(compgen -W '' -- "$word")); return;;
                --ca-file) COMPREPLY=($(compgen -f -- "$word")); return;;
                --secret-id) COMPREPLY=($(compgen -W '' -- "$word")); return;;
                --secret-key-file) COMPREPLY=($(compgen -f -- "$word")); return;;
                --color) COMPREPLY=($(compgen -W 'auto always never' -- "$word")); return;;
            esac
            if [[ "$word" == -* ]]; then
                COMPREPLY=($(compgen -W '--count --wait --timeout --drain --follow --exec --no-ack --base64 --null --output -o --context --endpoint --ca-file --secret-id --secret-key-file --color --help -h' -- "$word"))
            else
                COMPREPLY=($(compgen -W "$(cmq queue list -o plain 2>/dev/null)" -- "$word"))
            fi;;
        'delete'|'ack')
            case "$before" in
                --output|-o) COMPREPLY=($(compgen -W 'plain json template=' -- "$word")); return;;
                --context) COMPREPLY=($(compgen -W "$(cmq context list -o plain 2>/dev/null)" -- "$word")); return;;
                --endpoint) COMPREPLY=($(compgen -W '' -- "$word")); return;;
                --ca-file) COMPREPLY=($(compgen -f -- "$word")); return;;
                --secret-id) COMPREPLY=($(compgen -W '' -- "$word")); return;;
                --secret-key-file) COMPREPLY=($(compgen -f -- "$word")); return;;
                --color) COMPREPLY=($(compgen -W 'auto always never' -- "$word")); return;;
            esac
            if [[ "$word" == -* ]]; then
                COMPREPLY=($(compgen -W '--output -o --context --endpoint --ca-file --secret-id --secret-key-file --color --help -h' -- "$word"))
            else
                COMPREPLY=($(compgen -W "$(cmq queue list -o plain 2>/dev/null)" -- "$word"))
            fi;;
        'release')
            case "$before" in
                --output|-o) COMPREPLY=($(compgen -W 'plain json template=' -- "$word")); return;;
                --context) COMPREPLY=($(compgen -W "$(cmq context list -o plain 2>/dev/null)" -- "$word")); return;;
                --endpoint) COMPREPLY=($(compgen -W '' -- "$word")); return;;
                --ca-file) COMPREPLY=($(compgen -f -- "$word")); return;;
                --secret-id) COMPREPLY=($(compgen -W '' -- "$word")); return;;
                --secret-key-file) COMPREPLY=($(compgen -f -- "$word")); return;;
                --color) COMPREPLY=($(compgen -W 'auto always never' -- "$word")); return;;
            esac
            if [[ "$word" == -* ]]; then
                COMPREPLY=($(compgen -W '--output -o --context --endpoint --ca-file --secret-id --secret-key-file --color --help -h' -- "$word"))
            else
                COMPREPLY=($(compgen -W "$(cmq queue list -o plain 2>/dev/null)" -- "$word"))
            fi;;
        'extend')
            case "$before" in
                --for) COMPREPLY=($(compgen -W '' -- "$word")); return;;
                --output|-o) COMPREPLY=($(compgen -W 'plain json template=' -- "$word")); return;;
                --context) COMPREPLY=($(compgen -W "$(cmq context list -o plain 2>/dev/null)" -- "$word")); return;;
                --endpoint) COMPREPLY=($(compgen -W '' -- "$word")); return;;
                --ca-file) COMPREPLY=($(compgen -f -- "$word")); return;;
                --secret-id) COMPREPLY=($(compgen -W '' -- "$word")); return;;
                --secret-key-file) COMPREPLY=($(compgen -f -- "$word")); return;;
                --color) COMPREPLY=($(compgen -W 'auto always never' -- "$word")); return;;
            esac
            if [[ "$word" == -* ]]; then
                COMPREPLY=($(compgen -W '--for --output -o --context --endpoint --ca-file --secret-id --secret-key-file --color --help -h' -- "$word"))
            else
                COMPREPLY=($(compgen -W "$(cmq queue list -o plain 2>/dev/null)" -- "$word"))
            fi;;
        'rewind')
            case "$before" in
                --to) COMPREPLY=($(compgen -W '' -- "$word")); return;;
                --output|-o) COMPREPLY=($(compgen -W 'plain json template=' -- "$word")); return;;
                --context) COMPREPLY=($(compgen -W "$(cmq context list -o plain 2>/dev/null)" -- "$word")); return;;
                --endpoint) COMPREPLY=($(compgen -W '' -- "$word")); return;;
                --ca-file) COMPREPLY=($(compgen -f -- "$word")); return;;
                --secret-id) COMPREPLY=($(compgen -W '' -- "$word")); return;;
                --secret-key-file) COMPREPLY=($(compgen -f -- "$word")); return;;
                --color) COMPREPLY=($(compgen -W 'auto always never' -- "$word")); return;;
            esac
            if [[ "$word" == -* ]]; then
                COMPREPLY=($(compgen -W '--to --dry-run --output -o --context --endpoint --ca-file --secret-id --secret-key-file --color --help -h' -- "$word"))
            else
                COMPREPLY=($(compgen -W "$(cmq queue list -o plain 2>/dev/null)" -- "$word"))
            fi;;
        'cluster status')
            case "$before" in
                --output|-o) COMPREPLY=($(compgen -W 'table plain json template=' -- "$word")); return;;
                --context) COMPREPLY=($(compgen -W "$(cmq context list -o plain 2>/dev/null)" -- "$word")); return;;
                --endpoint) COMPREPLY=($(compgen -W '' -- "$word")); return;;
                --ca-file) COMPREPLY=($(compgen -f -- "$word")); return;;
                --secret-id) COMPREPLY=($(compgen -W '' -- "$word")); return;;
                --secret-key-file) COMPREPLY=($(compgen -f -- "$word")); return;;
                --color) COMPREPLY=($(compgen -W 'auto always never' -- "$word")); return;;
            esac
            if [[ "$word" == -* ]]; then
                COMPREPLY=($(compgen -W '--output -o --context --endpoint --ca-file --secret-id --secret-key-file --color --help -h' -- "$word"))
            fi;;
        'cluster token')
            case "$before" in
                --ttl) COMPREPLY=($(compgen -W '' -- "$word")); return;;
                --context) COMPREPLY=($(compgen -W "$(cmq context list -o plain 2>/dev/null)" -- "$word")); return;;
                --endpoint) COMPREPLY=($(compgen -W '' -- "$word")); return;;
                --ca-file) COMPREPLY=($(compgen -f -- "$word")); return;;
                --secret-id) COMPREPLY=($(compgen -W '' -- "$word")); return;;
                --secret-key-file) COMPREPLY=($(compgen -f -- "$word")); return;;
                --color) COMPREPLY=($(compgen -W 'auto always never' -- "$word")); return;;
            esac
            if [[ "$word" == -* ]]; then
                COMPREPLY=($(compgen -W '--ttl --context --endpoint --ca-file --secret-id --secret-key-file --color --help -h' -- "$word"))
            fi;;
        'cluster join')
            case "$before" in
                --token) COMPREPLY=($(compgen -W '' -- "$word")); return;;
                --data) COMPREPLY=($(compgen -d -- "$word")); return;;
                --listen) COMPREPLY=($(compgen -W '' -- "$word")); return;;
                --port) COMPREPLY=($(compgen -W '' -- "$word")); return;;
                --advertise) COMPREPLY=($(compgen -W '' -- "$word")); return;;
                --peer-address) COMPREPLY=($(compgen -W '' -- "$word")); return;;
                --zone) COMPREPLY=($(compgen -W '' -- "$word")); return;;
                --name) COMPREPLY=($(compgen -W '' -- "$word")); return;;
                --output|-o) COMPREPLY=($(compgen -W 'plain json template=' -- "$word")); return;;
                --color) COMPREPLY=($(compgen -W 'auto always never' -- "$word")); return;;
            esac
            if [[ "$word" == -* ]]; then
                COMPREPLY=($(compgen -W '--token --data --listen --port --advertise --peer-address --zone --name --output -o --color --help -h' -- "$word"))
            else
                COMPREPLY=($(compgen -W '' -- "$word"))
            fi;;
        'cluster remove')
            case "$before" in
                --context) COMPREPLY=($(compgen -W "$(cmq context list -o plain 2>/dev/null)" -- "$word")); return;;
                --endpoint) COMPREPLY=($(compgen -W '' -- "$word")); return;;
                --ca-file) COMPREPLY=($(compgen -f -- "$word")); return;;
                --secret-id) COMPREPLY=($(compgen -W '' -- "$word")); return;;
                --secret-key-file) COMPREPLY=($(compgen -f -- "$word")); return;;
                --color) COMPREPLY=($(compgen -W 'auto always never' -- "$word")); return;;
            esac
            if [[ "$word" == -* ]]; then
                COMPREPLY=($(compgen -W '--yes --context --endpoint --ca-file --secret-id --secret-key-file --color --help -h' -- "$word"))
            else
                COMPREPLY=($(compgen -W '' -- "$word"))
            fi;;
        'cluster transfer')
            case "$before" in
                --context) COMPREPLY=($(compgen -W "$(cmq context list -o plain 2>/dev/null)" -- "$word")); return;;
                --endpoint) COMPREPLY=($(compgen -W '' -- "$word")); return;;
                --ca-file) COMPREPLY=($(compgen -f -- "$word")); return;;
                --secret-id) COMPREPLY=($(compgen -W '' -- "$word")); return;;
                --secret-key-file) COMPREPLY=($(compgen -f -- "$word")); return;;
                --color) COMPREPLY=($(compgen -W 'auto always never' -- "$word")); return;;
            esac
            if [[ "$word" == -* ]]; then
                COMPREPLY=($(compgen -W '--context --endpoint --ca-file --secret-id --secret-key-file --color --help -h' -- "$word"))
            else
                COMPREPLY=($(compgen -W '' -- "$word"))
            fi;;
        'cluster drain')
            case "$before" in
                --context) COMPREPLY=($(compgen -W "$(cmq context list -o plain 2>/dev/null)" -- "$word")); return;;
                --endpoint) COMPREPLY=($(compgen -W '' -- "$word")); return;;
                --ca-file) COMPREPLY=($(compgen -f -- "$word")); return;;
                --secret-id) COMPREPLY=($(compgen -W '' -- "$word")); return;;
                --secret-key-file) COMPREPLY=($(compgen -f -- "$word")); return;;
                --color) COMPREPLY=($(compgen -W 'auto always never' -- "$word")); return;;
            esac
            if [[ "$word" == -* ]]; then
                COMPREPLY=($(compgen -W '--context --endpoint --ca-file --secret-id --secret-key-file --color --help -h' -- "$word"))
            else
                COMPREPLY=($(compgen -W '' -- "$word"))
            fi;;
        'cluster replace')
            case "$before" in
                --token) COMPREPLY=($(compgen -W '' -- "$word")); return;;
                --data) COMPREPLY=($(compgen -d -- "$word")); return;;
                --listen) COMPREPLY=($(compgen -W '' -- "$word")); return;;
                --port) COMPREPLY=($(compgen -W '' -- "$word")); return;;
                --advertise) COMPREPLY=($(compgen -W '' -- "$word")); return;;
                --peer-address) COMPREPLY=($(compgen -W '' -- "$word")); return;;
                --zone) COMPREPLY=($(compgen -W '' -- "$word")); return;;
                --name) COMPREPLY=($(compgen -W '' -- "$word")); return;;
                --output|-o) COMPREPLY=($(compgen -W 'plain json template=' -- "$word")); return;;
                --color) COMPREPLY=($(compgen -W 'auto always never' -- "$word")); return;;
            esac
            if [[ "$word" == -* ]]; then
                COMPREPLY=($(compgen -W '--token --data --listen --port --advertise --peer-address --zone --name --output -o --color --help -h' -- "$word"))
            else
                COMPREPLY=($(compgen -W '' -- "$word"))
            fi;;
        'context add')
            case "$before" in
                --context) COMPREPLY=($(compgen -W "$(cmq context list -o plain 2>/dev/null)" -- "$word")); return;;
                --endpoint) COMPREPLY=($(compgen -W '' -- "$word")); return;;
                --ca-file) COMPREPLY=($(compgen -f -- "$word")); return;;
                --secret-id) COMPREPLY=($(compgen -W '' -- "$word")); return;;
                --secret-key-file) COMPREPLY=($(compgen -f -- "$word")); return;;
                --color) COMPREPLY=($(compgen -W 'auto always never' -- "$word")); return;;
            esac
            if [[ "$word" == -* ]]; then
                COMPREPLY=($(compgen -W '--replace --use --context --endpoint --ca-file --secret-id --secret-key-file --color --help -h' -- "$word"))
            else
                COMPREPLY=($(compgen -W '' -- "$word"))
            fi;;
        'context use')
            case "$before" in
                --color) COMPREPLY=($(compgen -W 'auto always never' -- "$word")); return;;
            esac
            if [[ "$word" == -* ]]; then
                COMPREPLY=($(compgen -W '--color --help -h' -- "$word"))
            else
                COMPREPLY=($(compgen -W "$(cmq context list -o plain 2>/dev/null)" -- "$word"))
            fi;;
        'context list')
            case "$before" in
                --output|-o) COMPREPLY=($(compgen -W 'table plain json ndjson template=' -- "$word")); return;;
                --color) COMPREPLY=($(compgen -W 'auto always never' -- "$word")); return;;
            esac
            if [[ "$word" == -* ]]; then
                COMPREPLY=($(compgen -W '--output -o --color --help -h' -- "$word"))
            fi;;
        'context show')
            case "$before" in
                --output|-o) COMPREPLY=($(compgen -W 'table plain json template=' -- "$word")); return;;
                --color) COMPREPLY=($(compgen -W 'auto always never' -- "$word")); return;;
            esac
            if [[ "$word" == -* ]]; then
                COMPREPLY=($(compgen -W '--reveal --output -o --color --help -h' -- "$word"))
            else
                COMPREPLY=($(compgen -W "$(cmq context list -o plain 2>/dev/null)" -- "$word"))
            fi;;
        'context check')
            case "$before" in
                --output|-o) COMPREPLY=($(compgen -W 'plain json template=' -- "$word")); return;;
                --context) COMPREPLY=($(compgen -W "$(cmq context list -o plain 2>/dev/null)" -- "$word")); return;;
                --endpoint) COMPREPLY=($(compgen -W '' -- "$word")); return;;
                --ca-file) COMPREPLY=($(compgen -f -- "$word")); return;;
                --secret-id) COMPREPLY=($(compgen -W '' -- "$word")); return;;
                --secret-key-file) COMPREPLY=($(compgen -f -- "$word")); return;;
                --color) COMPREPLY=($(compgen -W 'auto always never' -- "$word")); return;;
            esac
            if [[ "$word" == -* ]]; then
                COMPREPLY=($(compgen -W '--output -o --context --endpoint --ca-file --secret-id --secret-key-file --color --help -h' -- "$word"))
            fi;;
        'config explain')
            case "$before" in
                --output|-o) COMPREPLY=($(compgen -W 'table plain json template=' -- "$word")); return;;
                --context) COMPREPLY=($(compgen -W "$(cmq context list -o plain 2>/dev/null)" -- "$word")); return;;
                --endpoint) COMPREPLY=($(compgen -W '' -- "$word")); return;;
                --ca-file) COMPREPLY=($(compgen -f -- "$word")); return;;
                --secret-id) COMPREPLY=($(compgen -W '' -- "$word")); return;;
                --secret-key-file) COMPREPLY=($(compgen -f -- "$word")); return;;
                --color) COMPREPLY=($(compgen -W 'auto always never' -- "$word")); return;;
            esac
            if [[ "$word" == -* ]]; then
                COMPREPLY=($(compgen -W '--output -o --context --endpoint --ca-file --secret-id --secret-key-file --color --help -h' -- "$word"))
            fi;;
        'verify')
            case "$before" in
                --output|-o) COMPREPLY=($(compgen -W 'plain json template=' -- "$word")); return;;
                --color) COMPREPLY=($(compgen -W 'auto always never' -- "$word")); return;;
            esac
            if [[ "$word" == -* ]]; then
                COMPREPLY=($(compgen -W '--output -o --color --help -h' -- "$word"))
            else
                COMPREPLY=($(compgen -d -- "$word"))
            fi;;
        'repair')
            case "$before" in
                --output|-o) COMPREPLY=($(compgen -W 'plain json template=' -- "$word")); return;;
                --color) COMPREPLY=($(compgen -W 'auto always never' -- "$word")); return;;
            esac
            if [[ "$word" == -* ]]; then
                COMPREPLY=($(compgen -W '--output -o --apply --color --help -h' -- "$word"))
            else
                COMPREPLY=($(compgen -d -- "$word"))
            fi;;
        'bench')
            case "$before" in
                --queue) COMPREPLY=($(compgen -W "$(cmq queue list -o plain 2>/dev/null)" -- "$word")); return;;
                --senders) COMPREPLY=($(compgen -W '' -- "$word")); return;;
                --window) COMPREPLY=($(compgen -W '' -- "$word")); return;;
                --batch) COMPREPLY=($(compgen -W '' -- "$word")); return;;
                --size) COMPREPLY=($(compgen -W '' -- "$word")); return;;
                --receivers) COMPREPLY=($(compgen -W '' -- "$word")); return;;
                --duration) COMPREPLY=($(compgen -W '' -- "$word")); return;;
                --count) COMPREPLY=($(compgen -W '' -- "$word")); return;;
                --context) COMPREPLY=($(compgen -W "$(cmq context list -o plain 2>/dev/null)" -- "$word")); return;;
                --endpoint) COMPREPLY=($(compgen -W '' -- "$word")); return;;
                --ca-file) COMPREPLY=($(compgen -f -- "$word")); return;;
                --secret-id) COMPREPLY=($(compgen -W '' -- "$word")); return;;
                --secret-key-file) COMPREPLY=($(compgen -f -- "$word")); return;;
                --output|-o) COMPREPLY=($(compgen -W 'table json template=' -- "$word")); return;;
                --color) COMPREPLY=($(compgen -W 'auto always never' -- "$word")); return;;
            esac
            if [[ "$word" == -* ]]; then
                COMPREPLY=($(compgen -W '--queue --senders --window --batch --size --receivers --duration --count --verify --context --endpoint --ca-file --secret-id --secret-key-file --output -o --color --help -h' -- "$word"))
            fi;;
        'health')
            case "$before" in
                --wait) COMPREPLY=($(compgen -W '' -- "$word")); return;;
                --output|-o) COMPREPLY=($(compgen -W 'plain json template=' -- "$word")); return;;
                --context) COMPREPLY=($(compgen -W "$(cmq context list -o plain 2>/dev/null)" -- "$word")); return;;
                --endpoint) COMPREPLY=($(compgen -W '' -- "$word")); return;;
                --ca-file) COMPREPLY=($(compgen -f -- "$word")); return;;
                --secret-id) COMPREPLY=($(compgen -W '' -- "$word")); return;;
                --secret-key-file) COMPREPLY=($(compgen -f -- "$word")); return;;
                --color) COMPREPLY=($(compgen -W 'auto always never' -- "$word")); return;;
            esac
            if [[ "$word" == -* ]]; then
                COMPREPLY=($(compgen -W '--wait --output -o --context --endpoint --ca-file --secret-id --secret-key-file --color --help -h' -- "$word"))
            fi;;
        'version')
            case "$before" in
                --output|-o) COMPREPLY=($(compgen -W 'plain json template=' -- "$word")); return;;
                --color) COMPREPLY=($(compgen -W 'auto always never' -- "$word")); return;;
            esac
            if [[ "$word" == -* ]]; then
                COMPREPLY=($(compgen -W '--output -o --color --help -h' -- "$word"))
            fi;;
        'help')
            case "$before" in
                --color) COMPREPLY=($(compgen -W 'auto always never' -- "$word")); return;;
            esac
            if [[ "$word" == -* ]]; then
                COMPREPLY=($(compgen -W '--color --help -h' -- "$word"))
            else
                COMPREPLY=($(compgen -W '' -- "$word"))
            fi;;
        'help exit-codes')
            case "$before" in
                --output|-o) COMPREPLY=($(compgen -W 'table plain json template=' -- "$word")); return;;
                --color) COMPREPLY=($(compgen -W 'auto always never' -- "$word")); return;;
            esac
            if [[ "$word" == -* ]]; then
                COMPREPLY=($(compgen -W '--output -o --color --help -h' -- "$word"))
            fi;;
        'help output')
            case "$before" in
                --color) COMPREPLY=($(compgen -W 'auto always never' -- "$word")); return;;
            esac
            if [[ "$word" == -* ]]; then
                COMPREPLY=($(compgen -W '--color --help -h' -- "$word"))
            fi;;
        'docs man')
            case "$before" in
                --color) COMPREPLY=($(compgen -W 'auto always never' -- "$word")); return;;
            esac
            if [[ "$word" == -* ]]; then
                COMPREPLY=($(compgen -W '--color --help -h' -- "$word"))
            else
                COMPREPLY=($(compgen -d -- "$word"))
            fi;;
        'docs completions')
            case "$before" in
                --color) COMPREPLY=($(compgen -W 'auto always never' -- "$word")); return;;
            esac
            if [[ "$word" == -* ]]; then
                COMPREPLY=($(compgen -W '--color --help -h' -- "$word"))
            else
                COMPREPLY=($(compgen -d -- "$word"))
            fi;;
    esac
}
complete -F _cmq cmq
