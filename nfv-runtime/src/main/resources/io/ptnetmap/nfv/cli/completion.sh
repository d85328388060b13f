# SPDX-License-Identifier: BSD-2-Clause

# Whether a line of nfv ends where something may stand that a node knows: its words, of which the last is being typed.
_nfv_asks_node() {
    local command=$1 option current
    [ $# -ge 2 ] || return 1
    shift $(($# - 2))
    option=$1
    current=$2
    case $command in
        get | describe | set | start | stop | delete | top | trace | tap | logs | events | functions) ;;
        *) return 1 ;;
    esac
    case $current in
        # An option; or a file with a value.
        -* | *=@*) return 1 ;;
    esac
    case $option in
        -c | --chain) return 0 ;;
        # What follows is a value of theirs.
        -d | -m | -n | -o | -s | -w | --ca | --count | --functions | --interval | --iterations | --match | --node | --output | --since | \
            --snaplen | --token-file | --write) return 1 ;;
    esac
}

# Completes what no node is needed for: by the function that picocli has written for the command. Its own way to it takes every word
# for the name of one.
_nfv_options() {
    local known=_picocli_nfv word
    for word in "${COMP_WORDS[@]:1:$((COMP_CWORD - 1))}"; do
        case $word in
            -*) continue ;;
        esac
        type "${known}_${word//-/}" >/dev/null 2>&1 || break
        known=${known}_${word//-/}
    done
    "$known"
}
