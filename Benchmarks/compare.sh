#!/usr/bin/env bash
# Runs Ptero and whatever peers are installed (spin, rumur, herd7) on the same questions, one after the other, and
# prints Markdown tables of wall time, ratios, states and peak memory.
#
#   Benchmarks/compare.sh [--update] [fork] [scaling] [search] [corpus]      default: all
#
#   --update     also puts the tables into README.md, between its two compare.sh marks
#
#   PTERO=path   an installed ptero to measure (default: this checkout's, installed into .build/installed)
#   RUNS=5       runs at least of which the shortest counts, where one takes less than two seconds
#   LIMIT=120    seconds of processor time that a peer may take for one question
#   MEMORY=12    GiB of memory that a peer may take
#
# Ptero's time is the whole process, from file to verdict. For spin and rumur there are two: the run of the compiled
# checker, and what a user waits for, generating and compiling it included. Exit status: 0; 1 when a verdict differs between two tools; 2 when something cannot be run.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
source "$here/common.sh"
# What the tools print goes to memory where that is possible, so that no file system is measured.
outputs=$(mktemp -d -p /dev/shm 2>/dev/null || echo "$scratch")
trap 'rm -rf "$scratch" "$outputs"' EXIT
runs=${RUNS:-5} limit=${LIMIT:-120} memory=${MEMORY:-12}
status=0

# Runs a command. Sets `micros` (shortest wall time) and `kib` (peak memory).
# Its output of the last run is in $outputs/out. Fails when the command is killed by a limit.
measure() {
  local rc=0
  "$scratch/measure" "$runs" "$outputs/out" "$outputs/err" "$@" >"$scratch/figures" || rc=$?
  ((rc < 125)) || return 1
  read -r micros kib <"$scratch/figures"
}
# In a process of its own, so that the limits end with it.
limited() { (ulimit -t "$limit" -v $((memory * 1024 * 1024)) && measure "$@" && echo "$micros $kib" >"$scratch/measured"); }
# Measures a peer under the limits; micros is `>` when it hit one.
peer() {
  if limited "$@" 2>/dev/null; then read -r micros kib <"$scratch/measured"; else micros='>' kib=-; fi
}

seconds() { # microseconds
  case $1 in
  -) echo - ;;
  '>') echo ">$limit" ;;
  *) awk -v m="$1" 'BEGIN { s = m / 1e6; printf s < 0.1 ? "%.5f" : s < 1 ? "%.4f" : "%.2f", s }' ;;
  esac
}
sum() { # of microseconds; unknown when one of them is
  case $1$2 in
  *[!0-9]*) echo - ;;
  *) echo $(($1 + $2)) ;;
  esac
}
mib() { [[ $1 == - ]] && echo - || awk -v k="$1" 'BEGIN { printf "%.0f", k / 1024 }'; }
# The least of microseconds; > where all that there is hit a limit, - where there is nothing.
fastest() {
  local best=- time
  for time in "$@"; do
    case $time in
    -) ;;
    '>') [[ $best != - ]] || best='>' ;;
    *) [[ $best == *[0-9]* ]] && ((best <= time)) || best=$time ;;
    esac
  done
  echo "$best"
}
# How many times as long as Ptero the fastest of the peers took; bold where that is less than once.
ratio() { # Ptero's microseconds, then the peers'
  local ours=$1 best
  best=$(fastest "${@:2}")
  case $best in
  -) echo - ;;
  '>') awk -v l="$limit" -v o="$ours" 'BEGIN { printf ">%.0f", l * 1e6 / o }' ;;
  *) awk -v b="$best" -v o="$ours" 'BEGIN { r = b / o; printf r < 1 ? "**%.2f**" : r < 10 ? "%.1f" : "%.0f", r }' ;;
  esac
}
differ() { # question, tool, its verdict, Ptero's
  echo "compare.sh: $1: $2 says $3, ptero says $4" >&2
  status=1
}
json() { sed -n "s/.*\"$1\": \"\{0,1\}\([^\",}]*\).*/\1/p" "$outputs/out" | head -1; }
# Ptero on one question and profile. Sets verdict, states, explored, ours, searched, our_kib.
ptero() { # file, profile
  measure "$PTERO" check --profile "$2" --json "$1" || stop "ptero was killed on $1"
  verdict=$(json observation) explored=$(json explored) states=$(json states) ours=$micros our_kib=$kib
  searched=$(json seconds | awk '{ printf "%.0f", $1 * 1e6 }')
  [[ -n $verdict ]] || stop "ptero gave no verdict on $1: $(head -1 "$outputs/err")"
}
observation() { # whether the condition can hold, whether it can fail
  case $1$2 in
  10) echo Always ;;
  01) echo Never ;;
  11) echo Sometimes ;;
  *) echo none ;;
  esac
}

# The two peers on a fork question: time, memory and states of the compiled checker, and whether it says what Ptero does.
# Spin's table is of the size that suits the question best, which takes knowing how many states there are.
ask_spin() { # index of the sequence, writers, stores, profile
  local yes=0 no=0 said bits size best='>' best_kib=-
  build_spin "$@"
  peer "$scratch/pan" -m1000 -w20
  peer_states=$(awk '/states, stored/ { print $1 }' "$outputs/out")
  [[ $micros == '>' ]] && return
  grep -q 'errors: 0' "$outputs/out" || stop "spin ended with an error: $(head -1 "$outputs/out")"
  grep -qE '^final.*(shadow_stack|lost_dirty)=1' "$outputs/out" && yes=1
  grep -q '^final.*shadow_stack=0 lost_dirty=0' "$outputs/out" && no=1
  said=$(observation $yes $no)
  [[ $said == "$verdict" ]] || differ "$name on $profile" spin "$said" "$verdict"
  bits=$(awk -v n="$peer_states" 'BEGIN { b = 3; while (2 ^ b < n) b++; print b }')
  for size in $((bits - 1)) $((bits)) $((bits + 2)); do
    peer "$scratch/pan" -m1000 "-w$size"
    if [[ $best == '>' ]] || ((micros < best)); then best=$micros best_kib=$kib; fi
  done
  micros=$best kib=$best_kib
}
ask_rumur() { # index of the sequence, writers, stores, profile, symmetry, buffers
  local yes=0 no=0 said
  build_rumur "$@"
  peer "$scratch/rumur"
  peer_states=$(awk '/ states, / { print $1 }' "$outputs/out")
  [[ $micros == '>' ]] && return
  grep -qE 'cover "(lost_dirty|kernel_shadow_stack)" hit' "$outputs/out" && yes=1
  grep -q 'cover "neither" hit' "$outputs/out" && no=1
  said=$(observation $yes $no)
  [[ $said == "$verdict" ]] || differ "$name on $profile" "rumur with symmetry $5 and buffers $6" "$said" "$verdict"
}

has() { command -v "$1" >/dev/null; }

# What is known of one fork question, in microseconds, states and KiB; `-` where a peer is not installed.
declare -A known=()
# Asks Ptero and the peers one fork question and profile.
ask_all() { # index of the sequence, size, profile
  local index=$1 size=$2 writers stores symmetry best key
  profile=$3
  read -r writers stores size <<<"$size"
  name=${sequences[index]}-$size
  known=()
  for key in spin rumur sym hand; do known[$key]=- known[$key.states]=- known[$key.kib]=- known[$key.asked]=-; done
  ptero "$here/questions/fork-$name.litmus" "$profile"
  if has spin; then
    ask_spin "$index" "$writers" "$stores" "$profile"
    known[spin]=$micros known[spin.kib]=$kib known[spin.states]=$peer_states known[spin.asked]=$(sum "$built" "$micros")
  fi
  if has rumur; then
    ask_rumur "$index" "$writers" "$stores" "$profile" off 1
    known[rumur]=$micros known[rumur.kib]=$kib known[rumur.states]=$peer_states
    ask_rumur "$index" "$writers" "$stores" "$profile" heuristic 1
    known[sym]=$micros known[sym.kib]=$kib known[sym.states]=$peer_states known[sym.asked]=$(sum "$built" "$micros")
  fi
  # Past ten milliseconds it makes no difference how a program is linked.
  best=$(fastest "${known[spin]}" "${known[rumur]}" "${known[sym]}")
  linking=-static
  if [[ $best =~ ^[0-9]+$ ]] && ((best < 10000)); then
    if has spin; then ask_spin "$index" "$writers" "$stores" "$profile" && best=$(fastest "$best" "$micros"); fi
    if has rumur; then
      for symmetry in off heuristic; do
        ask_rumur "$index" "$writers" "$stores" "$profile" "$symmetry" 1 && best=$(fastest "$best" "$micros")
      done
    fi
  fi
  known[best]=$best
  if has rumur; then
    ask_rumur "$index" "$writers" "$stores" "$profile" heuristic 0
    known[hand]=$micros known[hand.states]=$peer_states
  fi
  linking=
}

fork_questions() {
  local index size profile name key
  local times=$scratch/times.md counts=$scratch/counts.md
  local -A all=([spin]=0 [rumur]=0 [sym]=0 [hand]=0 [spin.asked]=0 [sym.asked]=0)
  : >"$times"
  : >"$counts"
  for index in 0 1 2; do
    for size in "${sizes[@]}"; do
      for profile in cet late; do
        ask_all "$index" "$size" "$profile"
        for key in "${!all[@]}"; do all[$key]=$(sum "${all[$key]}" "${known[$key]}"); done
        echo "| $name | $profile | $verdict | $(seconds "$ours") | $(seconds "$searched") | $(seconds "${known[spin]}") | $(seconds "${known[rumur]}") | $(seconds "${known[sym]}") | $(ratio "$ours" "${known[spin]}" "${known[rumur]}" "${known[sym]}") | $(seconds "${known[spin.asked]}") | $(seconds "${known[sym.asked]}") | $(ratio "$ours" "${known[spin.asked]}" "${known[sym.asked]}") |" >>"$times"
        echo "| $name | $profile | $(seconds "$ours") | $(seconds "$searched") | $(seconds "${known[best]}") | $(seconds "${known[hand]}") | $explored | ${known[spin.states]} | ${known[rumur.states]} | ${known[sym.states]} | ${known[hand.states]} | $(mib "$our_kib") | $(mib "${known[spin.kib]}") | $(mib "${known[rumur.kib]}") | $(mib "${known[sym.kib]}") |" >>"$counts"
      done
    done
  done
  # As they are asked in practice: all of them, of one process; of the peers one program for each, whose times are added.
  measure "$PTERO" check --json "$here/questions" || stop "ptero was killed on the questions"
  echo '### Fork'
  echo
  echo 'Wall seconds. "its search" is the part of Ptero'"'"'s time that is not start-up, reading and printing; "sym" is rumur with its symmetry reduction. The last three columns are what a user waits for, from question to verdict: generating, compiling and running the checker (of rumur with symmetry).'
  echo
  echo '| question | profile | verdict | Ptero | its search | Spin | rumur | rumur sym | peer / Ptero | Spin, from the question | rumur, from the question | peer / Ptero |'
  echo '|---|---|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|'
  cat "$times"
  echo "| all 36 in one go | both | | $(seconds "$micros") | | $(seconds "${all[spin]}") | $(seconds "${all[rumur]}") | $(seconds "${all[sym]}") | $(ratio "$micros" "${all[spin]}" "${all[rumur]}" "${all[sym]}") | $(seconds "${all[spin.asked]}") | $(seconds "${all[sym.asked]}") | $(ratio "$micros" "${all[spin.asked]}" "${all[sym.asked]}") |"
  echo
  echo '### Fork: harder opponents, states and memory'
  echo
  echo '"best" is the fastest checker when it is linked statically, which the manuals do not ask for; "by hand" is rumur so, with symmetry, on a model from which its author has taken the store buffers. Wall seconds; peak memory in MiB.'
  echo
  echo '| question | profile | Ptero | its search | best | by hand | states: Ptero | Spin | rumur | rumur sym | by hand | MiB: Ptero | Spin | rumur | rumur sym |'
  echo '|---|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|'
  cat "$counts"
  echo
}

# herd7 as the fair opponent: the plain x86-TSO model with the fast generation of coherence orders.
herd=(herd7 -archcheck false -model x86tso.cat -optace true)

scaling_series() {
  local file name herd_taken said recorded=$here/scaling/herd7.tsv
  echo '### Scaling series'
  echo
  if has herd7; then
    echo 'Wall seconds. herd7 with `-optace true`, measured in this run.'
  else
    echo 'Wall seconds. herd7 is not installed: its column is the recorded one of `scaling/herd7.tsv` (`-optace true`, limit 120 s, another day, the same kind of machine; the faster of `-optace true` and the default).'
  fi
  echo
  echo '| test | verdict | Ptero | --jobs 1 | herd7 | herd7 / Ptero | states explored | MiB |'
  echo '|---|---|--:|--:|--:|--:|--:|--:|'
  for file in "$here"/scaling/*.litmus; do
    name=$(basename "$file" .litmus)
    herd_taken=- said=
    ptero "$file" cet
    measure "$PTERO" check --jobs 1 --profile cet --json "$file" || stop "ptero was killed on $file"
    other=$micros
    if has herd7; then
      peer "${herd[@]}" "$file"
      herd_taken=$micros said=$(awk '/^States/ { n = $2 } /^Observation/ { print $3 "/" n }' "$outputs/out")
    elif [[ -f $recorded ]]; then
      read -r herd_taken said < <(awk -v t="$name" '
        $2 != t || ($3 != "default" && $3 != "optace") { next }
        $4 ~ />/ { if (best == "") best = ">"; next }
        best == "" || best == ">" || $4 * 1000000 < best { best = $4 * 1000000 }
        { said = $8 "/" $7 }
        END { print (best == "" ? "-" : best), (said == "" ? "-" : said) }' "$recorded")
    fi
    [[ -z $said || $said == - || $herd_taken == '>' || $said == "$verdict/$states" ]] || differ "$name" herd7 "$said" "$verdict/$states"
    echo "| $name | $verdict | $(seconds "$ours") | $(seconds "$other") | $(seconds "$herd_taken") | $(ratio "$ours" "$herd_taken") | $explored | $(mib "$our_kib") |"
  done
  echo
}

# Ptero's search alone. Sets explored and ours.
search() { # file, profile, options
  measure "$PTERO" check --profile "$2" --json "${@:3}" "$1" || stop "ptero was killed on $1"
  explored=$(json explored) ours=$micros
}
rate() { awk -v n="$1" -v m="$2" 'BEGIN { printf "%.2f", n / m }'; } # in millions a second
search_rates() {
  local question writers stores one two verdict name profile peer_states
  local -a plain=(--no-reduction symmetry --no-reduction unseen-stores)
  echo '### The search by itself'
  echo
  echo 'Millions of states a second of wall time, profile `late`, without the two reductions that Spin has nothing like (`--no-reduction symmetry`, `unseen-stores`).'
  echo
  echo '| question | states: Ptero | Spin | --jobs 1 | Spin | Ptero / Spin | two threads | two / one |'
  echo '|---|--:|--:|--:|--:|--:|--:|--:|'
  for question in "4 2 4" "4 3 4x3" "4 4 4x4"; do
    read -r writers stores question <<<"$question"
    search "$here/questions/fork-lock-and-$question.litmus" late "${plain[@]}" --jobs 1
    one=$ours verdict=$(json observation) name=lock-and-$question profile=late
    search "$here/questions/fork-lock-and-$question.litmus" late "${plain[@]}"
    two=$ours micros='>'
    if has spin; then ask_spin 0 "$writers" "$stores" late; fi
    if [[ $micros != '>' ]]; then
      echo "| lock-and-$question | $explored | $peer_states | $(rate "$explored" "$one") | $(rate "$peer_states" "$micros") | $(awk -v a="$(rate "$explored" "$one")" -v b="$(rate "$peer_states" "$micros")" 'BEGIN { printf "%.1f", a / b }') | $(rate "$explored" "$two") | $(rate "$one" "$two") |"
    else
      echo "| lock-and-$question | $explored | - | $(rate "$explored" "$one") | - | - | $(rate "$explored" "$two") | $(rate "$one" "$two") |"
    fi
  done
  for question in IRIW-5w4r SBk-5 MIX-3x3; do
    search "$here/scaling/$question.litmus" cet --jobs 1
    one=$ours
    search "$here/scaling/$question.litmus" cet
    echo "| $question | $explored | | $(rate "$explored" "$one") | | | $(rate "$explored" "$ours") | $(rate "$one" "$ours") |"
  done
  echo
}

corpus_batch() {
  local corpus herd_taken=- herd_kib=-
  corpus=$(dirname "$here")/Tests/Corpora/x86_64
  local -a files=("$corpus"/*.litmus)
  echo '### The corpus as one batch'
  echo
  echo "${#files[@]} tests in one process, profile \`cet\`; wall seconds."
  echo
  echo '| Ptero | --jobs 1 | herd7 | herd7 / Ptero | MiB: Ptero | herd7 |'
  echo '|--:|--:|--:|--:|--:|--:|'
  measure "$PTERO" check --profile cet --json "${files[@]}" || stop "ptero was killed on the corpus"
  ours=$micros our_kib=$kib
  awk -F'"' '/"observation"/ { print $4, $16 }' "$outputs/out" | sort >"$scratch/ours.txt"
  measure "$PTERO" check --jobs 1 --profile cet --json "${files[@]}" || stop "ptero was killed on the corpus"
  one=$micros
  "$PTERO" check --profile cet --expect "$corpus/verdicts.tsv" "${files[@]}" >"$outputs/out" 2>&1 || {
    echo "compare.sh: the corpus: not as verdicts.tsv says: $(tail -1 "$outputs/out")" >&2
    status=1
  }
  if has herd7; then
    peer "${herd[@]}" "${files[@]}"
    herd_taken=$micros herd_kib=$kib
    awk '/^Observation/ { print $2, $3 }' "$outputs/out" | sort >"$scratch/theirs.txt"
    diff "$scratch/ours.txt" "$scratch/theirs.txt" >&2 || status=1
  fi
  echo "| $(seconds "$ours") | $(seconds "$one") | $(seconds "$herd_taken") | $(ratio "$ours" "$herd_taken") | $(mib "$our_kib") | $(mib "$herd_kib") |"
  echo
}

version() { has "$1" && "$@" 2>&1 | head -1 || echo "$1 is not installed"; }
all() {
  local table
  echo "Taken on $(date -u +%F): $(nproc) x $(sed -n 's/^model name[[:space:]]*: //p' /proc/cpuinfo | head -1), $(awk '/MemTotal/ { printf "%.0f GiB", $2 / 1048576 }' /proc/meminfo), load $(cut -d' ' -f1 /proc/loadavg) before the run. ptero $("$PTERO" --version); $(version spin -V); $(version rumur --version); $(version herd7 -version); $("$compiler" --version | head -1)."
  echo
  for table in "$@"; do
    case $table in
    fork) fork_questions ;;
    scaling) scaling_series ;;
    search) search_rates ;;
    corpus) corpus_batch ;;
    esac
  done
}

update=no
declare -a tables=()
for argument in "$@"; do
  case $argument in
  --update) update=yes ;;
  fork | scaling | search | corpus) tables+=("$argument") ;;
  *) stop "unknown argument '$argument': use --update, fork, scaling, search or corpus" ;;
  esac
done
[[ ${#tables[@]} -gt 0 ]] || tables=(fork scaling search corpus)
"${CC:-cc}" -O2 -o "$scratch/measure" "$here/measure.c" || stop "a C compiler is needed: Debian has one in gcc"
find_ptero
all "${tables[@]}" >"$scratch/tables.md"
cat "$scratch/tables.md"
if [[ $update == yes ]]; then
  awk -v tables="$scratch/tables.md" '
    /<!-- compare.sh begin -->/ { print; while ((getline line < tables) > 0) print line; skip = 1 }
    /<!-- compare.sh end -->/ { skip = 0 }
    !skip' "$here/README.md" >"$scratch/README.md"
  cat "$scratch/README.md" >"$here/README.md"
fi
exit $status
