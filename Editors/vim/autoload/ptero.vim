" Asks Ptero about a litmus test: :PteroCheck, :PteroPicture, :PteroExplore. See doc/ptero.txt.

" Checks the file of a buffer. What was asked before is ended.
function! ptero#check(buffer) abort
  call ptero#forget(a:buffer)
  let asked = {'tick': getbufvar(a:buffer, 'changedtick')}
  call setbufvar(a:buffer, 'ptero_asked', asked)
  let words = s:words(['check', '--format', 'json']) + s:file(a:buffer)
  let asked.run = ptero#run#start(words, {run -> s:take(a:buffer, asked, run)})
endfunction

" Ends what runs for a buffer, and takes away what is shown.
function! ptero#forget(buffer) abort
  let asked = getbufvar(a:buffer, 'ptero_asked', {})
  if empty(asked) | return | endif
  call setbufvar(a:buffer, 'ptero_asked', {})
  if has_key(asked, 'run') | call ptero#run#stop(asked.run) | endif
  call ptero#show#nothing(a:buffer)
endfunction

" Called after each change: an answer is about one text. Writing a file counts as a change, too, for Vim.
function! ptero#changed(buffer) abort
  let asked = getbufvar(a:buffer, 'ptero_asked', {})
  if !empty(asked) && asked.tick != getbufvar(a:buffer, 'changedtick') | call ptero#forget(a:buffer) | endif
endfunction

function! s:take(buffer, asked, run) abort
  if !bufloaded(a:buffer) || getbufvar(a:buffer, 'ptero_asked', {}) isnot a:asked | return | endif
  call ptero#changed(a:buffer)
  if empty(getbufvar(a:buffer, 'ptero_asked')) || a:run.how ==# 'stopped' | return | endif
  let answer = a:run.how ==# 'ended' ? ptero#answer#read(a:run.output) : {}
  if empty(answer)
    call ptero#show#failure(a:buffer, s:failure(a:run))
  else
    call ptero#show#answer(a:buffer, answer)
  endif
endfunction

" Opens the picture of the test's runs in a browser.
function! ptero#picture(buffer) abort
  let page = tempname() . '.html'
  call ptero#run#start(s:words(['check', '--html', page]) + s:file(a:buffer), {run -> s:open(page, run)})
endfunction

" Opens a page in a browser on which the test is taken step by step.
function! ptero#explore(buffer) abort
  let page = tempname() . '.html'
  let words = [s:program(), 'explore', '--output', page] + s:compiler_arguments() + s:file(a:buffer)
  call ptero#run#start(words, {run -> s:open(page, run)})
endfunction

" Runs a function of this file on the buffer's file, which has its text then.
function! ptero#command(name) abort
  if &buftype !=# '' || expand('%') ==# ''
    echohl WarningMsg | echomsg 'ptero: write the test to a file first' | echohl None
    return
  endif
  update
  call ptero#{a:name}(bufnr('%'))
endfunction

function! s:program() abort
  let program = get(g:, 'ptero_path', 'ptero')
  return program =~# '^\~/' ? fnamemodify(program, ':p') : program
endfunction

function! s:words(words) abort
  return [s:program()] + a:words + get(g:, 'ptero_arguments', [])
endfunction

" Of g:ptero_arguments those that say how a test in C or Swift is compiled: `ptero explore` has no others.
function! s:compiler_arguments() abort
  let names = ['--kernel-tree', '--kernel-source', '--clang', '--cflags', '--swift', '--swiftc', '--swiftflags']
  let words = get(g:, 'ptero_arguments', [])
  let own = []
  for at in range(len(words))
    if index(names, words[at]) >= 0
      let own += words[at : at + 1]
    elseif index(names, split(words[at] . ' ', '=')[0]) >= 0 && words[at] =~# '='
      let own += [words[at]]
    endif
  endfor
  return own
endfunction

" A name that begins with a dash is none of an option: the path is whole, and comes after `--`.
function! s:file(buffer) abort
  return ['--', fnamemodify(bufname(a:buffer), ':p')]
endfunction

" Opens a page where it was made, else says why it was not.
function! s:open(page, run) abort
  let browser = get(g:, 'ptero_browser', has('mac') ? ['open'] : has('win32') ? ['explorer'] : ['xdg-open'])
  if !filereadable(a:page)
    let words = s:failure(a:run)
  elseif executable(browser[0])
    call ptero#run#start(browser + [a:page], {run -> 0})
    return
  else
    let words = 'there is no ' . browser[0] . ' (g:ptero_browser) to show ' . a:page
  endif
  echohl WarningMsg | echomsg 'ptero:' words | echohl None
endfunction

" Why there is no answer, and what to do.
function! s:failure(run) abort
  if a:run.how ==# 'missing'
    return 'Ptero was not found: there is no program ' . s:program() . '. Install it, or set g:ptero_path.'
  elseif a:run.how ==# 'time'
    return 'Ptero was stopped after ' . string(get(g:, 'ptero_time_limit', 60)) . ' s, without a verdict (g:ptero_time_limit).'
  endif
  let said = get(filter(split(a:run.errors, "\n"), {_, line -> line =~# '\S'}), 0, '')
  return 'Ptero gave no answer that can be read (exit status ' . a:run.status . ')' . (said ==# '' ? '' : ': ' . said)
endfunction
