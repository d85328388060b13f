_nfv_complete() {
    local -a typed found
    typed=("${(@Q)words[2,CURRENT-1]}" "${(Q)PREFIX}")
    if ! _nfv_asks_node "${typed[@]}"; then
        _bash_complete -o default -F _nfv_options
        return
    fi
    found=("${(@f)$("${(Q)words[1]/#\~/$HOME}" complete -- "${typed[@]}" 2>/dev/null </dev/null)}")
    found=(${found:#})
    # A name goes on behind a dot or an equals sign.
    compadd -S '' -- ${(M)found:#*[.=]}
    compadd -- ${found:#*[.=]}
}
compdef _nfv_complete nfv
