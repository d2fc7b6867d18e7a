" Vim syntax file
" Language: litmus tests (X86_64, with page-table entries)

if exists('b:current_syntax')
  finish
endif

syntax case match
" Words may hold dots and dashes (`cr0.wp`), but not the signs around them.
syntax iskeyword @,48-57,_

" Head: architecture and name, description, Key=Value lines.
syntax match litmusArchitecture /\%1l^\s*\w\+/ nextgroup=litmusName skipwhite
syntax match litmusName /\S\+/ contained
syntax region litmusDescription start=/"/ end=/"/

" Comments nest; `Result:`, or `Result NAME:` of one of several conditions, is the expected verdict; it ends before the comment does.
syntax region litmusComment start=/(\*/ end=/\*)/ contains=litmusComment,litmusResult,litmusTodo,@Spell
syntax match litmusResult /Result\(\s\+\a[A-Za-z0-9_.+-]*\)\?\s*:\%(\%(\*)\)\@!.\)*/ contained contains=litmusVerdict
syntax keyword litmusVerdict Never Sometimes Always Inconclusive contained
syntax keyword litmusTodo TODO FIXME XXX contained

" Columns. Of two matches at one place the later rule wins, so plain numbers come first.
syntax match litmusNumber /\<-\?\(0[xX]\x\+\|\d\+\)\>/
syntax match litmusProcessor /\<P\d\+\(\.[FI]\)\?\>/
syntax match litmusSeparator /[|;]/
syntax match litmusLabel /\<\h\w*:\ze\(\s\|$\)/
syntax match litmusRegister /%\a\w*/
syntax match litmusRegister /\<\d\+:%\?\a\w*\(\.\a\w*\)\?/
syntax match litmusImmediate /\$-\?\(0[xX]\x\+\|\d\+\)/
syntax keyword litmusPrefix lock LOCK
syntax keyword litmusService flush_tlb_page flush_tlb_mm flush_tlb_local spin_lock spin_unlock set_page_dirty
syntax keyword litmusService clear_page_dirty page_dirty writeback reclaim free_frame wait_for
syntax keyword litmusService flush_tlb_range free_table tlb_remove_table_sync_one synchronize_rcu
syntax keyword litmusService rcu_read_lock rcu_read_unlock pte_offset pmd_offset pud_offset
syntax keyword litmusService enter_lazy_tlb switch_mm send_ipi
syntax match litmusHole /??\w*/
syntax region litmusHole matchgroup=litmusHole start=/??\h\w*\s*{/ end=/}/ contains=litmusClause,litmusNumber
syntax keyword litmusClause in scratch out flush loop lock fault length only without yes no contained

" Values.
syntax keyword litmusMemory PTE PA TTD PMD PUD PGD PT PD PDPT
syntax match litmusField /\<\(oa\|p\|rw\|us\|pwt\|pcd\|a\|d\|ps\|pat\|g\|sw1\|uffd\|soft\|sd\|pkey\|nx\|table\)\ze\s*:\s*\w/
syntax match litmusField /\(\]\.\)\@2<=\a\w*/
syntax keyword litmusType char short int long unsigned signed bool volatile const pteval_t pte_t size_t uintptr_t intptr_t
syntax keyword litmusType int8_t int16_t int32_t int64_t uint8_t uint16_t uint32_t uint64_t

" Conditions.
syntax keyword litmusQuantifier exists forall nextgroup=litmusConditionName skipwhite
syntax keyword litmusQuantifier filter locations starts ensures
syntax keyword litmusOld old with
syntax match litmusQuantifier /\~\s*exists\>/ nextgroup=litmusConditionName skipwhite
syntax match litmusConditionName /\a[A-Za-z0-9_.+-]*\s*:\ze\s*(/ contained
syntax match litmusOperator +/\\\|\\/\|=>\|\~\|==\|!=\|<>+
syntax keyword litmusOperator not
syntax keyword litmusBoolean true false
syntax match litmusProperty /\<\(fault\|Fault\)\ze\s*(/
syntax keyword litmusProperty written lost_dirty kernel_shadow_stack shadow_stack_exposed stale_write
syntax keyword litmusProperty stale_frame stale_table stray_present size_conflict size_mismatch stuck wild

highlight default link litmusArchitecture PreProc
highlight default link litmusName Title
highlight default link litmusHeader String
highlight default link litmusKey Identifier
highlight default link litmusKnownKey Keyword
highlight default link litmusDescription String
highlight default link litmusComment Comment
highlight default link litmusResult SpecialComment
highlight default link litmusVerdict Constant
highlight default link litmusTodo Todo
highlight default link litmusProcessor Type
highlight default link litmusSeparator Delimiter
highlight default link litmusLabel Label
highlight default link litmusRegister Identifier
highlight default link litmusImmediate Number
highlight default link litmusPrefix Special
highlight default link litmusService Function
highlight default link litmusHole Todo
highlight default link litmusClause Keyword
highlight default link litmusNumber Number
highlight default link litmusMemory Special
highlight default link litmusField Structure
highlight default link litmusType Type
highlight default link litmusQuantifier Statement
highlight default link litmusConditionName Title
highlight default link litmusOld Keyword
highlight default link litmusOperator Operator
highlight default link litmusBoolean Boolean
highlight default link litmusProperty Function

" Header lines; last, because their values look like anything.
syntax match litmusHeader /^\s*\(CPU\|Fault\|Gate\|Translate\|ShadowStack\|Region\|Levels\|PTI\|Pcid\|Sequence\|Failure\|Remark\|Purpose\|Role\)\s*=.*$/ contains=litmusKnownKey
syntax match litmusHeader /^\s*\(Failure\|Remark\|Purpose\)\s\+\a[A-Za-z0-9_.+-]*\s*=.*$/ contains=litmusKnownKey
syntax match litmusHeader /^\s*\(Generator\|Prefetch\|Com\|Orig\|Cycle\|Relax\|Safe\|Hash\|Include\|Stable\|Align\|Variant\)\s*=.*$/ contains=litmusKey
syntax match litmusKnownKey /^\s*\w\+\ze\(\s\+\a[A-Za-z0-9_.+-]*\)\?\s*=/ contained
syntax match litmusKey /^\s*\w\+\ze\s*=/ contained

let b:current_syntax = 'litmus'
