# bash completion for fwknop, made by `fwknop --completion bash`.

_fwknop_stanzas() {
    local i rc=() names name
    for ((i = 1; i < COMP_CWORD; i++)); do
        case ${COMP_WORDS[i]} in
            --rc-file)
                rc=(--rc-file "${COMP_WORDS[i + 1]}")
                [[ ${COMP_WORDS[i + 1]} == = ]] && rc=(--rc-file "${COMP_WORDS[i + 2]}")
                ;;
        esac
    done
    mapfile -t names < <("$1" --stanza-list "${rc[@]}" 2>/dev/null </dev/null | sed -n 's/^ - //p')
    for name in "${names[@]}"; do
        [[ $name == "$2"* ]] && COMPREPLY+=("$(printf %q "$name")")
    done
}

# bash makes words of --name, = and value.
_fwknop() {
    local current=${COMP_WORDS[COMP_CWORD]} option=${COMP_WORDS[COMP_CWORD - 1]}
    if [[ $current == = ]]; then
        current=
    elif [[ $option == = && COMP_CWORD -ge 2 ]]; then
        option=${COMP_WORDS[COMP_CWORD - 2]}
    fi
    COMPREPLY=()
    case $option in
        -A | --access | -a | --allow-ip | --resolve-url | -u | --user-agent | -f | --fw-timeout | --totp | --nat-port | -U | --spoof-user | --time-offset-plus | --time-offset-minus | -p | --server-port | -S | --source-port | -Q | --spoof-source | --spoof-src | --icmp-type | --icmp-code | --key-rijndael | --key-base64-rijndael | --key-base64-hmac | --key-hmac | --hmac-key-len | --fd | --key-len | --gpg-recipient-key | --gpg-signer-key | --repeat | --fault-injection-tag)
            :
            return
            ;;
        -D | --destination | -N | --nat-access | -H | --http-proxy | --connect | --setup)
            mapfile -t COMPREPLY < <(compgen -A hostname -- "$current")
            return
            ;;
        -w | --wget-cmd | -C | --server-cmd | --exec)
            mapfile -t COMPREPLY < <(compgen -c -- "$current")
            return
            ;;
        -P | --server-proto)
            mapfile -t COMPREPLY < <(compgen -W 'udp tcp http udpraw tcpraw icmp' -- "$current")
            return
            ;;
        -B | --save-packet | -K | --key-gen-file | --get-hmac-key | -G | --get-key | --qr-file | --gpg-exe | --rc-file | -E | --save-args-file)
            mapfile -t COMPREPLY < <(compgen -f -- "$current")
            compopt -o filenames 2>/dev/null
            return
            ;;
        -m | --digest-type | --hmac-digest-type)
            mapfile -t COMPREPLY < <(compgen -W 'md5 sha1 sha256 sha384 sha512 sha3_256 sha3_512' -- "$current")
            return
            ;;
        -M | --encryption-mode)
            mapfile -t COMPREPLY < <(compgen -W 'CBC ECB CFB OFB CTR legacy Asymmetric' -- "$current")
            return
            ;;
        --gpg-home-dir)
            mapfile -t COMPREPLY < <(compgen -d -- "$current")
            compopt -o filenames 2>/dev/null
            return
            ;;
        -n | --named-config)
            _fwknop_stanzas "$1" "$current"
            return
            ;;
        --completion)
            mapfile -t COMPREPLY < <(compgen -W 'bash zsh fish' -- "$current")
            return
            ;;
    esac
    if [[ $current == -* ]]; then
        mapfile -t COMPREPLY < <(compgen -W "-A --access -D --destination -a --allow-ip -s --source-ip -R --resolve-ip-https --resolve-ip-http --resolve-http-only --resolve-url -w --wget-cmd -u --user-agent --use-wget-user-agent -C --server-cmd -f --fw-timeout --totp -N --nat-access --nat-local --nat-port --nat-rand-port -U --spoof-user --time-offset-plus --time-offset-minus -P --server-proto -p --server-port -S --source-port -r --rand-port -Q --spoof-source --spoof-src --icmp-type --icmp-code -H --http-proxy --server-resolve-ipv4 -4 --ipv4-only -6 --ipv6-only -B --save-packet -b --save-packet-append -T --test -m --digest-type -M --encryption-mode --use-hmac -k --key-gen -K --key-gen-file --key-rijndael --key-base64-rijndael --key-base64-hmac --key-hmac --get-hmac-key --hmac-digest-type --hmac-key-len -G --get-key --fd --stdin --key-len --qr --qr-file --qr-only --qr-profile --qr-ip -g --gpg-encryption --gpg-recipient-key --gpg-signer-key --gpg-home-dir --gpg-exe --gpg-agent --gpg-no-signing-pw --wait --exec --repeat --connect -n --named-config --setup --rc-file --no-rc-file --no-home-dir --save-rc-stanza --force-stanza --stanza-list -E --save-args-file --no-save-args --history-without-keys -l --last-cmd --show-last -v --verbose -V --version -h --help --completion --man-page --fault-injection-tag" -- "$current")
    fi
}

complete -F _fwknop fwknop
