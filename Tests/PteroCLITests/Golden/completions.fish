function __ptero_should_offer_completions_for_flags_or_options -a expected_commands
    set -l non_repeating_flags_or_options $argv[2..]
    set -l non_repeating_flags_or_options_absent 0
    set -l positional_index 0
    set -l commands
    __ptero_parse_tokens
    test "$commands" = "$expected_commands"; and return $non_repeating_flags_or_options_absent
end

function __ptero_should_offer_completions_for_positional -a expected_commands positional_index_comparison expected_positional_index
    set -l non_repeating_flags_or_options
    set -l non_repeating_flags_or_options_absent 0
    set -l positional_index 0
    set -l commands
    __ptero_parse_tokens
    test "$commands" = "$expected_commands" -a \( "$positional_index" "$positional_index_comparison" "$expected_positional_index" \)
end

function __ptero_parse_tokens -S
    set -l unparsed_tokens (__ptero_tokens -pc)
    switch $unparsed_tokens[1]
    case 'ptero'
        __ptero_parse_subcommand 0 'version' 'h/help'
        switch $unparsed_tokens[1]
        case 'check'
            __ptero_parse_subcommand -r 1 'profile=+' 'reference' 'no-reduction=+' 'max-states=' 'max-memory=' 'timeout=' 'jobs=' 'statistics' 'v/verbose' 'json' 'witness' 'explain' 'all-steps' 'sequences' 'costs=' 'expect=' 'write-expect=' 'require=' 'strict' 'watch' 'html=' 'svg=' 'format=+' 'output=+' 'kernel-tree=' 'kernel-source=' 'clang=' 'cflags=' 'swift=+' 'swiftc=' 'swiftflags=' 'color=' 'version' 'h/help'
        case 'why'
            __ptero_parse_subcommand 1 'profile=+' 'condition=' 'output=' 'witness' 'html=' 'json' 'max-states=' 'max-memory=' 'timeout=' 'jobs=' 'kernel-tree=' 'kernel-source=' 'clang=' 'cflags=' 'swift=+' 'swiftc=' 'swiftflags=' 'color=' 'version' 'h/help'
        case 'synth'
            __ptero_parse_subcommand -r 1 'profile=+' 'length=' 'top=' 'allow=' 'costs=' 'mix=' 'output=' 'checkpoint=' 'shard=' 'merge=+' 'json' 'max-states=' 'max-memory=' 'timeout=' 'jobs=' 'color=' 'version' 'h/help'
        case 'kernel'
            __ptero_parse_subcommand 1 'kernel-source=' 'compare=' 'scenario=+' 'profile=+' 'clang=' 'cflags=' 'max-states=' 'max-memory=' 'timeout=' 'jobs=' 'v/verbose' 'witness' 'explain' 'json' 'html=' 'format=+' 'output=+' 'color=' 'version' 'h/help'
        case 'measure'
            __ptero_parse_subcommand -r 1 'cost-file=' 'svg=' 'json' 'quick' 'show' 'clang=' 'version' 'h/help'
        case 'replay'
            __ptero_parse_subcommand 1 'profile=' 'condition=' 'witness=' 'i/interactive' 'reference' 'all-steps' 'show=' 'svg=' 'html=' 'kernel-tree=' 'kernel-source=' 'clang=' 'cflags=' 'swift=+' 'swiftc=' 'swiftflags=' 'version' 'h/help'
        case 'explore'
            __ptero_parse_subcommand 1 'profile=' 'output=' 'page=' 'kernel-tree=' 'kernel-source=' 'clang=' 'cflags=' 'swift=+' 'swiftc=' 'swiftflags=' 'version' 'h/help'
        case 'show'
            __ptero_parse_subcommand -r 1 'version' 'h/help'
        case 'asm'
            __ptero_parse_subcommand -r 1 'kernel-tree=' 'kernel-source=' 'clang=' 'cflags=' 'swift=+' 'swiftc=' 'swiftflags=' 'version' 'h/help'
        case 'profiles'
            __ptero_parse_subcommand -r 1 'file' 'json' 'version' 'h/help'
        case 'properties'
            __ptero_parse_subcommand -r 1 'version' 'h/help'
        case 'isa'
            __ptero_parse_subcommand -r 1 'version' 'h/help'
        case 'limits'
            __ptero_parse_subcommand 0 'version' 'h/help'
        case 'explain'
            __ptero_parse_subcommand -r 1 'version' 'h/help'
        case 'new'
            __ptero_parse_subcommand 1 'from=' 'version' 'h/help'
        case 'help'
            __ptero_parse_subcommand -r 1 'version'
        end
    end
end

function __ptero_tokens
    if test (string split -m 1 -f 1 -- . "$FISH_VERSION") -gt 3
        commandline --tokens-raw $argv
    else
        commandline -o $argv
    end
end

function __ptero_parse_subcommand -S -a positional_count
    argparse -s r -- $argv
    set -l option_specs $argv[2..]
    set -l is_repeating_positional $_flag_r
    set -el _flag_r
    set -a commands $unparsed_tokens[1]
    set positional_index 0
    while true
        set -e unparsed_tokens[1]
        argparse -sn "$commands" $option_specs -- $unparsed_tokens 2> /dev/null
        set unparsed_tokens $argv
        set positional_index (math $positional_index + 1)
        for non_repeating_flag_or_option in $non_repeating_flags_or_options
            if set -ql "_flag_$(string replace -a - _ -- $non_repeating_flag_or_option)"
                set non_repeating_flags_or_options_absent 1
                break
            end
        end
        test (count $unparsed_tokens) -eq 0 -o \( -z "$is_repeating_positional" -a "$positional_index" -gt "$positional_count" \) && break
    end
end

function __ptero_complete_directories
    set -l token (commandline -t)
    string match -- '*/' $token
    set -l subdirs $token*/
    printf %s\n $subdirs
end

function __ptero_custom_completion
    set -x SAP_SHELL fish
    set -x SAP_SHELL_VERSION $FISH_VERSION
    set -l tokens (__ptero_tokens -p)
    if test -z "$(__ptero_tokens -t)"
        set -l index (count (__ptero_tokens -pc))
        set tokens $tokens[..$index] \'\' $tokens[(math $index + 1)..]
    end
    command $tokens[1] $argv $tokens
end

complete -c 'ptero' -f
complete -c 'ptero' -n '__ptero_should_offer_completions_for_flags_or_options "ptero" version' -l 'version' -d 'Show the version.'
complete -c 'ptero' -n '__ptero_should_offer_completions_for_flags_or_options "ptero" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'ptero' -n '__ptero_should_offer_completions_for_positional "ptero" -eq 1' -fa 'check' -d 'Checks litmus tests on classes of CPUs.'
complete -c 'ptero' -n '__ptero_should_offer_completions_for_positional "ptero" -eq 1' -fa 'why' -d 'Says which steps of a test carry its verdict.'
complete -c 'ptero' -n '__ptero_should_offer_completions_for_positional "ptero" -eq 1' -fa 'synth' -d 'Finds the cheapest sequence that is right on every CPU.'
complete -c 'ptero' -n '__ptero_should_offer_completions_for_positional "ptero" -eq 1' -fa 'kernel' -d 'Checks what a kernel\'s own page-table helpers do.'
complete -c 'ptero' -n '__ptero_should_offer_completions_for_positional "ptero" -eq 1' -fa 'measure' -d 'Times page-table updates on this machine.'
complete -c 'ptero' -n '__ptero_should_offer_completions_for_positional "ptero" -eq 1' -fa 'replay' -d 'Shows the run that a witness describes, step by step.'
complete -c 'ptero' -n '__ptero_should_offer_completions_for_positional "ptero" -eq 1' -fa 'explore' -d 'Writes a page on which a test is taken step by step in a browser.'
complete -c 'ptero' -n '__ptero_should_offer_completions_for_positional "ptero" -eq 1' -fa 'show' -d 'Prints tests as Ptero understands them.'
complete -c 'ptero' -n '__ptero_should_offer_completions_for_positional "ptero" -eq 1' -fa 'asm' -d 'Prints what a test in C or Swift was compiled to, source lines beside it.'
complete -c 'ptero' -n '__ptero_should_offer_completions_for_positional "ptero" -eq 1' -fa 'profiles' -d 'Lists the classes of CPUs.'
complete -c 'ptero' -n '__ptero_should_offer_completions_for_positional "ptero" -eq 1' -fa 'properties' -d 'Explains the properties that conditions can name.'
complete -c 'ptero' -n '__ptero_should_offer_completions_for_positional "ptero" -eq 1' -fa 'isa' -d 'Lists the instructions and kernel services that tests can use.'
complete -c 'ptero' -n '__ptero_should_offer_completions_for_positional "ptero" -eq 1' -fa 'limits' -d 'Says what the model of the CPUs leaves out.'
complete -c 'ptero' -n '__ptero_should_offer_completions_for_positional "ptero" -eq 1' -fa 'explain' -d 'Explains a name that a test or a verdict has.'
complete -c 'ptero' -n '__ptero_should_offer_completions_for_positional "ptero" -eq 1' -fa 'new' -d 'Writes a test to start from.'
complete -c 'ptero' -n '__ptero_should_offer_completions_for_positional "ptero" -eq 1' -fa 'help' -d 'Show subcommand help information.'
complete -c 'ptero' -n '__ptero_should_offer_completions_for_positional "ptero check" -ge 1' -fa '(for p in (string match -e -- \'*/\' (commandline -t);or printf \n)*.\'litmus\';printf %s\n $p;end;__fish_complete_directories (commandline -t) \'\')'
complete -c 'ptero' -n '__ptero_should_offer_completions_for_flags_or_options "ptero check"' -l 'profile' -d 'A class of CPUs: a name that `ptero profiles` lists, a file of profiles, or FILE:NAME. Several are separated by commas; may be repeated.' -rfka ''
complete -c 'ptero' -n '__ptero_should_offer_completions_for_flags_or_options "ptero check" reference' -l 'reference' -d 'Use the reference search: slow, obvious, without reductions.'
complete -c 'ptero' -n '__ptero_should_offer_completions_for_flags_or_options "ptero check"' -l 'no-reduction' -d 'Leave out a reduction: partial-order or chains or ended-threads or unread-values or unseen-stores or unused-translations or symmetry. May be repeated.' -rfka 'partial-order chains ended-threads unread-values unseen-stores unused-translations symmetry'
complete -c 'ptero' -n '__ptero_should_offer_completions_for_flags_or_options "ptero check" max-states' -l 'max-states' -d 'States that a search may store.' -rfka ''
complete -c 'ptero' -n '__ptero_should_offer_completions_for_flags_or_options "ptero check" max-memory' -l 'max-memory' -d 'Memory that all searches together may use, like 512M or 4G (default: three quarters of what is free).' -rfka ''
complete -c 'ptero' -n '__ptero_should_offer_completions_for_flags_or_options "ptero check" timeout' -l 'timeout' -d 'Seconds that a search may take.' -rfka ''
complete -c 'ptero' -n '__ptero_should_offer_completions_for_flags_or_options "ptero check" jobs' -l 'jobs' -d 'Threads, for several searches or for one (default: the processors).' -rfka ''
complete -c 'ptero' -n '__ptero_should_offer_completions_for_flags_or_options "ptero check" statistics' -l 'statistics' -d 'Show the figures of each search.'
complete -c 'ptero' -n '__ptero_should_offer_completions_for_flags_or_options "ptero check" v verbose' -l 'verbose' -s 'v' -d 'Show herd7\'s block for each test and profile.'
complete -c 'ptero' -n '__ptero_should_offer_completions_for_flags_or_options "ptero check" json' -l 'json' -d 'Print one JSON object for each test and profile.'
complete -c 'ptero' -n '__ptero_should_offer_completions_for_flags_or_options "ptero check" witness' -l 'witness' -d 'Show a witness for every verdict that has one.'
complete -c 'ptero' -n '__ptero_should_offer_completions_for_flags_or_options "ptero check" explain' -l 'explain' -d 'Show runs as hardware takes them, with every fill of a TLB, and the steps that a failure rests on, with why each was possible.'
complete -c 'ptero' -n '__ptero_should_offer_completions_for_flags_or_options "ptero check" all-steps' -l 'all-steps' -d 'Show all steps of a run, also those on memory that no other CPU touches, and on registers alone.'
complete -c 'ptero' -n '__ptero_should_offer_completions_for_flags_or_options "ptero check" sequences' -l 'sequences' -d 'Show the table sequence x CPU class also for the tests that are named.'
complete -c 'ptero' -n '__ptero_should_offer_completions_for_flags_or_options "ptero check" costs' -l 'costs' -d 'Show that table with a column of costs, by these prices: a file that `ptero measure --cost-file` wrote, or the name of a file of Costs/.' -rfa '(for p in (string match -e -- \'*/\' (commandline -t);or printf \n)*.\'json5\';printf %s\n $p;end;__fish_complete_directories (commandline -t) \'\')'
complete -c 'ptero' -n '__ptero_should_offer_completions_for_flags_or_options "ptero check" expect' -l 'expect' -d 'Compare with a table of verdicts: tab-separated, with the columns file, observation, perhaps condition, profile and states.' -rfa '(for p in (string match -e -- \'*/\' (commandline -t);or printf \n)*.\'tsv\';printf %s\n $p;end;__fish_complete_directories (commandline -t) \'\')'
complete -c 'ptero' -n '__ptero_should_offer_completions_for_flags_or_options "ptero check" write-expect' -l 'write-expect' -d 'Write what was found as a table that --expect reads.' -rfa '(for p in (string match -e -- \'*/\' (commandline -t);or printf \n)*.\'tsv\';printf %s\n $p;end;__fish_complete_directories (commandline -t) \'\')'
complete -c 'ptero' -n '__ptero_should_offer_completions_for_flags_or_options "ptero check" require' -l 'require' -d 'Verdicts to expect where the test itself expects nothing.' -rfka 'Never Sometimes Always'
complete -c 'ptero' -n '__ptero_should_offer_completions_for_flags_or_options "ptero check" strict' -l 'strict' -d 'Fail, with status 1, where a verdict says less than it seems to: those marked * in the table. A Never of a test that writes no entry, say.'
complete -c 'ptero' -n '__ptero_should_offer_completions_for_flags_or_options "ptero check" watch' -l 'watch' -d 'Check again whenever a file changes that is named, included or in a folder that is named. Ctrl-C ends with the status of the last check.'
complete -c 'ptero' -n '__ptero_should_offer_completions_for_flags_or_options "ptero check" html' -l 'html' -d 'Write a report for a browser: all verdicts, and each run as hardware takes it, drawn, with its source.' -rfa '(for p in (string match -e -- \'*/\' (commandline -t);or printf \n)*.\'html\';printf %s\n $p;end;__fish_complete_directories (commandline -t) \'\')'
complete -c 'ptero' -n '__ptero_should_offer_completions_for_flags_or_options "ptero check" svg' -l 'svg' -d 'Write the first run that goes wrong as a drawing for a slide; of one test.' -rfa '(for p in (string match -e -- \'*/\' (commandline -t);or printf \n)*.\'svg\';printf %s\n $p;end;__fish_complete_directories (commandline -t) \'\')'
complete -c 'ptero' -n '__ptero_should_offer_completions_for_flags_or_options "ptero check"' -l 'format' -d 'The format of standard output, or NAME=FILE for a file besides; may be repeated. herd is that of -v, json that of --json.' -rfka 'text herd json ktap junit sarif markdown github'
complete -c 'ptero' -n '__ptero_should_offer_completions_for_flags_or_options "ptero check"' -l 'output' -d 'A file for the format that --format names, or else for that of the file\'s ending: .txt, .json, .ktap, .xml (junit), .sarif or .md; standard output has text then. May be repeated.' -rF
complete -c 'ptero' -n '__ptero_should_offer_completions_for_flags_or_options "ptero check" kernel-tree' -l 'kernel-tree' -d 'The kernel whose headers C tests are compiled with: a header package like /usr/src/linux-headers-6.12..., /lib/modules/.../build, or a prepared source tree.' -rfa '(__ptero_complete_directories)'
complete -c 'ptero' -n '__ptero_should_offer_completions_for_flags_or_options "ptero check" kernel-source' -l 'kernel-source' -d 'The unpacked sources of the same version, for a header package, which has none.' -rfa '(__ptero_complete_directories)'
complete -c 'ptero' -n '__ptero_should_offer_completions_for_flags_or_options "ptero check" clang' -l 'clang' -d 'The clang that compiles C tests (default: beside swift, else on PATH).' -rF
complete -c 'ptero' -n '__ptero_should_offer_completions_for_flags_or_options "ptero check" cflags' -l 'cflags' -d 'Flags for clang after all others, separated by blanks.' -rfka ''
complete -c 'ptero' -n '__ptero_should_offer_completions_for_flags_or_options "ptero check"' -l 'swift' -d 'A Swift file: a test, if its first comment is one (`/* Swift NAME ... */`), otherwise code that Swift tests are compiled with; or a folder of Swift tests. May be repeated.' -rfa '(for p in (string match -e -- \'*/\' (commandline -t);or printf \n)*.\'swift\';printf %s\n $p;end;__fish_complete_directories (commandline -t) \'\')'
complete -c 'ptero' -n '__ptero_should_offer_completions_for_flags_or_options "ptero check" swiftc' -l 'swiftc' -d 'The swiftc that compiles Swift tests (default: beside swift, else on PATH).' -rF
complete -c 'ptero' -n '__ptero_should_offer_completions_for_flags_or_options "ptero check" swiftflags' -l 'swiftflags' -d 'Flags for swiftc after all others, separated by blanks.' -rfka ''
complete -c 'ptero' -n '__ptero_should_offer_completions_for_flags_or_options "ptero check" color' -l 'color' -d 'Use colour: auto, always or never.' -rfka 'auto always never'
complete -c 'ptero' -n '__ptero_should_offer_completions_for_flags_or_options "ptero check" version' -l 'version' -d 'Show the version.'
complete -c 'ptero' -n '__ptero_should_offer_completions_for_flags_or_options "ptero check" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'ptero' -n '__ptero_should_offer_completions_for_positional "ptero why" -eq 1' -fa '(for p in (string match -e -- \'*/\' (commandline -t);or printf \n)*.\'litmus\';printf %s\n $p;end;__fish_complete_directories (commandline -t) \'\')'
complete -c 'ptero' -n '__ptero_should_offer_completions_for_flags_or_options "ptero why"' -l 'profile' -d 'A class of CPUs: a name that `ptero profiles` lists, a file of profiles, or FILE:NAME. May be repeated.' -rfka ''
complete -c 'ptero' -n '__ptero_should_offer_completions_for_flags_or_options "ptero why" condition' -l 'condition' -d 'Of a test with several conditions, the one that is asked; without, all of them in turn.' -rfka ''
complete -c 'ptero' -n '__ptero_should_offer_completions_for_flags_or_options "ptero why" output' -l 'output' -d 'Write the test without each step into this folder, which is made if it is not there.' -rfa '(__ptero_complete_directories)'
complete -c 'ptero' -n '__ptero_should_offer_completions_for_flags_or_options "ptero why" witness' -l 'witness' -d 'Show a shortest run for everything that goes wrong.'
complete -c 'ptero' -n '__ptero_should_offer_completions_for_flags_or_options "ptero why" html' -l 'html' -d 'Write what was found as a page for a browser, with a drawn run for what goes wrong without each step.' -rfa '(for p in (string match -e -- \'*/\' (commandline -t);or printf \n)*.\'html\';printf %s\n $p;end;__fish_complete_directories (commandline -t) \'\')'
complete -c 'ptero' -n '__ptero_should_offer_completions_for_flags_or_options "ptero why" json' -l 'json' -d 'Print one JSON object for each condition.'
complete -c 'ptero' -n '__ptero_should_offer_completions_for_flags_or_options "ptero why" max-states' -l 'max-states' -d 'States that a search may store.' -rfka ''
complete -c 'ptero' -n '__ptero_should_offer_completions_for_flags_or_options "ptero why" max-memory' -l 'max-memory' -d 'Memory that all searches together may use, like 512M or 4G (default: three quarters of what is free).' -rfka ''
complete -c 'ptero' -n '__ptero_should_offer_completions_for_flags_or_options "ptero why" timeout' -l 'timeout' -d 'Seconds that a search may take.' -rfka ''
complete -c 'ptero' -n '__ptero_should_offer_completions_for_flags_or_options "ptero why" jobs' -l 'jobs' -d 'Threads, for several searches or for one (default: the processors).' -rfka ''
complete -c 'ptero' -n '__ptero_should_offer_completions_for_flags_or_options "ptero why" kernel-tree' -l 'kernel-tree' -d 'The kernel whose headers C tests are compiled with: a header package like /usr/src/linux-headers-6.12..., /lib/modules/.../build, or a prepared source tree.' -rfa '(__ptero_complete_directories)'
complete -c 'ptero' -n '__ptero_should_offer_completions_for_flags_or_options "ptero why" kernel-source' -l 'kernel-source' -d 'The unpacked sources of the same version, for a header package, which has none.' -rfa '(__ptero_complete_directories)'
complete -c 'ptero' -n '__ptero_should_offer_completions_for_flags_or_options "ptero why" clang' -l 'clang' -d 'The clang that compiles C tests (default: beside swift, else on PATH).' -rF
complete -c 'ptero' -n '__ptero_should_offer_completions_for_flags_or_options "ptero why" cflags' -l 'cflags' -d 'Flags for clang after all others, separated by blanks.' -rfka ''
complete -c 'ptero' -n '__ptero_should_offer_completions_for_flags_or_options "ptero why"' -l 'swift' -d 'A Swift file: a test, if its first comment is one (`/* Swift NAME ... */`), otherwise code that Swift tests are compiled with; or a folder of Swift tests. May be repeated.' -rfa '(for p in (string match -e -- \'*/\' (commandline -t);or printf \n)*.\'swift\';printf %s\n $p;end;__fish_complete_directories (commandline -t) \'\')'
complete -c 'ptero' -n '__ptero_should_offer_completions_for_flags_or_options "ptero why" swiftc' -l 'swiftc' -d 'The swiftc that compiles Swift tests (default: beside swift, else on PATH).' -rF
complete -c 'ptero' -n '__ptero_should_offer_completions_for_flags_or_options "ptero why" swiftflags' -l 'swiftflags' -d 'Flags for swiftc after all others, separated by blanks.' -rfka ''
complete -c 'ptero' -n '__ptero_should_offer_completions_for_flags_or_options "ptero why" color' -l 'color' -d 'Use colour: auto, always or never.' -rfka 'auto always never'
complete -c 'ptero' -n '__ptero_should_offer_completions_for_flags_or_options "ptero why" version' -l 'version' -d 'Show the version.'
complete -c 'ptero' -n '__ptero_should_offer_completions_for_flags_or_options "ptero why" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'ptero' -n '__ptero_should_offer_completions_for_positional "ptero synth" -ge 1' -fa '(for p in (string match -e -- \'*/\' (commandline -t);or printf \n)*.\'litmus\';printf %s\n $p;end;__fish_complete_directories (commandline -t) \'\')'
complete -c 'ptero' -n '__ptero_should_offer_completions_for_flags_or_options "ptero synth"' -l 'profile' -d 'A class of CPUs: a name that `ptero profiles` lists, a file of profiles, or FILE:NAME. May be repeated.' -rfka ''
complete -c 'ptero' -n '__ptero_should_offer_completions_for_flags_or_options "ptero synth" length' -l 'length' -d 'The longest sequences without a jump (default: what the hole\'s `length` says, else 5).' -rfka ''
complete -c 'ptero' -n '__ptero_should_offer_completions_for_flags_or_options "ptero synth" top' -l 'top' -d 'How many answers to show.' -rfka ''
complete -c 'ptero' -n '__ptero_should_offer_completions_for_flags_or_options "ptero synth" allow' -l 'allow' -d 'What the sequence may do besides what the hole\'s contract says: fault, flush, loop; several with commas.' -rfka ''
complete -c 'ptero' -n '__ptero_should_offer_completions_for_flags_or_options "ptero synth" costs' -l 'costs' -d 'Prices that rank answers: a file that `ptero measure --cost-file` wrote, or the name of a file of Costs/.' -rfa '(for p in (string match -e -- \'*/\' (commandline -t);or printf \n)*.\'json5\';printf %s\n $p;end;__fish_complete_directories (commandline -t) \'\')'
complete -c 'ptero' -n '__ptero_should_offer_completions_for_flags_or_options "ptero synth" mix' -l 'mix' -d 'How many of a hundred entries are clean, cleanAndOld, dirty, dirtyAndOld: what ranks answers.' -rfka ''
complete -c 'ptero' -n '__ptero_should_offer_completions_for_flags_or_options "ptero synth" output' -l 'output' -d 'Write answers, and what is cheaper and wrong, as tests into this folder.' -rfa '(__ptero_complete_directories)'
complete -c 'ptero' -n '__ptero_should_offer_completions_for_flags_or_options "ptero synth" checkpoint' -l 'checkpoint' -d 'Keep finished work in this file, and go on from what is in it.' -rfa '(for p in (string match -e -- \'*/\' (commandline -t);or printf \n)*.\'jsonl\';printf %s\n $p;end;__fish_complete_directories (commandline -t) \'\')'
complete -c 'ptero' -n '__ptero_should_offer_completions_for_flags_or_options "ptero synth" shard' -l 'shard' -d 'Do one part of the work; needs --checkpoint.' -rfka ''
complete -c 'ptero' -n '__ptero_should_offer_completions_for_flags_or_options "ptero synth"' -l 'merge' -d 'Put the checkpoints of all shards together. May be repeated.' -rfa '(for p in (string match -e -- \'*/\' (commandline -t);or printf \n)*.\'jsonl\';printf %s\n $p;end;__fish_complete_directories (commandline -t) \'\')'
complete -c 'ptero' -n '__ptero_should_offer_completions_for_flags_or_options "ptero synth" json' -l 'json' -d 'Print one JSON object.'
complete -c 'ptero' -n '__ptero_should_offer_completions_for_flags_or_options "ptero synth" max-states' -l 'max-states' -d 'States that a search may store.' -rfka ''
complete -c 'ptero' -n '__ptero_should_offer_completions_for_flags_or_options "ptero synth" max-memory' -l 'max-memory' -d 'Memory that all searches together may use, like 512M or 4G (default: three quarters of what is free).' -rfka ''
complete -c 'ptero' -n '__ptero_should_offer_completions_for_flags_or_options "ptero synth" timeout' -l 'timeout' -d 'Seconds that a search may take.' -rfka ''
complete -c 'ptero' -n '__ptero_should_offer_completions_for_flags_or_options "ptero synth" jobs' -l 'jobs' -d 'Threads, for several searches or for one (default: the processors).' -rfka ''
complete -c 'ptero' -n '__ptero_should_offer_completions_for_flags_or_options "ptero synth" color' -l 'color' -d 'Use colour: auto, always or never.' -rfka 'auto always never'
complete -c 'ptero' -n '__ptero_should_offer_completions_for_flags_or_options "ptero synth" version' -l 'version' -d 'Show the version.'
complete -c 'ptero' -n '__ptero_should_offer_completions_for_flags_or_options "ptero synth" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'ptero' -n '__ptero_should_offer_completions_for_positional "ptero kernel" -eq 1' -fa '(__ptero_complete_directories)'
complete -c 'ptero' -n '__ptero_should_offer_completions_for_flags_or_options "ptero kernel" kernel-source' -l 'kernel-source' -d 'The unpacked sources of the first kernel, where it is a header package, which has none.' -rfa '(__ptero_complete_directories)'
complete -c 'ptero' -n '__ptero_should_offer_completions_for_flags_or_options "ptero kernel" compare' -l 'compare' -d 'Show this kernel beside the first one, and what changed between them.' -rfa '(__ptero_complete_directories)'
complete -c 'ptero' -n '__ptero_should_offer_completions_for_flags_or_options "ptero kernel"' -l 'scenario' -d 'A scenario: wrprotect, fork, ksm, writeback, mprotect, reclaim, zap, munmap, lazy-tlb, gup-fast, mremap, thp-split, thp-collapse, soft-dirty, uffd-wp, access-flags, reuse, shadow-stack, shadow-stack-reuse. May be repeated (default: all).' -rfka ''
complete -c 'ptero' -n '__ptero_should_offer_completions_for_flags_or_options "ptero kernel"' -l 'profile' -d 'A class of CPUs: a name that `ptero profiles` lists, a file of profiles, or FILE:NAME. May be repeated.' -rfka ''
complete -c 'ptero' -n '__ptero_should_offer_completions_for_flags_or_options "ptero kernel" clang' -l 'clang' -d 'The clang that compiles C tests (default: beside swift, else on PATH).' -rF
complete -c 'ptero' -n '__ptero_should_offer_completions_for_flags_or_options "ptero kernel" cflags' -l 'cflags' -d 'Flags for clang after all others, separated by blanks.' -rfka ''
complete -c 'ptero' -n '__ptero_should_offer_completions_for_flags_or_options "ptero kernel" max-states' -l 'max-states' -d 'States that a search may store.' -rfka ''
complete -c 'ptero' -n '__ptero_should_offer_completions_for_flags_or_options "ptero kernel" max-memory' -l 'max-memory' -d 'Memory that all searches together may use, like 512M or 4G (default: three quarters of what is free).' -rfka ''
complete -c 'ptero' -n '__ptero_should_offer_completions_for_flags_or_options "ptero kernel" timeout' -l 'timeout' -d 'Seconds that a search may take.' -rfka ''
complete -c 'ptero' -n '__ptero_should_offer_completions_for_flags_or_options "ptero kernel" jobs' -l 'jobs' -d 'Threads, for several searches or for one (default: the processors).' -rfka ''
complete -c 'ptero' -n '__ptero_should_offer_completions_for_flags_or_options "ptero kernel" v verbose' -l 'verbose' -s 'v' -d 'Show herd7\'s block for each scenario and profile as well.'
complete -c 'ptero' -n '__ptero_should_offer_completions_for_flags_or_options "ptero kernel" witness' -l 'witness' -d 'Show a witness for every verdict that has one, expected or not.'
complete -c 'ptero' -n '__ptero_should_offer_completions_for_flags_or_options "ptero kernel" explain' -l 'explain' -d 'Show runs as hardware takes them, with every fill of a TLB, and the steps that a failure rests on, with why each was possible.'
complete -c 'ptero' -n '__ptero_should_offer_completions_for_flags_or_options "ptero kernel" json' -l 'json' -d 'Print one JSON object for each kernel, scenario and profile.'
complete -c 'ptero' -n '__ptero_should_offer_completions_for_flags_or_options "ptero kernel" html' -l 'html' -d 'Write a report for a browser: all verdicts, and the runs as hardware takes them, drawn, with the lines of the kernel.' -rfa '(for p in (string match -e -- \'*/\' (commandline -t);or printf \n)*.\'html\';printf %s\n $p;end;__fish_complete_directories (commandline -t) \'\')'
complete -c 'ptero' -n '__ptero_should_offer_completions_for_flags_or_options "ptero kernel"' -l 'format' -d 'The format of standard output, or NAME=FILE for a file besides; may be repeated. herd is that of -v, json that of --json.' -rfka 'text herd json ktap junit sarif markdown github'
complete -c 'ptero' -n '__ptero_should_offer_completions_for_flags_or_options "ptero kernel"' -l 'output' -d 'A file for the format that --format names, or else for that of the file\'s ending: .txt, .json, .ktap, .xml (junit), .sarif or .md; standard output has text then. May be repeated.' -rF
complete -c 'ptero' -n '__ptero_should_offer_completions_for_flags_or_options "ptero kernel" color' -l 'color' -d 'Use colour: auto, always or never.' -rfka 'auto always never'
complete -c 'ptero' -n '__ptero_should_offer_completions_for_flags_or_options "ptero kernel" version' -l 'version' -d 'Show the version.'
complete -c 'ptero' -n '__ptero_should_offer_completions_for_flags_or_options "ptero kernel" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'ptero' -n '__ptero_should_offer_completions_for_positional "ptero measure" -ge 1' -fa '(set -l exts \'litmus\' \'json5\';for p in (string match -e -- \'*/\' (commandline -t);or printf \n)*.{$exts};printf %s\n $p;end;__fish_complete_directories (commandline -t) \'\')'
complete -c 'ptero' -n '__ptero_should_offer_completions_for_flags_or_options "ptero measure" cost-file' -l 'cost-file' -d 'Write the prices of building blocks to this file.' -rfa '(for p in (string match -e -- \'*/\' (commandline -t);or printf \n)*.\'json5\';printf %s\n $p;end;__fish_complete_directories (commandline -t) \'\')'
complete -c 'ptero' -n '__ptero_should_offer_completions_for_flags_or_options "ptero measure" svg' -l 'svg' -d 'Write a picture of the prices to this file.' -rfa '(for p in (string match -e -- \'*/\' (commandline -t);or printf \n)*.\'svg\';printf %s\n $p;end;__fish_complete_directories (commandline -t) \'\')'
complete -c 'ptero' -n '__ptero_should_offer_completions_for_flags_or_options "ptero measure" json' -l 'json' -d 'Print one JSON object for the machine, and one for each figure.'
complete -c 'ptero' -n '__ptero_should_offer_completions_for_flags_or_options "ptero measure" quick' -l 'quick' -d 'Take few passes, and leave out 8 Mi entries: to see that it works. The figures are rough.'
complete -c 'ptero' -n '__ptero_should_offer_completions_for_flags_or_options "ptero measure" show' -l 'show' -d 'Measure nothing: show prices from files, or by name; by default those that come with Ptero.'
complete -c 'ptero' -n '__ptero_should_offer_completions_for_flags_or_options "ptero measure" clang' -l 'clang' -d 'The clang that builds the program (default: beside swift, else on PATH).' -rF
complete -c 'ptero' -n '__ptero_should_offer_completions_for_flags_or_options "ptero measure" version' -l 'version' -d 'Show the version.'
complete -c 'ptero' -n '__ptero_should_offer_completions_for_flags_or_options "ptero measure" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'ptero' -n '__ptero_should_offer_completions_for_positional "ptero replay" -eq 1' -fa '(for p in (string match -e -- \'*/\' (commandline -t);or printf \n)*.\'litmus\';printf %s\n $p;end;__fish_complete_directories (commandline -t) \'\')'
complete -c 'ptero' -n '__ptero_should_offer_completions_for_flags_or_options "ptero replay" profile' -l 'profile' -d 'The class of CPUs: a name, a file of one profile, or FILE:NAME. Not needed for a test that gives each CPU its own.' -rfka ''
complete -c 'ptero' -n '__ptero_should_offer_completions_for_flags_or_options "ptero replay" condition' -l 'condition' -d 'Of a test with several conditions, the one that the witness is about; without, the one that has no name.' -rfka ''
complete -c 'ptero' -n '__ptero_should_offer_completions_for_flags_or_options "ptero replay" witness' -l 'witness' -d 'The steps to take; with -i those to begin with.' -rfka ''
complete -c 'ptero' -n '__ptero_should_offer_completions_for_flags_or_options "ptero replay" i interactive' -s 'i' -l 'interactive' -d 'Take the run step by step, as lines of standard input say.'
complete -c 'ptero' -n '__ptero_should_offer_completions_for_flags_or_options "ptero replay" reference' -l 'reference' -d 'The witness comes from the reference search.'
complete -c 'ptero' -n '__ptero_should_offer_completions_for_flags_or_options "ptero replay" all-steps' -l 'all-steps' -d 'Show all steps, also those on memory that no other CPU touches, and on registers alone.'
complete -c 'ptero' -n '__ptero_should_offer_completions_for_flags_or_options "ptero replay" show' -l 'show' -d 'What else to show after each step, in columns: tlb, buffers, entries, or several, separated by commas. A cell has what has changed; entries gives every entry a column.' -rfka ''
complete -c 'ptero' -n '__ptero_should_offer_completions_for_flags_or_options "ptero replay" svg' -l 'svg' -d 'Write the run as a drawing to a file: as hardware takes it, with TLBs and buffers.' -rfa '(for p in (string match -e -- \'*/\' (commandline -t);or printf \n)*.\'svg\';printf %s\n $p;end;__fish_complete_directories (commandline -t) \'\')'
complete -c 'ptero' -n '__ptero_should_offer_completions_for_flags_or_options "ptero replay" html' -l 'html' -d 'Write the run as a page for a browser: drawn, with why each step was possible, and its source.' -rfa '(for p in (string match -e -- \'*/\' (commandline -t);or printf \n)*.\'html\';printf %s\n $p;end;__fish_complete_directories (commandline -t) \'\')'
complete -c 'ptero' -n '__ptero_should_offer_completions_for_flags_or_options "ptero replay" kernel-tree' -l 'kernel-tree' -d 'The kernel whose headers C tests are compiled with: a header package like /usr/src/linux-headers-6.12..., /lib/modules/.../build, or a prepared source tree.' -rfa '(__ptero_complete_directories)'
complete -c 'ptero' -n '__ptero_should_offer_completions_for_flags_or_options "ptero replay" kernel-source' -l 'kernel-source' -d 'The unpacked sources of the same version, for a header package, which has none.' -rfa '(__ptero_complete_directories)'
complete -c 'ptero' -n '__ptero_should_offer_completions_for_flags_or_options "ptero replay" clang' -l 'clang' -d 'The clang that compiles C tests (default: beside swift, else on PATH).' -rF
complete -c 'ptero' -n '__ptero_should_offer_completions_for_flags_or_options "ptero replay" cflags' -l 'cflags' -d 'Flags for clang after all others, separated by blanks.' -rfka ''
complete -c 'ptero' -n '__ptero_should_offer_completions_for_flags_or_options "ptero replay"' -l 'swift' -d 'A Swift file: a test, if its first comment is one (`/* Swift NAME ... */`), otherwise code that Swift tests are compiled with; or a folder of Swift tests. May be repeated.' -rfa '(for p in (string match -e -- \'*/\' (commandline -t);or printf \n)*.\'swift\';printf %s\n $p;end;__fish_complete_directories (commandline -t) \'\')'
complete -c 'ptero' -n '__ptero_should_offer_completions_for_flags_or_options "ptero replay" swiftc' -l 'swiftc' -d 'The swiftc that compiles Swift tests (default: beside swift, else on PATH).' -rF
complete -c 'ptero' -n '__ptero_should_offer_completions_for_flags_or_options "ptero replay" swiftflags' -l 'swiftflags' -d 'Flags for swiftc after all others, separated by blanks.' -rfka ''
complete -c 'ptero' -n '__ptero_should_offer_completions_for_flags_or_options "ptero replay" version' -l 'version' -d 'Show the version.'
complete -c 'ptero' -n '__ptero_should_offer_completions_for_flags_or_options "ptero replay" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'ptero' -n '__ptero_should_offer_completions_for_positional "ptero explore" -eq 1' -fa '(for p in (string match -e -- \'*/\' (commandline -t);or printf \n)*.\'litmus\';printf %s\n $p;end;__fish_complete_directories (commandline -t) \'\')'
complete -c 'ptero' -n '__ptero_should_offer_completions_for_flags_or_options "ptero explore" profile' -l 'profile' -d 'The class of CPUs that the page begins with: a name that `ptero profiles` lists. The page has all of them.' -rfka ''
complete -c 'ptero' -n '__ptero_should_offer_completions_for_flags_or_options "ptero explore" output' -l 'output' -d 'The file to write. Without, it is named like the test, in the current folder, and replaces only such pages.' -rfa '(for p in (string match -e -- \'*/\' (commandline -t);or printf \n)*.\'html\';printf %s\n $p;end;__fish_complete_directories (commandline -t) \'\')'
complete -c 'ptero' -n '__ptero_should_offer_completions_for_flags_or_options "ptero explore" page' -l 'page' -d 'The page that `Web/build` made. Without, it is looked for beside the executable and in the checkout around it.' -rfa '(for p in (string match -e -- \'*/\' (commandline -t);or printf \n)*.\'html\';printf %s\n $p;end;__fish_complete_directories (commandline -t) \'\')'
complete -c 'ptero' -n '__ptero_should_offer_completions_for_flags_or_options "ptero explore" kernel-tree' -l 'kernel-tree' -d 'The kernel whose headers C tests are compiled with: a header package like /usr/src/linux-headers-6.12..., /lib/modules/.../build, or a prepared source tree.' -rfa '(__ptero_complete_directories)'
complete -c 'ptero' -n '__ptero_should_offer_completions_for_flags_or_options "ptero explore" kernel-source' -l 'kernel-source' -d 'The unpacked sources of the same version, for a header package, which has none.' -rfa '(__ptero_complete_directories)'
complete -c 'ptero' -n '__ptero_should_offer_completions_for_flags_or_options "ptero explore" clang' -l 'clang' -d 'The clang that compiles C tests (default: beside swift, else on PATH).' -rF
complete -c 'ptero' -n '__ptero_should_offer_completions_for_flags_or_options "ptero explore" cflags' -l 'cflags' -d 'Flags for clang after all others, separated by blanks.' -rfka ''
complete -c 'ptero' -n '__ptero_should_offer_completions_for_flags_or_options "ptero explore"' -l 'swift' -d 'A Swift file: a test, if its first comment is one (`/* Swift NAME ... */`), otherwise code that Swift tests are compiled with; or a folder of Swift tests. May be repeated.' -rfa '(for p in (string match -e -- \'*/\' (commandline -t);or printf \n)*.\'swift\';printf %s\n $p;end;__fish_complete_directories (commandline -t) \'\')'
complete -c 'ptero' -n '__ptero_should_offer_completions_for_flags_or_options "ptero explore" swiftc' -l 'swiftc' -d 'The swiftc that compiles Swift tests (default: beside swift, else on PATH).' -rF
complete -c 'ptero' -n '__ptero_should_offer_completions_for_flags_or_options "ptero explore" swiftflags' -l 'swiftflags' -d 'Flags for swiftc after all others, separated by blanks.' -rfka ''
complete -c 'ptero' -n '__ptero_should_offer_completions_for_flags_or_options "ptero explore" version' -l 'version' -d 'Show the version.'
complete -c 'ptero' -n '__ptero_should_offer_completions_for_flags_or_options "ptero explore" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'ptero' -n '__ptero_should_offer_completions_for_positional "ptero show" -ge 1' -fa '(for p in (string match -e -- \'*/\' (commandline -t);or printf \n)*.\'litmus\';printf %s\n $p;end;__fish_complete_directories (commandline -t) \'\')'
complete -c 'ptero' -n '__ptero_should_offer_completions_for_flags_or_options "ptero show" version' -l 'version' -d 'Show the version.'
complete -c 'ptero' -n '__ptero_should_offer_completions_for_flags_or_options "ptero show" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'ptero' -n '__ptero_should_offer_completions_for_positional "ptero asm" -ge 1' -fa '(for p in (string match -e -- \'*/\' (commandline -t);or printf \n)*.\'litmus\';printf %s\n $p;end;__fish_complete_directories (commandline -t) \'\')'
complete -c 'ptero' -n '__ptero_should_offer_completions_for_flags_or_options "ptero asm" kernel-tree' -l 'kernel-tree' -d 'The kernel whose headers C tests are compiled with: a header package like /usr/src/linux-headers-6.12..., /lib/modules/.../build, or a prepared source tree.' -rfa '(__ptero_complete_directories)'
complete -c 'ptero' -n '__ptero_should_offer_completions_for_flags_or_options "ptero asm" kernel-source' -l 'kernel-source' -d 'The unpacked sources of the same version, for a header package, which has none.' -rfa '(__ptero_complete_directories)'
complete -c 'ptero' -n '__ptero_should_offer_completions_for_flags_or_options "ptero asm" clang' -l 'clang' -d 'The clang that compiles C tests (default: beside swift, else on PATH).' -rF
complete -c 'ptero' -n '__ptero_should_offer_completions_for_flags_or_options "ptero asm" cflags' -l 'cflags' -d 'Flags for clang after all others, separated by blanks.' -rfka ''
complete -c 'ptero' -n '__ptero_should_offer_completions_for_flags_or_options "ptero asm"' -l 'swift' -d 'A Swift file: a test, if its first comment is one (`/* Swift NAME ... */`), otherwise code that Swift tests are compiled with; or a folder of Swift tests. May be repeated.' -rfa '(for p in (string match -e -- \'*/\' (commandline -t);or printf \n)*.\'swift\';printf %s\n $p;end;__fish_complete_directories (commandline -t) \'\')'
complete -c 'ptero' -n '__ptero_should_offer_completions_for_flags_or_options "ptero asm" swiftc' -l 'swiftc' -d 'The swiftc that compiles Swift tests (default: beside swift, else on PATH).' -rF
complete -c 'ptero' -n '__ptero_should_offer_completions_for_flags_or_options "ptero asm" swiftflags' -l 'swiftflags' -d 'Flags for swiftc after all others, separated by blanks.' -rfka ''
complete -c 'ptero' -n '__ptero_should_offer_completions_for_flags_or_options "ptero asm" version' -l 'version' -d 'Show the version.'
complete -c 'ptero' -n '__ptero_should_offer_completions_for_flags_or_options "ptero asm" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'ptero' -n '__ptero_should_offer_completions_for_positional "ptero profiles" -ge 1' -fa '(for p in (string match -e -- \'*/\' (commandline -t);or printf \n)*.\'json5\';printf %s\n $p;end;__fish_complete_directories (commandline -t) \'\')'
complete -c 'ptero' -n '__ptero_should_offer_completions_for_flags_or_options "ptero profiles" file' -l 'file' -d 'Print the built-in profiles as a file to start from.'
complete -c 'ptero' -n '__ptero_should_offer_completions_for_flags_or_options "ptero profiles" json' -l 'json' -d 'Print one JSON object for each profile.'
complete -c 'ptero' -n '__ptero_should_offer_completions_for_flags_or_options "ptero profiles" version' -l 'version' -d 'Show the version.'
complete -c 'ptero' -n '__ptero_should_offer_completions_for_flags_or_options "ptero profiles" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'ptero' -n '__ptero_should_offer_completions_for_flags_or_options "ptero properties" version' -l 'version' -d 'Show the version.'
complete -c 'ptero' -n '__ptero_should_offer_completions_for_flags_or_options "ptero properties" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'ptero' -n '__ptero_should_offer_completions_for_flags_or_options "ptero isa" version' -l 'version' -d 'Show the version.'
complete -c 'ptero' -n '__ptero_should_offer_completions_for_flags_or_options "ptero isa" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'ptero' -n '__ptero_should_offer_completions_for_flags_or_options "ptero limits" version' -l 'version' -d 'Show the version.'
complete -c 'ptero' -n '__ptero_should_offer_completions_for_flags_or_options "ptero limits" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'ptero' -n '__ptero_should_offer_completions_for_positional "ptero explain" -ge 1' -fka 'lost_dirty kernel_shadow_stack shadow_stack_exposed stale_write stale_frame stray_present size_conflict size_mismatch stale_table written stuck fault wild cet strict late knl shadowed book amd amd-broadcast herd7 adl k8 mov movabs movz movzx movs movsx movsxd lea bswap cbtw cbw cwtl cwde cltq cdqe cwtd cwd cltd cdq cqto cqo cmovo cmovno cmovb cmovc cmovnae cmovae cmovnc cmovnb cmove cmovz cmovne cmovnz cmovbe cmovna cmova cmovnbe cmovs cmovns cmovp cmovpe cmovnp cmovpo cmovl cmovnge cmovge cmovnl cmovle cmovng cmovg cmovnle seto setno setb setc setnae setae setnc setnb sete setz setne setnz setbe setna seta setnbe sets setns setp setpe setnp setpo setl setnge setge setnl setle setng setg setnle push pop pushfq pushf popfq popf leave leaveq add adc sub sbb cmp inc dec neg mul imul div idiv and or xor not test bt bts btr btc bsf bsr tzcnt lzcnt popcnt shl sal shr sar rol ror rcl rcr shld shrd xchg xadd cmpxchg cmpxchg8b jmp jmpq jo jno jb jc jnae jae jnc jnb je jz jne jnz jbe jna ja jnbe js jns jp jpe jnp jpo jl jnge jlt jge jnl jle jng jg jnle jgt jrcxz jecxz call callq ret retq nop pause endbr64 ud2 ud2a int3 clc stc cmc cld std lahf sahf movs stos lods mfence lfence sfence prefetcht0 prefetcht1 prefetcht2 prefetchnta prefetchw clflush clflushopt clwb wbinvd cpuid serialize invlpg invpcid invlpgb tlbsync rdpkru cli sti clac stac wrssd wrssq iretq iret hlt flush_tlb_page flush_tlb_mm flush_tlb_range flush_tlb_local spin_lock spin_unlock wait_for set_page_dirty clear_page_dirty page_dirty writeback reclaim free_frame free_table tlb_remove_table_sync_one synchronize_rcu rcu_read_lock rcu_read_unlock pte_offset pmd_offset pud_offset enter_lazy_tlb switch_mm send_ipi invpcid_flush_one invpcid_flush_single_context invpcid_flush_all invpcid_flush_all_nonglobals invlpgb'
complete -c 'ptero' -n '__ptero_should_offer_completions_for_flags_or_options "ptero explain" version' -l 'version' -d 'Show the version.'
complete -c 'ptero' -n '__ptero_should_offer_completions_for_flags_or_options "ptero explain" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'ptero' -n '__ptero_should_offer_completions_for_positional "ptero new" -eq 1' -fa '(for p in (string match -e -- \'*/\' (commandline -t);or printf \n)*.\'litmus\';printf %s\n $p;end;__fish_complete_directories (commandline -t) \'\')'
complete -c 'ptero' -n '__ptero_should_offer_completions_for_flags_or_options "ptero new" from' -l 'from' -d 'Start from a copy of this test: kernel:NAME is a scenario of `ptero kernel`.' -rfa '(set -l exts \'litmus\' \'swift\';for p in (string match -e -- \'*/\' (commandline -t);or printf \n)*.{$exts};printf %s\n $p;end;__fish_complete_directories (commandline -t) \'\')'
complete -c 'ptero' -n '__ptero_should_offer_completions_for_flags_or_options "ptero new" version' -l 'version' -d 'Show the version.'
complete -c 'ptero' -n '__ptero_should_offer_completions_for_flags_or_options "ptero new" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'ptero' -n '__ptero_should_offer_completions_for_flags_or_options "ptero help" version' -l 'version' -d 'Show the version.'
