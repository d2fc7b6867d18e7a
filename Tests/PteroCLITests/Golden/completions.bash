#!/bin/bash

__ptero_cursor_index_in_current_word() {
    local remaining="${COMP_LINE}"

    local word
    for word in "${COMP_WORDS[@]::COMP_CWORD}"; do
        remaining="${remaining##*([[:space:]])"${word}"*([[:space:]])}"
    done

    local -ir index="$((COMP_POINT - ${#COMP_LINE} + ${#remaining}))"
    if [[ "${index}" -le 0 ]]; then
        printf 0
    else
        printf %s "${index}"
    fi
}

# positional arguments:
#
# - 1: the current (sub)command's count of positional arguments
#
# required variables:
#
# - repeating_flags: the repeating flags that the current (sub)command can accept
# - non_repeating_flags: the non-repeating flags that the current (sub)command can accept
# - repeating_options: the repeating options that the current (sub)command can accept
# - non_repeating_options: the non-repeating options that the current (sub)command can accept
# - positional_number: value ignored
# - unparsed_words: unparsed words from the current command line
#
# modified variables:
#
# - non_repeating_flags: remove flags for this (sub)command that are already on the command line
# - non_repeating_options: remove options for this (sub)command that are already on the command line
# - positional_number: set to the current positional number
# - unparsed_words: remove all flags, options, and option values for this (sub)command
__ptero_offer_flags_options() {
    local -ir positional_count="${1}"
    positional_number=0

    local was_flag_option_terminator_seen=false
    local is_parsing_option_value=false

    local -ar unparsed_word_indices=("${!unparsed_words[@]}")
    local -i word_index
    for word_index in "${unparsed_word_indices[@]}"; do
        if "${is_parsing_option_value}"; then
            # This word is an option value:
            # Reset marker for next word iff not currently the last word
            [[ "${word_index}" -ne "${unparsed_word_indices[${#unparsed_word_indices[@]} - 1]}" ]] && is_parsing_option_value=false
            unset "unparsed_words[${word_index}]"
            # Do not process this word as a flag or an option
            continue
        fi

        local word="${unparsed_words["${word_index}"]}"
        if ! "${was_flag_option_terminator_seen}"; then
            case "${word}" in
            --)
                unset "unparsed_words[${word_index}]"
                # by itself -- is a flag/option terminator, but if it is the last word, it is the start of a completion
                if [[ "${word_index}" -ne "${unparsed_word_indices[${#unparsed_word_indices[@]} - 1]}" ]]; then
                    was_flag_option_terminator_seen=true
                fi
                continue
                ;;
            -*)
                # ${word} is a flag or an option
                # If ${word} is an option, mark that the next word to be parsed is an option value
                local option
                for option in "${repeating_options[@]}" "${non_repeating_options[@]}"; do
                    [[ "${word}" = "${option}" ]] && is_parsing_option_value=true && break
                done

                # Remove ${word} from ${non_repeating_flags} or ${non_repeating_options} so it isn't offered again
                local not_found=true
                local -i index
                for index in "${!non_repeating_flags[@]}"; do
                    if [[ "${non_repeating_flags[${index}]}" = "${word}" ]]; then
                        unset "non_repeating_flags[${index}]"
                        non_repeating_flags=("${non_repeating_flags[@]}")
                        not_found=false
                        break
                    fi
                done
                if "${not_found}"; then
                    for index in "${!non_repeating_flags[@]}"; do
                        if [[ "${non_repeating_flags[${index}]}" = "${word}" ]]; then
                            unset "non_repeating_flags[${index}]"
                            non_repeating_flags=("${non_repeating_flags[@]}")
                            break
                        fi
                    done
                fi
                unset "unparsed_words[${word_index}]"
                continue
                ;;
            esac
        fi

        # ${word} is neither a flag, nor an option, nor an option value
        if [[ "${positional_number}" -lt "${positional_count}" || "${positional_count}" -lt 0 ]]; then
            # ${word} is a positional
            ((positional_number++))
            unset "unparsed_words[${word_index}]"
        else
            if [[ -z "${word}" ]]; then
                # Could be completing a flag, option, or subcommand
                positional_number=-1
            else
                # ${word} is a subcommand or invalid, so stop processing this (sub)command
                positional_number=-2
            fi
            break
        fi
    done

    unparsed_words=("${unparsed_words[@]}")

    if\
        ! "${was_flag_option_terminator_seen}"\
        && ! "${is_parsing_option_value}"\
        && [[ ("${cur}" = -* && "${positional_number}" -ge 0) || "${positional_number}" -eq -1 ]]
    then
        COMPREPLY+=($(compgen -W "${repeating_flags[*]} ${non_repeating_flags[*]} ${repeating_options[*]} ${non_repeating_options[*]}" -- "${cur}"))
    fi
}

__ptero_add_completions() {
    local completion
    while IFS='' read -r completion; do
        COMPREPLY+=("${completion}")
    done < <(IFS=$'\n' compgen "${@}" -- "${cur}")
}

__ptero_custom_complete() {
    if [[ -n "${cur}" || -z ${COMP_WORDS[${COMP_CWORD}]} || "${COMP_LINE:${COMP_POINT}:1}" != ' ' ]]; then
        local -ar words=("${COMP_WORDS[@]}")
    else
        local -ar words=("${COMP_WORDS[@]::${COMP_CWORD}}" '' "${COMP_WORDS[@]:${COMP_CWORD}}")
    fi

    "${COMP_WORDS[0]}" "${@}" "${words[@]}"
}

_ptero() {
    local state
    state="$(shopt -p;shopt -po)"
    trap "${state//$'\n'/;}" RETURN
    shopt -s extglob
    set +o history +o posix

    local -xr SAP_SHELL=bash
    local -x SAP_SHELL_VERSION
    SAP_SHELL_VERSION="$(IFS='.';printf %s "${BASH_VERSINFO[*]}")"
    local -r SAP_SHELL_VERSION

    local -r cur="${2}"
    local -r prev="${3}"

    local -i positional_number
    local -a unparsed_words=("${COMP_WORDS[@]:1:${COMP_CWORD}}")

    local -a repeating_flags=()
    local -a non_repeating_flags=(--version -h --help)
    local -a repeating_options=()
    local -a non_repeating_options=()
    __ptero_offer_flags_options 0

    # Offer subcommand / subcommand argument completions
    local -r subcommand="${unparsed_words[0]}"
    unset 'unparsed_words[0]'
    unparsed_words=("${unparsed_words[@]}")
    case "${subcommand}" in
    check|why|synth|kernel|measure|replay|explore|show|asm|profiles|properties|isa|limits|explain|new|help)
        # Offer subcommand argument completions
        "_ptero_${subcommand}"
        ;;
    *)
        # Offer subcommand completions
        COMPREPLY+=($(compgen -W 'check why synth kernel measure replay explore show asm profiles properties isa limits explain new help' -- "${cur}"))
        ;;
    esac
}

_ptero_check() {
    repeating_flags=()
    non_repeating_flags=(--reference --statistics --verbose -v --json --witness --explain --all-steps --sequences --strict --watch --version -h --help)
    repeating_options=(--profile --no-reduction --format --output --swift)
    non_repeating_options=(--max-states --max-memory --timeout --jobs --costs --expect --write-expect --require --html --svg --kernel-tree --kernel-source --clang --cflags --swiftc --swiftflags --color)
    __ptero_offer_flags_options -1

    # Offer option value completions
    case "${prev}" in
    '--profile')
        return
        ;;
    '--no-reduction')
        __ptero_add_completions -W 'partial-order'$'\n''chains'$'\n''ended-threads'$'\n''unread-values'$'\n''unseen-stores'$'\n''unused-translations'$'\n''symmetry'
        return
        ;;
    '--max-states')
        return
        ;;
    '--max-memory')
        return
        ;;
    '--timeout')
        return
        ;;
    '--jobs')
        return
        ;;
    '--costs')
        __ptero_add_completions -o plusdirs -fX '!*.@(json5)'
        return
        ;;
    '--expect')
        __ptero_add_completions -o plusdirs -fX '!*.@(tsv)'
        return
        ;;
    '--write-expect')
        __ptero_add_completions -o plusdirs -fX '!*.@(tsv)'
        return
        ;;
    '--require')
        __ptero_add_completions -W 'Never'$'\n''Sometimes'$'\n''Always'
        return
        ;;
    '--html')
        __ptero_add_completions -o plusdirs -fX '!*.@(html)'
        return
        ;;
    '--svg')
        __ptero_add_completions -o plusdirs -fX '!*.@(svg)'
        return
        ;;
    '--format')
        __ptero_add_completions -W 'text'$'\n''herd'$'\n''json'$'\n''ktap'$'\n''junit'$'\n''sarif'$'\n''markdown'$'\n''github'
        return
        ;;
    '--output')
        __ptero_add_completions -f
        return
        ;;
    '--kernel-tree')
        __ptero_add_completions -d
        return
        ;;
    '--kernel-source')
        __ptero_add_completions -d
        return
        ;;
    '--clang')
        __ptero_add_completions -f
        return
        ;;
    '--cflags')
        return
        ;;
    '--swift')
        __ptero_add_completions -o plusdirs -fX '!*.@(swift)'
        return
        ;;
    '--swiftc')
        __ptero_add_completions -f
        return
        ;;
    '--swiftflags')
        return
        ;;
    '--color')
        __ptero_add_completions -W 'auto'$'\n''always'$'\n''never'
        return
        ;;
    esac

    # Offer positional completions
    case "${positional_number}" in
    *)
        __ptero_add_completions -o plusdirs -fX '!*.@(litmus)'
        return
        ;;
    esac
}

_ptero_why() {
    repeating_flags=()
    non_repeating_flags=(--witness --json --version -h --help)
    repeating_options=(--profile --swift)
    non_repeating_options=(--condition --output --html --max-states --max-memory --timeout --jobs --kernel-tree --kernel-source --clang --cflags --swiftc --swiftflags --color)
    __ptero_offer_flags_options 1

    # Offer option value completions
    case "${prev}" in
    '--profile')
        return
        ;;
    '--condition')
        return
        ;;
    '--output')
        __ptero_add_completions -d
        return
        ;;
    '--html')
        __ptero_add_completions -o plusdirs -fX '!*.@(html)'
        return
        ;;
    '--max-states')
        return
        ;;
    '--max-memory')
        return
        ;;
    '--timeout')
        return
        ;;
    '--jobs')
        return
        ;;
    '--kernel-tree')
        __ptero_add_completions -d
        return
        ;;
    '--kernel-source')
        __ptero_add_completions -d
        return
        ;;
    '--clang')
        __ptero_add_completions -f
        return
        ;;
    '--cflags')
        return
        ;;
    '--swift')
        __ptero_add_completions -o plusdirs -fX '!*.@(swift)'
        return
        ;;
    '--swiftc')
        __ptero_add_completions -f
        return
        ;;
    '--swiftflags')
        return
        ;;
    '--color')
        __ptero_add_completions -W 'auto'$'\n''always'$'\n''never'
        return
        ;;
    esac

    # Offer positional completions
    case "${positional_number}" in
    1)
        __ptero_add_completions -o plusdirs -fX '!*.@(litmus)'
        return
        ;;
    esac
}

_ptero_synth() {
    repeating_flags=()
    non_repeating_flags=(--json --version -h --help)
    repeating_options=(--profile --merge)
    non_repeating_options=(--length --top --allow --costs --mix --output --checkpoint --shard --max-states --max-memory --timeout --jobs --color)
    __ptero_offer_flags_options -1

    # Offer option value completions
    case "${prev}" in
    '--profile')
        return
        ;;
    '--length')
        return
        ;;
    '--top')
        return
        ;;
    '--allow')
        return
        ;;
    '--costs')
        __ptero_add_completions -o plusdirs -fX '!*.@(json5)'
        return
        ;;
    '--mix')
        return
        ;;
    '--output')
        __ptero_add_completions -d
        return
        ;;
    '--checkpoint')
        __ptero_add_completions -o plusdirs -fX '!*.@(jsonl)'
        return
        ;;
    '--shard')
        return
        ;;
    '--merge')
        __ptero_add_completions -o plusdirs -fX '!*.@(jsonl)'
        return
        ;;
    '--max-states')
        return
        ;;
    '--max-memory')
        return
        ;;
    '--timeout')
        return
        ;;
    '--jobs')
        return
        ;;
    '--color')
        __ptero_add_completions -W 'auto'$'\n''always'$'\n''never'
        return
        ;;
    esac

    # Offer positional completions
    case "${positional_number}" in
    *)
        __ptero_add_completions -o plusdirs -fX '!*.@(litmus)'
        return
        ;;
    esac
}

_ptero_kernel() {
    repeating_flags=()
    non_repeating_flags=(--verbose -v --witness --explain --json --version -h --help)
    repeating_options=(--scenario --profile --format --output)
    non_repeating_options=(--kernel-source --compare --clang --cflags --max-states --max-memory --timeout --jobs --html --color)
    __ptero_offer_flags_options 1

    # Offer option value completions
    case "${prev}" in
    '--kernel-source')
        __ptero_add_completions -d
        return
        ;;
    '--compare')
        __ptero_add_completions -d
        return
        ;;
    '--scenario')
        return
        ;;
    '--profile')
        return
        ;;
    '--clang')
        __ptero_add_completions -f
        return
        ;;
    '--cflags')
        return
        ;;
    '--max-states')
        return
        ;;
    '--max-memory')
        return
        ;;
    '--timeout')
        return
        ;;
    '--jobs')
        return
        ;;
    '--html')
        __ptero_add_completions -o plusdirs -fX '!*.@(html)'
        return
        ;;
    '--format')
        __ptero_add_completions -W 'text'$'\n''herd'$'\n''json'$'\n''ktap'$'\n''junit'$'\n''sarif'$'\n''markdown'$'\n''github'
        return
        ;;
    '--output')
        __ptero_add_completions -f
        return
        ;;
    '--color')
        __ptero_add_completions -W 'auto'$'\n''always'$'\n''never'
        return
        ;;
    esac

    # Offer positional completions
    case "${positional_number}" in
    1)
        __ptero_add_completions -d
        return
        ;;
    esac
}

_ptero_measure() {
    repeating_flags=()
    non_repeating_flags=(--json --quick --show --version -h --help)
    repeating_options=()
    non_repeating_options=(--cost-file --svg --clang)
    __ptero_offer_flags_options -1

    # Offer option value completions
    case "${prev}" in
    '--cost-file')
        __ptero_add_completions -o plusdirs -fX '!*.@(json5)'
        return
        ;;
    '--svg')
        __ptero_add_completions -o plusdirs -fX '!*.@(svg)'
        return
        ;;
    '--clang')
        __ptero_add_completions -f
        return
        ;;
    esac

    # Offer positional completions
    case "${positional_number}" in
    *)
        __ptero_add_completions -o plusdirs -fX '!*.@(litmus|json5)'
        return
        ;;
    esac
}

_ptero_replay() {
    repeating_flags=()
    non_repeating_flags=(-i --interactive --reference --all-steps --version -h --help)
    repeating_options=(--swift)
    non_repeating_options=(--profile --condition --witness --show --svg --html --kernel-tree --kernel-source --clang --cflags --swiftc --swiftflags)
    __ptero_offer_flags_options 1

    # Offer option value completions
    case "${prev}" in
    '--profile')
        return
        ;;
    '--condition')
        return
        ;;
    '--witness')
        return
        ;;
    '--show')
        return
        ;;
    '--svg')
        __ptero_add_completions -o plusdirs -fX '!*.@(svg)'
        return
        ;;
    '--html')
        __ptero_add_completions -o plusdirs -fX '!*.@(html)'
        return
        ;;
    '--kernel-tree')
        __ptero_add_completions -d
        return
        ;;
    '--kernel-source')
        __ptero_add_completions -d
        return
        ;;
    '--clang')
        __ptero_add_completions -f
        return
        ;;
    '--cflags')
        return
        ;;
    '--swift')
        __ptero_add_completions -o plusdirs -fX '!*.@(swift)'
        return
        ;;
    '--swiftc')
        __ptero_add_completions -f
        return
        ;;
    '--swiftflags')
        return
        ;;
    esac

    # Offer positional completions
    case "${positional_number}" in
    1)
        __ptero_add_completions -o plusdirs -fX '!*.@(litmus)'
        return
        ;;
    esac
}

_ptero_explore() {
    repeating_flags=()
    non_repeating_flags=(--version -h --help)
    repeating_options=(--swift)
    non_repeating_options=(--profile --output --page --kernel-tree --kernel-source --clang --cflags --swiftc --swiftflags)
    __ptero_offer_flags_options 1

    # Offer option value completions
    case "${prev}" in
    '--profile')
        return
        ;;
    '--output')
        __ptero_add_completions -o plusdirs -fX '!*.@(html)'
        return
        ;;
    '--page')
        __ptero_add_completions -o plusdirs -fX '!*.@(html)'
        return
        ;;
    '--kernel-tree')
        __ptero_add_completions -d
        return
        ;;
    '--kernel-source')
        __ptero_add_completions -d
        return
        ;;
    '--clang')
        __ptero_add_completions -f
        return
        ;;
    '--cflags')
        return
        ;;
    '--swift')
        __ptero_add_completions -o plusdirs -fX '!*.@(swift)'
        return
        ;;
    '--swiftc')
        __ptero_add_completions -f
        return
        ;;
    '--swiftflags')
        return
        ;;
    esac

    # Offer positional completions
    case "${positional_number}" in
    1)
        __ptero_add_completions -o plusdirs -fX '!*.@(litmus)'
        return
        ;;
    esac
}

_ptero_show() {
    repeating_flags=()
    non_repeating_flags=(--version -h --help)
    repeating_options=()
    non_repeating_options=()
    __ptero_offer_flags_options -1

    # Offer positional completions
    case "${positional_number}" in
    *)
        __ptero_add_completions -o plusdirs -fX '!*.@(litmus)'
        return
        ;;
    esac
}

_ptero_asm() {
    repeating_flags=()
    non_repeating_flags=(--version -h --help)
    repeating_options=(--swift)
    non_repeating_options=(--kernel-tree --kernel-source --clang --cflags --swiftc --swiftflags)
    __ptero_offer_flags_options -1

    # Offer option value completions
    case "${prev}" in
    '--kernel-tree')
        __ptero_add_completions -d
        return
        ;;
    '--kernel-source')
        __ptero_add_completions -d
        return
        ;;
    '--clang')
        __ptero_add_completions -f
        return
        ;;
    '--cflags')
        return
        ;;
    '--swift')
        __ptero_add_completions -o plusdirs -fX '!*.@(swift)'
        return
        ;;
    '--swiftc')
        __ptero_add_completions -f
        return
        ;;
    '--swiftflags')
        return
        ;;
    esac

    # Offer positional completions
    case "${positional_number}" in
    *)
        __ptero_add_completions -o plusdirs -fX '!*.@(litmus)'
        return
        ;;
    esac
}

_ptero_profiles() {
    repeating_flags=()
    non_repeating_flags=(--file --json --version -h --help)
    repeating_options=()
    non_repeating_options=()
    __ptero_offer_flags_options -1

    # Offer positional completions
    case "${positional_number}" in
    *)
        __ptero_add_completions -o plusdirs -fX '!*.@(json5)'
        return
        ;;
    esac
}

_ptero_properties() {
    repeating_flags=()
    non_repeating_flags=(--version -h --help)
    repeating_options=()
    non_repeating_options=()
    __ptero_offer_flags_options -1
}

_ptero_isa() {
    repeating_flags=()
    non_repeating_flags=(--version -h --help)
    repeating_options=()
    non_repeating_options=()
    __ptero_offer_flags_options -1
}

_ptero_limits() {
    repeating_flags=()
    non_repeating_flags=(--version -h --help)
    repeating_options=()
    non_repeating_options=()
    __ptero_offer_flags_options 0
}

_ptero_explain() {
    repeating_flags=()
    non_repeating_flags=(--version -h --help)
    repeating_options=()
    non_repeating_options=()
    __ptero_offer_flags_options -1

    # Offer positional completions
    case "${positional_number}" in
    *)
        __ptero_add_completions -W 'lost_dirty'$'\n''kernel_shadow_stack'$'\n''shadow_stack_exposed'$'\n''stale_write'$'\n''stale_frame'$'\n''stray_present'$'\n''size_conflict'$'\n''size_mismatch'$'\n''stale_table'$'\n''written'$'\n''stuck'$'\n''fault'$'\n''wild'$'\n''cet'$'\n''strict'$'\n''late'$'\n''knl'$'\n''shadowed'$'\n''book'$'\n''amd'$'\n''amd-broadcast'$'\n''herd7'$'\n''adl'$'\n''k8'$'\n''mov'$'\n''movabs'$'\n''movz'$'\n''movzx'$'\n''movs'$'\n''movsx'$'\n''movsxd'$'\n''lea'$'\n''bswap'$'\n''cbtw'$'\n''cbw'$'\n''cwtl'$'\n''cwde'$'\n''cltq'$'\n''cdqe'$'\n''cwtd'$'\n''cwd'$'\n''cltd'$'\n''cdq'$'\n''cqto'$'\n''cqo'$'\n''cmovo'$'\n''cmovno'$'\n''cmovb'$'\n''cmovc'$'\n''cmovnae'$'\n''cmovae'$'\n''cmovnc'$'\n''cmovnb'$'\n''cmove'$'\n''cmovz'$'\n''cmovne'$'\n''cmovnz'$'\n''cmovbe'$'\n''cmovna'$'\n''cmova'$'\n''cmovnbe'$'\n''cmovs'$'\n''cmovns'$'\n''cmovp'$'\n''cmovpe'$'\n''cmovnp'$'\n''cmovpo'$'\n''cmovl'$'\n''cmovnge'$'\n''cmovge'$'\n''cmovnl'$'\n''cmovle'$'\n''cmovng'$'\n''cmovg'$'\n''cmovnle'$'\n''seto'$'\n''setno'$'\n''setb'$'\n''setc'$'\n''setnae'$'\n''setae'$'\n''setnc'$'\n''setnb'$'\n''sete'$'\n''setz'$'\n''setne'$'\n''setnz'$'\n''setbe'$'\n''setna'$'\n''seta'$'\n''setnbe'$'\n''sets'$'\n''setns'$'\n''setp'$'\n''setpe'$'\n''setnp'$'\n''setpo'$'\n''setl'$'\n''setnge'$'\n''setge'$'\n''setnl'$'\n''setle'$'\n''setng'$'\n''setg'$'\n''setnle'$'\n''push'$'\n''pop'$'\n''pushfq'$'\n''pushf'$'\n''popfq'$'\n''popf'$'\n''leave'$'\n''leaveq'$'\n''add'$'\n''adc'$'\n''sub'$'\n''sbb'$'\n''cmp'$'\n''inc'$'\n''dec'$'\n''neg'$'\n''mul'$'\n''imul'$'\n''div'$'\n''idiv'$'\n''and'$'\n''or'$'\n''xor'$'\n''not'$'\n''test'$'\n''bt'$'\n''bts'$'\n''btr'$'\n''btc'$'\n''bsf'$'\n''bsr'$'\n''tzcnt'$'\n''lzcnt'$'\n''popcnt'$'\n''shl'$'\n''sal'$'\n''shr'$'\n''sar'$'\n''rol'$'\n''ror'$'\n''rcl'$'\n''rcr'$'\n''shld'$'\n''shrd'$'\n''xchg'$'\n''xadd'$'\n''cmpxchg'$'\n''cmpxchg8b'$'\n''jmp'$'\n''jmpq'$'\n''jo'$'\n''jno'$'\n''jb'$'\n''jc'$'\n''jnae'$'\n''jae'$'\n''jnc'$'\n''jnb'$'\n''je'$'\n''jz'$'\n''jne'$'\n''jnz'$'\n''jbe'$'\n''jna'$'\n''ja'$'\n''jnbe'$'\n''js'$'\n''jns'$'\n''jp'$'\n''jpe'$'\n''jnp'$'\n''jpo'$'\n''jl'$'\n''jnge'$'\n''jlt'$'\n''jge'$'\n''jnl'$'\n''jle'$'\n''jng'$'\n''jg'$'\n''jnle'$'\n''jgt'$'\n''jrcxz'$'\n''jecxz'$'\n''call'$'\n''callq'$'\n''ret'$'\n''retq'$'\n''nop'$'\n''pause'$'\n''endbr64'$'\n''ud2'$'\n''ud2a'$'\n''int3'$'\n''clc'$'\n''stc'$'\n''cmc'$'\n''cld'$'\n''std'$'\n''lahf'$'\n''sahf'$'\n''movs'$'\n''stos'$'\n''lods'$'\n''mfence'$'\n''lfence'$'\n''sfence'$'\n''prefetcht0'$'\n''prefetcht1'$'\n''prefetcht2'$'\n''prefetchnta'$'\n''prefetchw'$'\n''clflush'$'\n''clflushopt'$'\n''clwb'$'\n''wbinvd'$'\n''cpuid'$'\n''serialize'$'\n''invlpg'$'\n''invpcid'$'\n''invlpgb'$'\n''tlbsync'$'\n''rdpkru'$'\n''cli'$'\n''sti'$'\n''clac'$'\n''stac'$'\n''wrssd'$'\n''wrssq'$'\n''iretq'$'\n''iret'$'\n''hlt'$'\n''flush_tlb_page'$'\n''flush_tlb_mm'$'\n''flush_tlb_range'$'\n''flush_tlb_local'$'\n''spin_lock'$'\n''spin_unlock'$'\n''wait_for'$'\n''set_page_dirty'$'\n''clear_page_dirty'$'\n''page_dirty'$'\n''writeback'$'\n''reclaim'$'\n''free_frame'$'\n''free_table'$'\n''tlb_remove_table_sync_one'$'\n''synchronize_rcu'$'\n''rcu_read_lock'$'\n''rcu_read_unlock'$'\n''pte_offset'$'\n''pmd_offset'$'\n''pud_offset'$'\n''enter_lazy_tlb'$'\n''switch_mm'$'\n''send_ipi'$'\n''invpcid_flush_one'$'\n''invpcid_flush_single_context'$'\n''invpcid_flush_all'$'\n''invpcid_flush_all_nonglobals'$'\n''invlpgb'
        return
        ;;
    esac
}

_ptero_new() {
    repeating_flags=()
    non_repeating_flags=(--version -h --help)
    repeating_options=()
    non_repeating_options=(--from)
    __ptero_offer_flags_options 1

    # Offer option value completions
    case "${prev}" in
    '--from')
        __ptero_add_completions -o plusdirs -fX '!*.@(litmus|swift)'
        return
        ;;
    esac

    # Offer positional completions
    case "${positional_number}" in
    1)
        __ptero_add_completions -o plusdirs -fX '!*.@(litmus)'
        return
        ;;
    esac
}

_ptero_help() {
    repeating_flags=()
    non_repeating_flags=(--version)
    repeating_options=()
    non_repeating_options=()
    __ptero_offer_flags_options -1
}

complete -o filenames -F _ptero ptero
