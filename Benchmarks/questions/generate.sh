#!/usr/bin/env bash
# Writes the fork questions of this folder: three ways to write-protect a live entry, against one to
# four writers that store twice each, and four that store three and four times.
set -euo pipefail
cd "$(dirname "$0")"

move='andq $-67,%rcx|andl $64,%edx|shlq $52,%rdx|orq %rdx,%rcx' # Write off; Dirty goes to SavedDirty (bit 58)
lock_and='lock andb $-3,(%rdi)|movq (%rdi),%rax|andq $-3,%rax|movq %rax,(%rsi)'
compare_and_exchange="movq (%rdi),%rax|L0: movq %rax,%rcx|movq %rax,%rdx|$move|lock cmpxchgq %rcx,(%rdi)|jne L0|movq %rcx,(%rsi)"
exchange_dance="xorl %eax,%eax|xchgq %rax,(%rdi)|call flush_tlb_page(x)|movq %rax,%rcx|movq %rax,%rdx|$move|movq %rcx,(%rdi)|movq %rcx,(%rsi)"

write_question() { # name, instructions of P0, writers, stores of each; writes fork-NAME-WRITERS[xSTORES].litmus
  local name=$1 writers=$3 stores=$4 size=$3 row writer line width=0 cell plural=s
  ((stores == 2)) || size+=x$stores
  local -a column
  IFS='|' read -ra column <<<"$2|call flush_tlb_mm()"
  for cell in "${column[@]}"; do ((${#cell} > width)) && width=${#cell}; done
  [[ $writers == 1 ]] && plural=
  exec >"fork-$name-$size.litmus"
  cat <<END
X86_64 fork-$name-$size
"fork() write-protects a live entry ($name) while $writers CPU$plural write the page, copies it to the child, and shoots down"
CPU=cet late
{
  [PTE(x)] = (oa:PA(x), rw:1, d:0);
  [PTE(child:x)] = (p:0);
  0:rdi = PTE(x);
  0:rsi = PTE(child:x);
}
END
  printf -v line ' %-*s' "$width" P0
  for ((writer = 1; writer <= writers; writer++)); do printf -v line '%s | %-11s' "$line" "P$writer"; done
  echo "$line ;"
  for ((row = 0; row < ${#column[@]}; row++)); do
    printf -v line ' %-*s' "$width" "${column[row]}"
    for ((writer = 1; writer <= writers; writer++)); do
      cell=
      ((row < stores)) && cell="movl \$$writer,(x)"
      printf -v line '%s | %-11s' "$line" "$cell"
    done
    echo "$line ;"
  done
  echo 'exists (lost_dirty(x) \/ kernel_shadow_stack(x))'
}

for size in "1 2" "2 2" "3 2" "4 2" "4 3" "4 4"; do
  # shellcheck disable=SC2086 # writers and stores
  {
    (write_question lock-and "$lock_and" $size)
    (write_question compare-and-exchange "$compare_and_exchange" $size)
    (write_question exchange-dance "$exchange_dance" $size)
  }
done
