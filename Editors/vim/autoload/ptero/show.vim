" Shows an answer: signs, entries of the location list, and verdicts below the line with the test's name.

highlight default link PteroRight DiffAdd
highlight default link PteroFree Comment
highlight default link PteroOpen WarningMsg
highlight default link PteroWrong ErrorMsg
call sign_define('PteroError', {'text': 'E>', 'texthl': 'PteroWrong'})
call sign_define('PteroWarning', {'text': 'W>', 'texthl': 'PteroOpen'})
let s:colours = {'right': 'PteroRight', 'free': 'PteroFree', 'open': 'PteroOpen', 'wrong': 'PteroWrong'}

" Lines that are no part of the text; an old Vim has none.
let s:has_lines = has('nvim') || has('patch-9.0.0067') && has('textprop')
let s:space = has('nvim') ? nvim_create_namespace('ptero') : 0
if !has('nvim') && s:has_lines
  for s:colour in values(s:colours)
    call prop_type_add(s:colour, {'highlight': s:colour})
  endfor
endif

" Shows an answer about the buffer's present text.
function! ptero#show#answer(buffer, answer) abort
  call ptero#show#nothing(a:buffer)
  let head = ptero#answer#head(a:buffer)
  let groups = ptero#answer#groups(a:answer.verdicts, head.name)
  let items = s:fault_items(a:buffer, a:answer, head)
  for group in filter(copy(groups), {_, group -> group.state ==# 'wrong' || group.state ==# 'open'})
    let line = ptero#answer#result_line(a:buffer, group.condition, head)
    call add(items, s:item(a:buffer, line, 1, 'W', ptero#answer#sentence(group)))
  endfor
  for item in filter(copy(items), {_, item -> item.bufnr == a:buffer && item.type !=# 'I'})
    call sign_place(0, 'ptero', item.type ==# 'E' ? 'PteroError' : 'PteroWarning', a:buffer, {'lnum': item.lnum})
  endfor
  call s:set_lists(a:buffer, items, 'ptero')
  call s:lines(a:buffer, head.line, map(groups, {_, group -> [ptero#answer#sentence(group), s:colours[group.state]]}))
endfunction

" Shows why there is no answer.
function! ptero#show#failure(buffer, words) abort
  call ptero#show#nothing(a:buffer)
  call s:lines(a:buffer, ptero#answer#head(a:buffer).line, [[a:words, 'PteroWrong']])
endfunction

" Takes away what was said of another text. Errors that somebody works through stay in the list, under a title that says what they are.
function! ptero#show#nothing(buffer) abort
  call sign_unplace('ptero', {'buffer': a:buffer})
  if has('nvim')
    call nvim_buf_clear_namespace(a:buffer, s:space, 0, -1)
  elseif s:has_lines
    call prop_remove({'types': values(s:colours), 'bufnr': a:buffer, 'all': 1})
  endif
  for window in win_findbuf(a:buffer)
    if getloclist(window, {'title': 1}).title ==# 'ptero'
      call setloclist(window, [], 'a', {'title': 'ptero, before the last change'})
    endif
  endfor
endfunction

function! s:fault_items(buffer, answer, head) abort
  let items = []
  for fault in a:answer.faults
    let line = fault.line is v:null ? a:head.line : fault.line
    let other = fault.file is v:null || fnamemodify(fault.file, ':p') ==# fnamemodify(bufname(a:buffer), ':p')
          \ ? a:buffer : bufadd(fault.file)
    let column = fault.column is v:null ? 1 : ptero#answer#byte_column(other, line, fault.column)
    call add(items, s:item(other, line, column, 'E', ptero#answer#words(fault)))
  endfor
  let told = []
  for warning in s:warnings(a:answer.verdicts)
    let line = warning.line is v:null ? a:head.line : warning.line
    call add(told, s:item(a:buffer, line, 1, 'I', ptero#answer#words(warning)))
  endfor
  " Each profile tells them.
  return items + uniq(sort(told))
endfunction

function! s:warnings(verdicts) abort
  let found = []
  for verdict in a:verdicts
    call extend(found, get(verdict, 'warnings', []))
  endfor
  return found
endfunction

function! s:item(buffer, line, column, type, text) abort
  return {'bufnr': a:buffer, 'lnum': a:line, 'col': a:column, 'type': a:type, 'text': a:text}
endfunction

" The location lists of the windows that show the buffer. A list of somebody else's is kept as the older one.
function! s:set_lists(buffer, items, title) abort
  for window in win_findbuf(a:buffer)
    let is_ours = getloclist(window, {'title': 1}).title =~# '^ptero'
    if is_ours || !empty(a:items)
      call setloclist(window, [], is_ours ? 'r' : ' ', {'title': a:title, 'items': a:items})
    endif
  endfor
endfunction

" Lines below one of the buffer, each [text, colour].
function! s:lines(buffer, below, lines) abort
  if has('nvim')
    let shown = map(copy(a:lines), {_, line -> [['  ' . line[0], line[1]]]})
    call nvim_buf_set_extmark(a:buffer, s:space, a:below - 1, 0, {'virt_lines': shown})
  elseif s:has_lines
    for [text, colour] in a:lines
      call prop_add(a:below, 0, {'bufnr': a:buffer, 'type': colour, 'text': '  ' . text, 'text_align': 'below'})
    endfor
  else
    for [text, colour] in a:lines
      execute 'echohl' colour
      echomsg 'ptero:' text
      echohl None
    endfor
  endif
endfunction
