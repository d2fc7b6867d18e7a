# What compare.sh and agree.sh share. Sourced, with $here set to the Benchmarks folder.
sequences=(lock-and compare-and-exchange exchange-dance)
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

stop() {
  echo "${0##*/}: $1" >&2
  exit 2
}

# Sets PTERO to the release build: $PTERO, or this checkout's, which is built if it is not there.
find_ptero() {
  local package
  package=$(dirname "$here")
  if [[ -z ${PTERO:-} ]]; then
    PTERO=$package/.build/release/ptero
    [[ -x $PTERO ]] || swift build -c release --package-path "$package" --product ptero >&2 || stop "cannot build ptero"
  fi
  [[ -x $PTERO ]] || stop "no program at '$PTERO': set PTERO to the path of a release build of ptero"
}

# Compiles models/fork.pml for one question to $scratch/pan.
# -DNOREDUCE: its partial-order reduction removes nothing here and costs time. -O2 was as fast as -O3.
build_spin() { # index of the sequence, writers, profile, further spin options
  local late=0
  [[ $3 == late ]] && late=1
  (
    cd "$scratch"
    spin -o2 -DSEQUENCE="$1" -DWRITERS="$2" -DLATE="$late" "${@:4}" -a "$here/models/fork.pml" &&
      "${CC:-cc}" -O2 -march=native -w -DSAFETY -DNOREDUCE -DNOBOUNDCHECK -DNOFAIR -o pan pan.c
  ) >"$scratch/build.txt" 2>&1 || stop "cannot build models/fork.pml: $(tail -1 "$scratch/build.txt")"
}

# Compiles models/fork.m for one question to $scratch/rumur. Options: the fastest found that stay exact.
build_rumur() { # index of the sequence, writers, profile, symmetry (off or heuristic)
  local late=0 cc
  [[ $3 == late ]] && late=1
  cc=$(command -v clang || echo "${CC:-cc}")
  (
    cd "$scratch"
    sed -e "s/SEQUENCE: 1;/SEQUENCE: $1;/" -e "s/WRITERS: 2;/WRITERS: $2;/" -e "s/LATE: 0;/LATE: $late;/" \
      "$here/models/fork.m" >question.m &&
      rumur question.m -o rumur.c --threads 1 --deadlock-detection off --symmetry-reduction "$4" \
        --counterexample-trace off --pack-state off &&
      "$cc" -O3 -march=native -w -std=c11 -mcx16 rumur.c -o rumur -lpthread
  ) >"$scratch/build.txt" 2>&1 || stop "cannot build models/fork.m: $(tail -1 "$scratch/build.txt")"
}
