_nfv_complete() {
    local line=${COMP_LINE:0:COMP_POINT} word=$2 current candidate file
    local -a words=()
    read -ra words <<<"$line"
    [[ $line == *[[:space:]] ]] && words+=("")
    current=${words[${#words[@]} - 1]}
    if [[ $current == *=@* ]]; then
        # A file with a value; readline breaks words at '@' too, and would complete names of hosts.
        file=${current#*=@}
        mapfile -t COMPREPLY < <(compgen -f -- "$file")
        [[ ${#COMPREPLY[@]} != 1 || ! -d ${COMPREPLY[0]} ]] || { COMPREPLY[0]+=/ && compopt -o nospace; }
        COMPREPLY=("${COMPREPLY[@]/#/${word%"$file"}}")
        compopt +o default
        return
    fi
    if ! _nfv_asks_node "${words[@]:1}"; then
        _nfv_options
        # A file, where nothing else is known.
        [[ ${#COMPREPLY[@]} -gt 0 ]] || compopt -o default
        return
    fi
    COMPREPLY=()
    # No names of files where a node has nothing to say.
    compopt +o default
    while IFS= read -r candidate; do
        # A name goes on behind it.
        [[ $candidate == *[.=] ]] && compopt -o nospace
        # Readline breaks words at '=' and ':' too, and replaces only what is behind the last of these.
        COMPREPLY+=("${candidate:${#current} - ${#word}}")
    done < <("${words[0]/#\~/$HOME}" complete -- "${words[@]:1}" 2>/dev/null </dev/null)
}
complete -o default -F _nfv_complete nfv
