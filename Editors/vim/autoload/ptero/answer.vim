" Reads what `ptero check --format json` says, and finds its places in a buffer.

" Version 1 of the records, which `schema` names with or without a word before it.
let s:version = '\%(^\|/\)1$'

" The records of an answer: {'verdicts': [...], 'faults': [...]}, or an empty dictionary where it is none.
function! ptero#answer#read(text) abort
  let answer = {'verdicts': [], 'faults': []}
  for line in filter(split(a:text, "\n"), {_, line -> line =~# '\S'})
    try
      let record = json_decode(line)
    catch
      return {}
    endtry
    if type(record) != v:t_dict || get(record, 'schema', '') . '' !~# s:version | return {} | endif
    if has_key(record, 'observation')
      call add(answer.verdicts, record)
    elseif get(record, 'error', '') ==# 'input'
      call add(answer.faults, record)
    endif
  endfor
  return empty(answer.verdicts) && empty(answer.faults) ? {} : answer
endfunction

" The line with the test's name, from 1, and the name; `--` stands for the file's.
function! ptero#answer#head(buffer) abort
  let number = 0
  for line in getbufline(a:buffer, 1, '$')
    let number += 1
    let name = matchstr(line, '^\s*\%(X86_64\|C\)\s\+\zs\S\+')
    if name !=# ''
      return {'line': number, 'name': name ==# '--' ? fnamemodify(bufname(a:buffer), ':t:r') : name}
    endif
  endfor
  return {'line': 1, 'name': ''}
endfunction

" The line that says what is expected of a condition, or of all; else that of the test's name.
function! ptero#answer#result_line(buffer, condition, head) abort
  let lines = getbufline(a:buffer, 1, '$')
  for name in [a:condition, '']
    let wanted = name ==# '' ? '' : '\s\+\V' . escape(name, '\') . '\m'
    let found = match(lines, '\C^\%(.*(\*\)\?[[:space:]*]*Result' . wanted . '\s*:')
    if found >= 0 | return found + 1 | endif
  endfor
  return a:head.line
endfunction

" Where a column is, which counts characters from 1, in bytes, as Vim counts.
function! ptero#answer#byte_column(buffer, line, column) abort
  let text = get(getbufline(a:buffer, a:line), 0, '')
  let bytes = byteidxcomp(text, a:column - 1)
  return bytes < 0 ? max([1, len(text)]) : bytes + 1
endfunction

" Profiles that say the same, together; what is not as expected comes first.
function! ptero#answer#groups(verdicts, test) abort
  let groups = []
  for verdict in a:verdicts
    let condition = stridx(verdict.test, a:test . ':') == 0 ? verdict.test[len(a:test) + 1:] : ''
    let found = filter(copy(groups), {_, group -> group.condition ==# condition
          \ && group.observation ==# verdict.observation && group.expected ==# verdict.expected})
    if empty(found)
      let found = [{'condition': condition, 'observation': verdict.observation, 'expected': verdict.expected,
            \ 'state': s:state(verdict), 'profiles': []}]
      call add(groups, found[0])
    endif
    call add(found[0].profiles, verdict.profile . (empty(get(verdict, 'empty', [])) ? '' : '*'))
  endfor
  let order = ['wrong', 'open', 'right', 'free']
  return sort(groups, {one, other -> index(order, one.state) - index(order, other.state)})
endfunction

function! s:state(verdict) abort
  if a:verdict.observation ==# 'Inconclusive' | return 'open' | endif
  if a:verdict.asExpected is v:null | return 'free' | endif
  return a:verdict.asExpected ? 'right' : 'wrong'
endfunction

" A group in a line: "Sometimes on cet, not Never".
function! ptero#answer#sentence(group) abort
  return (a:group.condition ==# '' ? '' : a:group.condition . ': ') . a:group.observation . ' on ' . join(a:group.profiles)
        \ . (a:group.state ==# 'wrong' ? ', not ' . a:group.expected : '')
endfunction

" Message, what else is known, and the remedy.
function! ptero#answer#words(fault) abort
  let remedy = a:fault.remedy is v:null ? [] : ['remedy: ' . a:fault.remedy]
  return join([a:fault.message] + get(a:fault, 'notes', []) + remedy, '; ')
endfunction
