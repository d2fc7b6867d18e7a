#compdef ptero

__ptero_complete() {
    local -ar non_empty_completions=("${@:#(|:*)}")
    local -ar empty_completions=("${(M)@:#(|:*)}")
    _describe -V '' non_empty_completions -- empty_completions -P $'\'\''
}

__ptero_custom_complete() {
    local -a completions
    completions=("${(@f)"$("${command_name}" "${@}" "${command_line[@]}")"}")
    if [[ "${#completions[@]}" -gt 1 ]]; then
        __ptero_complete "${completions[@]:0:-1}"
    fi
}

__ptero_cursor_index_in_current_word() {
    if [[ -z "${QIPREFIX}${IPREFIX}${PREFIX}" ]]; then
        printf 0
    else
        printf %s "${#${(z)LBUFFER}[-1]}"
    fi
}

_ptero() {
    emulate -RL zsh -G
    setopt extendedglob nullglob numericglobsort
    unsetopt aliases banghist

    local -xr SAP_SHELL=zsh
    local -x SAP_SHELL_VERSION
    SAP_SHELL_VERSION="$(builtin emulate zsh -c 'printf %s "${ZSH_VERSION}"')"
    local -r SAP_SHELL_VERSION

    local context state state_descr line
    local -A opt_args

    local -r command_name="${words[1]}"
    local -ar command_line=("${words[@]}")
    local -ir current_word_index="$((CURRENT - 1))"

    local -i ret=1
    local -ar arg_specs=(
        '--version[Show the version.]'
        '(-h --help)'{-h,--help}'[Show help information.]'
        '(-): :->command'
        '(-)*:: :->arg'
    )
    _arguments -w -s -S : "${arg_specs[@]}" && ret=0
    case "${state}" in
    command)
        local -ar subcommands=(
            'check:Checks litmus tests on classes of CPUs.'
            'why:Says which steps of a test carry its verdict.'
            'synth:Finds the cheapest sequence that is right on every CPU.'
            'kernel:Checks what a kernel'\''s own page-table helpers do.'
            'measure:Times page-table updates on this machine.'
            'replay:Shows the run that a witness describes, step by step.'
            'explore:Writes a page on which a test is taken step by step in a browser.'
            'show:Prints tests as Ptero understands them.'
            'asm:Prints what a test in C or Swift was compiled to, source lines beside it.'
            'profiles:Lists the classes of CPUs.'
            'properties:Explains the properties that conditions can name.'
            'isa:Lists the instructions and kernel services that tests can use.'
            'limits:Says what the model of the CPUs leaves out.'
            'explain:Explains a name that a test or a verdict has.'
            'new:Writes a test to start from.'
            'help:Show subcommand help information.'
        )
        _describe -V subcommand subcommands && ret=0
        ;;
    arg)
        case "${words[1]}" in
        check|why|synth|kernel|measure|replay|explore|show|asm|profiles|properties|isa|limits|explain|new|help)
            "_ptero_${words[1]}" && ret=0
            ;;
        esac
        ;;
    esac

    return "${ret}"
}

_ptero_check() {
    local -i ret=1
    local -ar ___no_reduction=('partial-order' 'chains' 'ended-threads' 'unread-values' 'unseen-stores' 'unused-translations' 'symmetry')
    local -ar ___require=('Never' 'Sometimes' 'Always')
    local -ar ___format=('text' 'herd' 'json' 'ktap' 'junit' 'sarif' 'markdown' 'github')
    local -ar ___color=('auto' 'always' 'never')
    local -ar arg_specs=(
        '*:files:_files -g '\''*.litmus'\'''
        '*--profile[A class of CPUs\: a name that `ptero profiles` lists, a file of profiles, or FILE\:NAME. Several are separated by commas; may be repeated.]:file-or-name:'
        '--reference[Use the reference search\: slow, obvious, without reductions.]'
        '*--no-reduction[Leave out a reduction\: partial-order or chains or ended-threads or unread-values or unseen-stores or unused-translations or symmetry. May be repeated.]:name:{__ptero_complete "${___no_reduction[@]}"}'
        '--max-states[States that a search may store.]:n:'
        '--max-memory[Memory that all searches together may use, like 512M or 4G (default\: three quarters of what is free).]:bytes:'
        '--timeout[Seconds that a search may take.]:seconds:'
        '--jobs[Threads, for several searches or for one (default\: the processors).]:n:'
        '--statistics[Show the figures of each search.]'
        '(--verbose -v)'{--verbose,-v}'[Show herd7'\''s block for each test and profile.]'
        '--json[Print one JSON object for each test and profile.]'
        '--witness[Show a witness for every verdict that has one.]'
        '--explain[Show runs as hardware takes them, with every fill of a TLB, and the steps that a failure rests on, with why each was possible.]'
        '--all-steps[Show all steps of a run, also those on memory that no other CPU touches, and on registers alone.]'
        '--sequences[Show the table sequence x CPU class also for the tests that are named.]'
        '--costs[Show that table with a column of costs, by these prices\: a file that `ptero measure --cost-file` wrote, or the name of a file of Costs/.]:file-or-name:_files -g '\''*.json5'\'''
        '--expect[Compare with a table of verdicts\: tab-separated, with the columns file, observation, perhaps condition, profile and states.]:file.tsv:_files -g '\''*.tsv'\'''
        '--write-expect[Write what was found as a table that --expect reads.]:file.tsv:_files -g '\''*.tsv'\'''
        '--require[Verdicts to expect where the test itself expects nothing.]:verdict:{__ptero_complete "${___require[@]}"}'
        '--strict[Fail, with status 1, where a verdict says less than it seems to\: those marked * in the table. A Never of a test that writes no entry, say.]'
        '--watch[Check again whenever a file changes that is named, included or in a folder that is named. Ctrl-C ends with the status of the last check.]'
        '--html[Write a report for a browser\: all verdicts, and each run as hardware takes it, drawn, with its source.]:file:_files -g '\''*.html'\'''
        '--svg[Write the first run that goes wrong as a drawing for a slide; of one test.]:file:_files -g '\''*.svg'\'''
        '*--format[The format of standard output, or NAME=FILE for a file besides; may be repeated. herd is that of -v, json that of --json.]:name:{__ptero_complete "${___format[@]}"}'
        '*--output[A file for the format that --format names, or else for that of the file'\''s ending\: .txt, .json, .ktap, .xml (junit), .sarif or .md; standard output has text then. May be repeated.]:file:_files'
        '--kernel-tree[The kernel whose headers C tests are compiled with\: a header package like /usr/src/linux-headers-6.12..., /lib/modules/.../build, or a prepared source tree.]:dir:_files -/'
        '--kernel-source[The unpacked sources of the same version, for a header package, which has none.]:dir:_files -/'
        '--clang[The clang that compiles C tests (default\: beside swift, else on PATH).]:path:_files'
        '--cflags[Flags for clang after all others, separated by blanks.]:flags:'
        '*--swift[A Swift file\: a test, if its first comment is one (`/* Swift NAME ... */`), otherwise code that Swift tests are compiled with; or a folder of Swift tests. May be repeated.]:file:_files -g '\''*.swift'\'''
        '--swiftc[The swiftc that compiles Swift tests (default\: beside swift, else on PATH).]:path:_files'
        '--swiftflags[Flags for swiftc after all others, separated by blanks.]:flags:'
        '--color[Use colour\: auto, always or never.]:color:{__ptero_complete "${___color[@]}"}'
        '--version[Show the version.]'
        '(-h --help)'{-h,--help}'[Show help information.]'
    )
    _arguments -w -s -S : "${arg_specs[@]}" && ret=0

    return "${ret}"
}

_ptero_why() {
    local -i ret=1
    local -ar ___color=('auto' 'always' 'never')
    local -ar arg_specs=(
        ':file:_files -g '\''*.litmus'\'''
        '*--profile[A class of CPUs\: a name that `ptero profiles` lists, a file of profiles, or FILE\:NAME. May be repeated.]:file-or-name:'
        '--condition[Of a test with several conditions, the one that is asked; without, all of them in turn.]:name:'
        '--output[Write the test without each step into this folder, which is made if it is not there.]:dir:_files -/'
        '--witness[Show a shortest run for everything that goes wrong.]'
        '--html[Write what was found as a page for a browser, with a drawn run for what goes wrong without each step.]:file:_files -g '\''*.html'\'''
        '--json[Print one JSON object for each condition.]'
        '--max-states[States that a search may store.]:n:'
        '--max-memory[Memory that all searches together may use, like 512M or 4G (default\: three quarters of what is free).]:bytes:'
        '--timeout[Seconds that a search may take.]:seconds:'
        '--jobs[Threads, for several searches or for one (default\: the processors).]:n:'
        '--kernel-tree[The kernel whose headers C tests are compiled with\: a header package like /usr/src/linux-headers-6.12..., /lib/modules/.../build, or a prepared source tree.]:dir:_files -/'
        '--kernel-source[The unpacked sources of the same version, for a header package, which has none.]:dir:_files -/'
        '--clang[The clang that compiles C tests (default\: beside swift, else on PATH).]:path:_files'
        '--cflags[Flags for clang after all others, separated by blanks.]:flags:'
        '*--swift[A Swift file\: a test, if its first comment is one (`/* Swift NAME ... */`), otherwise code that Swift tests are compiled with; or a folder of Swift tests. May be repeated.]:file:_files -g '\''*.swift'\'''
        '--swiftc[The swiftc that compiles Swift tests (default\: beside swift, else on PATH).]:path:_files'
        '--swiftflags[Flags for swiftc after all others, separated by blanks.]:flags:'
        '--color[Use colour\: auto, always or never.]:color:{__ptero_complete "${___color[@]}"}'
        '--version[Show the version.]'
        '(-h --help)'{-h,--help}'[Show help information.]'
    )
    _arguments -w -s -S : "${arg_specs[@]}" && ret=0

    return "${ret}"
}

_ptero_synth() {
    local -i ret=1
    local -ar ___color=('auto' 'always' 'never')
    local -ar arg_specs=(
        '*:files:_files -g '\''*.litmus'\'''
        '*--profile[A class of CPUs\: a name that `ptero profiles` lists, a file of profiles, or FILE\:NAME. May be repeated.]:file-or-name:'
        '--length[The longest sequences without a jump (default\: what the hole'\''s `length` says, else 5).]:n:'
        '--top[How many answers to show.]:n:'
        '--allow[What the sequence may do besides what the hole'\''s contract says\: fault, flush, loop; several with commas.]:what:'
        '--costs[Prices that rank answers\: a file that `ptero measure --cost-file` wrote, or the name of a file of Costs/.]:file-or-name:_files -g '\''*.json5'\'''
        '--mix[How many of a hundred entries are clean, cleanAndOld, dirty, dirtyAndOld\: what ranks answers.]:kind=n,...:'
        '--output[Write answers, and what is cheaper and wrong, as tests into this folder.]:dir:_files -/'
        '--checkpoint[Keep finished work in this file, and go on from what is in it.]:file.jsonl:_files -g '\''*.jsonl'\'''
        '--shard[Do one part of the work; needs --checkpoint.]:i/n:'
        '*--merge[Put the checkpoints of all shards together. May be repeated.]:file.jsonl:_files -g '\''*.jsonl'\'''
        '--json[Print one JSON object.]'
        '--max-states[States that a search may store.]:n:'
        '--max-memory[Memory that all searches together may use, like 512M or 4G (default\: three quarters of what is free).]:bytes:'
        '--timeout[Seconds that a search may take.]:seconds:'
        '--jobs[Threads, for several searches or for one (default\: the processors).]:n:'
        '--color[Use colour\: auto, always or never.]:color:{__ptero_complete "${___color[@]}"}'
        '--version[Show the version.]'
        '(-h --help)'{-h,--help}'[Show help information.]'
    )
    _arguments -w -s -S : "${arg_specs[@]}" && ret=0

    return "${ret}"
}

_ptero_kernel() {
    local -i ret=1
    local -ar ___format=('text' 'herd' 'json' 'ktap' 'junit' 'sarif' 'markdown' 'github')
    local -ar ___color=('auto' 'always' 'never')
    local -ar arg_specs=(
        ':directory:_files -/'
        '--kernel-source[The unpacked sources of the first kernel, where it is a header package, which has none.]:dir:_files -/'
        '--compare[Show this kernel beside the first one, and what changed between them.]:dir:_files -/'
        '*--scenario[A scenario\: wrprotect, fork, ksm, writeback, mprotect, reclaim, zap, munmap, lazy-tlb, gup-fast, mremap, thp-split, thp-collapse, soft-dirty, uffd-wp, access-flags, reuse, shadow-stack, shadow-stack-reuse. May be repeated (default\: all).]:name:'
        '*--profile[A class of CPUs\: a name that `ptero profiles` lists, a file of profiles, or FILE\:NAME. May be repeated.]:file-or-name:'
        '--clang[The clang that compiles C tests (default\: beside swift, else on PATH).]:path:_files'
        '--cflags[Flags for clang after all others, separated by blanks.]:flags:'
        '--max-states[States that a search may store.]:n:'
        '--max-memory[Memory that all searches together may use, like 512M or 4G (default\: three quarters of what is free).]:bytes:'
        '--timeout[Seconds that a search may take.]:seconds:'
        '--jobs[Threads, for several searches or for one (default\: the processors).]:n:'
        '(--verbose -v)'{--verbose,-v}'[Show herd7'\''s block for each scenario and profile as well.]'
        '--witness[Show a witness for every verdict that has one, expected or not.]'
        '--explain[Show runs as hardware takes them, with every fill of a TLB, and the steps that a failure rests on, with why each was possible.]'
        '--json[Print one JSON object for each kernel, scenario and profile.]'
        '--html[Write a report for a browser\: all verdicts, and the runs as hardware takes them, drawn, with the lines of the kernel.]:file:_files -g '\''*.html'\'''
        '*--format[The format of standard output, or NAME=FILE for a file besides; may be repeated. herd is that of -v, json that of --json.]:name:{__ptero_complete "${___format[@]}"}'
        '*--output[A file for the format that --format names, or else for that of the file'\''s ending\: .txt, .json, .ktap, .xml (junit), .sarif or .md; standard output has text then. May be repeated.]:file:_files'
        '--color[Use colour\: auto, always or never.]:color:{__ptero_complete "${___color[@]}"}'
        '--version[Show the version.]'
        '(-h --help)'{-h,--help}'[Show help information.]'
    )
    _arguments -w -s -S : "${arg_specs[@]}" && ret=0

    return "${ret}"
}

_ptero_measure() {
    local -i ret=1
    local -ar arg_specs=(
        '*:files:_files -g '\''*.litmus *.json5'\'''
        '--cost-file[Write the prices of building blocks to this file.]:out.json5:_files -g '\''*.json5'\'''
        '--svg[Write a picture of the prices to this file.]:out.svg:_files -g '\''*.svg'\'''
        '--json[Print one JSON object for the machine, and one for each figure.]'
        '--quick[Take few passes, and leave out 8 Mi entries\: to see that it works. The figures are rough.]'
        '--show[Measure nothing\: show prices from files, or by name; by default those that come with Ptero.]'
        '--clang[The clang that builds the program (default\: beside swift, else on PATH).]:path:_files'
        '--version[Show the version.]'
        '(-h --help)'{-h,--help}'[Show help information.]'
    )
    _arguments -w -s -S : "${arg_specs[@]}" && ret=0

    return "${ret}"
}

_ptero_replay() {
    local -i ret=1
    local -ar arg_specs=(
        ':file:_files -g '\''*.litmus'\'''
        '--profile[The class of CPUs\: a name, a file of one profile, or FILE\:NAME. Not needed for a test that gives each CPU its own.]:file-or-name:'
        '--condition[Of a test with several conditions, the one that the witness is about; without, the one that has no name.]:name:'
        '--witness[The steps to take; with -i those to begin with.]:steps:'
        '(-i --interactive)'{-i,--interactive}'[Take the run step by step, as lines of standard input say.]'
        '--reference[The witness comes from the reference search.]'
        '--all-steps[Show all steps, also those on memory that no other CPU touches, and on registers alone.]'
        '--show[What else to show after each step, in columns\: tlb, buffers, entries, or several, separated by commas. A cell has what has changed; entries gives every entry a column.]:parts:'
        '--svg[Write the run as a drawing to a file\: as hardware takes it, with TLBs and buffers.]:file:_files -g '\''*.svg'\'''
        '--html[Write the run as a page for a browser\: drawn, with why each step was possible, and its source.]:file:_files -g '\''*.html'\'''
        '--kernel-tree[The kernel whose headers C tests are compiled with\: a header package like /usr/src/linux-headers-6.12..., /lib/modules/.../build, or a prepared source tree.]:dir:_files -/'
        '--kernel-source[The unpacked sources of the same version, for a header package, which has none.]:dir:_files -/'
        '--clang[The clang that compiles C tests (default\: beside swift, else on PATH).]:path:_files'
        '--cflags[Flags for clang after all others, separated by blanks.]:flags:'
        '*--swift[A Swift file\: a test, if its first comment is one (`/* Swift NAME ... */`), otherwise code that Swift tests are compiled with; or a folder of Swift tests. May be repeated.]:file:_files -g '\''*.swift'\'''
        '--swiftc[The swiftc that compiles Swift tests (default\: beside swift, else on PATH).]:path:_files'
        '--swiftflags[Flags for swiftc after all others, separated by blanks.]:flags:'
        '--version[Show the version.]'
        '(-h --help)'{-h,--help}'[Show help information.]'
    )
    _arguments -w -s -S : "${arg_specs[@]}" && ret=0

    return "${ret}"
}

_ptero_explore() {
    local -i ret=1
    local -ar arg_specs=(
        ':file:_files -g '\''*.litmus'\'''
        '--profile[The class of CPUs that the page begins with\: a name that `ptero profiles` lists. The page has all of them.]:name:'
        '--output[The file to write. Without, it is named like the test, in the current folder, and replaces only such pages.]:file:_files -g '\''*.html'\'''
        '--page[The page that `Web/build` made. Without, it is looked for beside the executable and in the checkout around it.]:file:_files -g '\''*.html'\'''
        '--kernel-tree[The kernel whose headers C tests are compiled with\: a header package like /usr/src/linux-headers-6.12..., /lib/modules/.../build, or a prepared source tree.]:dir:_files -/'
        '--kernel-source[The unpacked sources of the same version, for a header package, which has none.]:dir:_files -/'
        '--clang[The clang that compiles C tests (default\: beside swift, else on PATH).]:path:_files'
        '--cflags[Flags for clang after all others, separated by blanks.]:flags:'
        '*--swift[A Swift file\: a test, if its first comment is one (`/* Swift NAME ... */`), otherwise code that Swift tests are compiled with; or a folder of Swift tests. May be repeated.]:file:_files -g '\''*.swift'\'''
        '--swiftc[The swiftc that compiles Swift tests (default\: beside swift, else on PATH).]:path:_files'
        '--swiftflags[Flags for swiftc after all others, separated by blanks.]:flags:'
        '--version[Show the version.]'
        '(-h --help)'{-h,--help}'[Show help information.]'
    )
    _arguments -w -s -S : "${arg_specs[@]}" && ret=0

    return "${ret}"
}

_ptero_show() {
    local -i ret=1
    local -ar arg_specs=(
        '*:files:_files -g '\''*.litmus'\'''
        '--version[Show the version.]'
        '(-h --help)'{-h,--help}'[Show help information.]'
    )
    _arguments -w -s -S : "${arg_specs[@]}" && ret=0

    return "${ret}"
}

_ptero_asm() {
    local -i ret=1
    local -ar arg_specs=(
        '*:files:_files -g '\''*.litmus'\'''
        '--kernel-tree[The kernel whose headers C tests are compiled with\: a header package like /usr/src/linux-headers-6.12..., /lib/modules/.../build, or a prepared source tree.]:dir:_files -/'
        '--kernel-source[The unpacked sources of the same version, for a header package, which has none.]:dir:_files -/'
        '--clang[The clang that compiles C tests (default\: beside swift, else on PATH).]:path:_files'
        '--cflags[Flags for clang after all others, separated by blanks.]:flags:'
        '*--swift[A Swift file\: a test, if its first comment is one (`/* Swift NAME ... */`), otherwise code that Swift tests are compiled with; or a folder of Swift tests. May be repeated.]:file:_files -g '\''*.swift'\'''
        '--swiftc[The swiftc that compiles Swift tests (default\: beside swift, else on PATH).]:path:_files'
        '--swiftflags[Flags for swiftc after all others, separated by blanks.]:flags:'
        '--version[Show the version.]'
        '(-h --help)'{-h,--help}'[Show help information.]'
    )
    _arguments -w -s -S : "${arg_specs[@]}" && ret=0

    return "${ret}"
}

_ptero_profiles() {
    local -i ret=1
    local -ar arg_specs=(
        '*:files:_files -g '\''*.json5'\'''
        '--file[Print the built-in profiles as a file to start from.]'
        '--json[Print one JSON object for each profile.]'
        '--version[Show the version.]'
        '(-h --help)'{-h,--help}'[Show help information.]'
    )
    _arguments -w -s -S : "${arg_specs[@]}" && ret=0

    return "${ret}"
}

_ptero_properties() {
    local -i ret=1
    local -ar arg_specs=(
        '*:names:'
        '--version[Show the version.]'
        '(-h --help)'{-h,--help}'[Show help information.]'
    )
    _arguments -w -s -S : "${arg_specs[@]}" && ret=0

    return "${ret}"
}

_ptero_isa() {
    local -i ret=1
    local -ar arg_specs=(
        '*:names:'
        '--version[Show the version.]'
        '(-h --help)'{-h,--help}'[Show help information.]'
    )
    _arguments -w -s -S : "${arg_specs[@]}" && ret=0

    return "${ret}"
}

_ptero_limits() {
    local -i ret=1
    local -ar arg_specs=(
        '--version[Show the version.]'
        '(-h --help)'{-h,--help}'[Show help information.]'
    )
    _arguments -w -s -S : "${arg_specs[@]}" && ret=0

    return "${ret}"
}

_ptero_explain() {
    local -i ret=1
    local -ar _names=('lost_dirty' 'kernel_shadow_stack' 'shadow_stack_exposed' 'stale_write' 'stale_frame' 'stray_present' 'size_conflict' 'size_mismatch' 'stale_table' 'written' 'stuck' 'fault' 'wild' 'cet' 'strict' 'late' 'knl' 'shadowed' 'book' 'amd' 'amd-broadcast' 'herd7' 'adl' 'k8' 'mov' 'movabs' 'movz' 'movzx' 'movs' 'movsx' 'movsxd' 'lea' 'bswap' 'cbtw' 'cbw' 'cwtl' 'cwde' 'cltq' 'cdqe' 'cwtd' 'cwd' 'cltd' 'cdq' 'cqto' 'cqo' 'cmovo' 'cmovno' 'cmovb' 'cmovc' 'cmovnae' 'cmovae' 'cmovnc' 'cmovnb' 'cmove' 'cmovz' 'cmovne' 'cmovnz' 'cmovbe' 'cmovna' 'cmova' 'cmovnbe' 'cmovs' 'cmovns' 'cmovp' 'cmovpe' 'cmovnp' 'cmovpo' 'cmovl' 'cmovnge' 'cmovge' 'cmovnl' 'cmovle' 'cmovng' 'cmovg' 'cmovnle' 'seto' 'setno' 'setb' 'setc' 'setnae' 'setae' 'setnc' 'setnb' 'sete' 'setz' 'setne' 'setnz' 'setbe' 'setna' 'seta' 'setnbe' 'sets' 'setns' 'setp' 'setpe' 'setnp' 'setpo' 'setl' 'setnge' 'setge' 'setnl' 'setle' 'setng' 'setg' 'setnle' 'push' 'pop' 'pushfq' 'pushf' 'popfq' 'popf' 'leave' 'leaveq' 'add' 'adc' 'sub' 'sbb' 'cmp' 'inc' 'dec' 'neg' 'mul' 'imul' 'div' 'idiv' 'and' 'or' 'xor' 'not' 'test' 'bt' 'bts' 'btr' 'btc' 'bsf' 'bsr' 'tzcnt' 'lzcnt' 'popcnt' 'shl' 'sal' 'shr' 'sar' 'rol' 'ror' 'rcl' 'rcr' 'shld' 'shrd' 'xchg' 'xadd' 'cmpxchg' 'cmpxchg8b' 'jmp' 'jmpq' 'jo' 'jno' 'jb' 'jc' 'jnae' 'jae' 'jnc' 'jnb' 'je' 'jz' 'jne' 'jnz' 'jbe' 'jna' 'ja' 'jnbe' 'js' 'jns' 'jp' 'jpe' 'jnp' 'jpo' 'jl' 'jnge' 'jlt' 'jge' 'jnl' 'jle' 'jng' 'jg' 'jnle' 'jgt' 'jrcxz' 'jecxz' 'call' 'callq' 'ret' 'retq' 'nop' 'pause' 'endbr64' 'ud2' 'ud2a' 'int3' 'clc' 'stc' 'cmc' 'cld' 'std' 'lahf' 'sahf' 'movs' 'stos' 'lods' 'mfence' 'lfence' 'sfence' 'prefetcht0' 'prefetcht1' 'prefetcht2' 'prefetchnta' 'prefetchw' 'clflush' 'clflushopt' 'clwb' 'wbinvd' 'cpuid' 'serialize' 'invlpg' 'invpcid' 'invlpgb' 'tlbsync' 'rdpkru' 'cli' 'sti' 'clac' 'stac' 'wrssd' 'wrssq' 'iretq' 'iret' 'hlt' 'flush_tlb_page' 'flush_tlb_mm' 'flush_tlb_range' 'flush_tlb_local' 'spin_lock' 'spin_unlock' 'wait_for' 'set_page_dirty' 'clear_page_dirty' 'page_dirty' 'writeback' 'reclaim' 'free_frame' 'free_table' 'tlb_remove_table_sync_one' 'synchronize_rcu' 'rcu_read_lock' 'rcu_read_unlock' 'pte_offset' 'pmd_offset' 'pud_offset' 'enter_lazy_tlb' 'switch_mm' 'send_ipi' 'invpcid_flush_one' 'invpcid_flush_single_context' 'invpcid_flush_all' 'invpcid_flush_all_nonglobals' 'invlpgb')
    local -ar arg_specs=(
        '*:names:{__ptero_complete "${_names[@]}"}'
        '--version[Show the version.]'
        '(-h --help)'{-h,--help}'[Show help information.]'
    )
    _arguments -w -s -S : "${arg_specs[@]}" && ret=0

    return "${ret}"
}

_ptero_new() {
    local -i ret=1
    local -ar arg_specs=(
        ':name:_files -g '\''*.litmus'\'''
        '--from[Start from a copy of this test\: kernel\:NAME is a scenario of `ptero kernel`.]:test:_files -g '\''*.litmus *.swift'\'''
        '--version[Show the version.]'
        '(-h --help)'{-h,--help}'[Show help information.]'
    )
    _arguments -w -s -S : "${arg_specs[@]}" && ret=0

    return "${ret}"
}

_ptero_help() {
    local -i ret=1
    local -ar arg_specs=(
        '*:subcommands:'
        '--version[Show the version.]'
    )
    _arguments -w -s -S : "${arg_specs[@]}" && ret=0

    return "${ret}"
}

if [[ "${funcstack[1]}" = _ptero ]]; then
    _ptero "${@}"
else
    compdef _ptero ptero
fi
