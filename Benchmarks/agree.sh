#!/usr/bin/env bash
# Compares Ptero with models/fork.pml on every fork question: not only the verdict but the whole set of final states
# (both entries, written, the two properties, and which CPUs faulted) has to be the same.
#
#   Benchmarks/agree.sh                 PTERO=path/to/ptero Benchmarks/agree.sh
#
# Needs spin and a C compiler. Exit status 0: they agree on all; 1: they do not.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
source "$here/common.sh"
find_ptero
command -v spin >/dev/null || stop "spin is not installed (Debian: apt-get install spin)"

# Ptero's final states, one a line, in the words of fork.pml's report.
ptero_finals() { # question, profile, writers
  local faults="" writer
  for ((writer = 1; writer <= $3; writer++)); do faults+=" \\\\/ fault(P$writer,x)"; done
  sed "s#^exists.*#locations [PTE(x); PTE(child:x)]\nexists (lost_dirty(x) \\\\/ kernel_shadow_stack(x) \\\\/ written(x)$faults)#" \
    "$1" >"$scratch/observed.litmus"
  "$PTERO" check --profile "$2" --json "$scratch/observed.litmus" |
    sed -n 's/.*"finals": \[\(.*\)\], "seconds".*/\1/p' | sed 's/", "/\n/g' | tr -d '"' |
    awk '
      function hex(text, key,    fields) {
        match(text, "\\[" key "\\]=\\([^)]*(\\([^)]*\\)[^)]*)?\\)")
        fields = substr(text, RSTART, RLENGTH)
        return (fields ~ /[( ]p:1/) + 2 * (fields ~ /rw:1/) + 4 * (fields ~ /[ (]d:1/) + 8 * (fields ~ /sd:1/)
      }
      function truth(text, name) { return index(text, name "=true") > 0 }
      {
        faults = 0
        for (cpu = 1; cpu <= 4; cpu++) if (truth($0, "fault(P" cpu ",x)")) faults += 2 ^ (cpu - 1)
        printf "final pte=%x child=%x written=%d kernel_shadow_stack=%d lost_dirty=%d faults=%x\n",
          hex($0, "PTE\\(x\\)"), hex($0, "PTE\\(child:x\\)"), truth($0, "written(x)"),
          truth($0, "kernel_shadow_stack(x)"), truth($0, "lost_dirty(x)"), faults
      }' | sort
}

status=0
for index in 0 1 2; do
  for size in "${sizes[@]}"; do
    read -r writers stores size <<<"$size"
    for profile in cet late; do
      name=fork-${sequences[index]}-$size
      build_spin "$index" "$writers" "$stores" "$profile" -DOBSERVE=1
      "$scratch/pan" -m1000 -w20 >"$scratch/pan.txt"
      grep -q 'errors: 0' "$scratch/pan.txt" || stop "spin's run of $name on $profile ended with an error"
      grep '^final' "$scratch/pan.txt" | sort >"$scratch/spin.txt"
      ptero_finals "$here/questions/$name.litmus" "$profile" "$writers" >"$scratch/ptero.txt"
      if diff "$scratch/spin.txt" "$scratch/ptero.txt" >"$scratch/diff.txt"; then
        printf '%-30s %-5s %3d final states, the same\n' "$name" "$profile" "$(wc -l <"$scratch/spin.txt")"
      else
        printf '%-30s %-5s DIFFERENT (< only spin, > only ptero)\n' "$name" "$profile"
        cat "$scratch/diff.txt"
        status=1
      fi
    done
  done
done
exit $status
