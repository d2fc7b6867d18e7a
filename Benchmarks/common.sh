# What compare.sh and agree.sh share. Sourced, with $here set to the Benchmarks folder.
sequences=(lock-and compare-and-exchange exchange-dance)
# Writers, and stores of each, of the fork questions, and what the files of a size are called.
sizes=("1 2 1" "2 2 2" "3 2 3" "4 2 4" "4 3 4x3" "4 4 4x4")
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

stop() {
  echo "${0##*/}: $1" >&2
  exit 2
}

# Sets PTERO to an installed ptero: $PTERO, or this checkout's, which is installed into its build folder.
find_ptero() {
  local package
  package=$(dirname "$here")
  if [[ -z ${PTERO:-} ]]; then
    "$package/Scripts/install" "$package/.build/installed" >"$scratch/build.txt" 2>&1 ||
      stop "cannot build ptero: $(tail -1 "$scratch/build.txt")"
    PTERO=$package/.build/installed/bin/ptero
  fi
  [[ -x $PTERO ]] || stop "no program at '$PTERO': set PTERO to the path of an installed ptero"
}

# The C compiler of the peers' checkers, and how they are linked: as their manuals say, or with -static.
compiler=$(command -v clang || echo "${CC:-cc}")
linking=

# Microseconds since some fixed time.
now() { echo $((${EPOCHREALTIME/[.,]/})); }

# Compiles models/fork.pml for one question to $scratch/pan; sets built to the microseconds that it takes.
# -DNOREDUCE: its partial-order reduction removes nothing here and costs time.
build_spin() { # index of the sequence, writers, stores, profile, further spin options
  local late=0 begun
  [[ $4 == late ]] && late=1
  begun=$(now)
  (
    cd "$scratch"
    spin -o2 -DSEQUENCE="$1" -DWRITERS="$2" -DSTORES="$3" -DLATE="$late" "${@:5}" -a "$here/models/fork.pml" &&
      "$compiler" -O3 -march=native -w $linking -DSAFETY -DNOREDUCE -DNOBOUNDCHECK -DNOFAIR -o pan pan.c
  ) >"$scratch/build.txt" 2>&1 || stop "cannot build models/fork.pml: $(tail -1 "$scratch/build.txt")"
  built=$(($(now) - begun))
}

# Compiles models/fork.m for one question to $scratch/rumur; sets built. Options: the fastest found that stay exact.
build_rumur() { # index of the sequence, writers, stores, profile, symmetry (off or heuristic), buffers (1, or 0: by hand)
  local late=0 begun
  [[ $4 == late ]] && late=1
  begun=$(now)
  (
    cd "$scratch"
    sed -e "s/SEQUENCE: 1;/SEQUENCE: $1;/" -e "s/WRITERS: 2;/WRITERS: $2;/" -e "s/STORES: 2;/STORES: $3;/" \
      -e "s/LATE: 0;/LATE: $late;/" -e "s/BUFFERS: 1;/BUFFERS: $6;/" \
      "$here/models/fork.m" >question.m &&
      rumur question.m -o rumur.c --threads 1 --deadlock-detection off --symmetry-reduction "$5" \
        --counterexample-trace off --pack-state off &&
      "$compiler" -O3 -march=native -w $linking -std=c11 -mcx16 rumur.c -o rumur -lpthread
  ) >"$scratch/build.txt" 2>&1 || stop "cannot build models/fork.m: $(tail -1 "$scratch/build.txt")"
  built=$(($(now) - begun))
}
