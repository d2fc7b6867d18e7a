" Tests of the files for Vim and Neovim, in either of them, with a real Ptero:
"
"     PTERO=.build/release/ptero vim -Nu NONE -n -i NONE --not-a-term -S Tests/Editors/editor.vim
"     PTERO=.build/release/ptero nvim --clean --headless -n -S Tests/Editors/editor.vim
"
" What fails is written to the file that $PTERO_ERRORS names; the exit status is 1 then. After it comes a line of what was tested.

set nomore shortmess+=IWA lines=24 columns=100 hidden
let s:here = expand('<sfile>:p:h')
execute 'set runtimepath^=' . fnameescape(fnamemodify(s:here . '/../../Editors/vim', ':p'))
filetype off
filetype plugin on
syntax on

let s:folder = tempname()
call mkdir(s:folder)
let s:text = ['X86_64 a', '(* Result: Never *)', '{', '  [PTE(x)] = (oa:PA(x), rw:1, d:0);', '}', ' P0          ;', ' movl $1,(x) ;',
      \ 'exists (written(x))']
let s:fake = s:here . '/fake-ptero.cjs'
let $FAKE_LOG = s:folder . '/log'

function! s:open(name, lines) abort
  call writefile(a:lines, s:folder . '/' . a:name)
  execute 'edit' fnameescape(s:folder . '/' . a:name)
endfunction

function! s:calls() abort
  return map(filereadable($FAKE_LOG) ? readfile($FAKE_LOG) : [], {_, line -> json_decode(line)})
endfunction

" What stands on the screen below the line with the test's name.
function! s:shown() abort
  redraw!
  return map(range(2, 8), {_, row -> substitute(join(map(range(1, 90), {_, column -> screenstring(row, column)}), ''), '\s*$', '', '')})
endfunction

function! s:until(what, Condition) abort
  for _ in range(1500)
    if a:Condition() | return | endif
    sleep 10m
  endfor
  call add(v:errors, 'waited 15 s, and still not: ' . a:what)
endfunction

function! s:signs() abort
  return map(sign_getplaced('%', {'group': 'ptero'})[0].signs, {_, sign -> [sign.name, sign.lnum]})
endfunction

function! s:list() abort
  return map(getloclist(0), {_, item -> [bufname(item.bufnr) ==# bufname('%'), item.lnum, item.col, item.type, item.text]})
endfunction

" A comment ends on its line, whatever it says.
function! Test_what_follows_a_result_is_no_comment() abort
  call s:open('colours.litmus', s:text)
  let names = map([[2, 1], [2, 4], [2, 12], [2, 18], [4, 4], [7, 8]], {_, place -> synIDattr(synID(place[0], place[1], 1), 'name')})
  call assert_equal(['litmusComment', 'litmusResult', 'litmusVerdict', 'litmusComment', 'litmusMemory', 'litmusImmediate'], names)
endfunction

" An error is marked at its line and column, in bytes, with its remedy.
function! Test_an_error_has_its_place() abort
  call s:open('error.litmus', extend(copy(s:text[:5]), [' (* äß *) foo $1 ;', 'exists (true)']))
  PteroCheck
  call s:until('a sign', {-> !empty(s:signs())})
  call assert_equal([['PteroError', 7]], s:signs())
  call assert_equal([[1, 7, 13, 'E']], map(s:list(), {_, item -> item[:3]}))
  call assert_match('foo.*; remedy: ', s:list()[0][4])
  call assert_equal('foo', getline(7)[s:list()[0][2] - 1:][:2])
endfunction

" A verdict that is not expected is marked where that is said, and told below the name.
function! Test_a_wrong_expectation_is_told() abort
  call s:open('expectation.litmus', s:text)
  let g:ptero_arguments = ['--profile', 'cet,late']
  let g:ptero_check_on_save = 1
  write
  call s:until('a sign', {-> !empty(s:signs())})
  call assert_equal([['PteroWarning', 2]], s:signs())
  call assert_equal([[1, 2, 1, 'W', 'Always on cet late, not Never']], s:list())
  call assert_match('^ *Always on cet late, not Never$', s:shown()[0])
  call assert_equal('ptero', getloclist(0, {'title': 1}).title)
  " The next edit takes it away.
  call append('$', '')
  doautocmd TextChanged
  call assert_equal([], s:signs())
  call assert_notmatch('Always', join(s:shown()))
  call assert_equal('ptero, before the last change', getloclist(0, {'title': 1}).title)
  " What is right is told, too, and empties the list.
  call setline(2, '(* Result: Always *)')
  write
  call s:until('the verdict', {-> s:shown()[0] =~# 'Always on cet late$'})
  call assert_equal([], s:signs())
  call assert_equal([], s:list())
endfunction

" An answer about an old text is not shown, and what was to give it is ended.
function! Test_an_old_answer_is_not_shown() abort
  let g:ptero_path = s:fake
  let $FAKE_PTERO = json_encode({'output': '{"schema": 1, "test": "a", "profile": "cet", "observation": "Never", "expected": null, "asExpected": null}',
        \ 'milliseconds': 300})
  call s:open('old.litmus', s:text)
  PteroCheck
  call s:until('a run', {-> !empty(s:calls())})
  call append('$', '')
  doautocmd TextChanged
  call s:until('its end', {-> len(filter(s:calls(), {_, call -> has_key(call, 'asked')})) == 1})
  sleep 500m
  call assert_notmatch('Never on', join(s:shown()))
  PteroCheck
  call s:until('the verdict', {-> s:shown()[0] =~# 'Never on cet$'})
  call assert_equal(['check', '--format', 'json', '--', s:folder . '/old.litmus'],
        \ filter(s:calls(), {_, call -> has_key(call, 'words')})[-1].words)
endfunction

" Of several conditions each is told by its name, and marked at its own comment; what may be a slip is told once.
function! Test_conditions_have_their_comments() abort
  let g:ptero_path = s:fake
  let slip = {'line': 3, 'message': 'a slip?', 'remedy': v:null}
  let record = {'schema': 1, 'profile': 'cet', 'observation': 'Never', 'warnings': [slip]}
  let records = [extend(copy(record), {'test': 'a:kept', 'expected': 'Never', 'asExpected': v:true, 'empty': [{'text': 'little'}]}),
        \ extend(copy(record), {'test': 'a:lost', 'expected': 'Always', 'asExpected': v:false}),
        \ extend(copy(record), {'test': 'a:free', 'expected': v:null, 'asExpected': v:null, 'observation': 'Inconclusive'})]
  let $FAKE_PTERO = json_encode({'output': join(map(records, {_, one -> json_encode(one)}), "\n")})
  call s:open('conditions.litmus', ['X86_64 a', '(* Result: Never', ' * Result lost: Always *)'] + s:text[2:])
  PteroCheck
  call s:until('signs', {-> !empty(s:signs())})
  call assert_equal([['PteroWarning', 2], ['PteroWarning', 3]], sort(s:signs()))
  call assert_equal([[3, 'I', 'a slip?'], [3, 'W', 'lost: Never on cet, not Always'], [2, 'W', 'free: Inconclusive on cet']],
        \ map(s:list(), {_, item -> [item[1], item[3], item[4]]}))
  call assert_equal(['lost: Never on cet, not Always', 'free: Inconclusive on cet', 'kept: Never on cet*'],
        \ map(s:shown()[:2], {_, line -> trim(line)}))
endfunction

" A program that does not end is killed; one that is not there is told.
function! Test_what_goes_wrong_is_told() abort
  let g:ptero_path = s:fake
  let g:ptero_time_limit = 0.5
  let $FAKE_PTERO = json_encode({'stubborn': v:true, 'milliseconds': 60000})
  call s:open('slow.litmus', s:text)
  PteroCheck
  call s:until('the time limit', {-> s:shown()[0] =~# 'stopped after 0.5 s, without a verdict (g:ptero_time_limit)'})
  let g:ptero_path = 'no-such-ptero'
  PteroCheck
  call s:until('a word', {-> s:shown()[0] =~# 'Ptero was not found: there is no program no-such-ptero. Install it, or set'})
  let g:ptero_path = s:fake
  let $FAKE_PTERO = json_encode({'output': 'x', 'errors': 'a defect', 'status': 70})
  PteroCheck
  call s:until('a word', {-> s:shown()[0] =~# 'no answer that can be read (exit status 70): a defect'})
endfunction

" The file's name is handed over as it is.
function! Test_names_are_no_commands() abort
  let g:ptero_path = s:fake
  let $FAKE_PTERO = json_encode({})
  let name = "-a $(touch x) `touch y` \"q\" 'r' ; touch z & .litmus"
  call s:open(name, s:text)
  PteroCheck
  call s:until('a word', {-> s:shown()[0] =~# 'no answer'})
  call assert_equal(s:folder . '/' . name, s:calls()[-1].words[-1])
endfunction

" The picture goes to the browser.
function! Test_the_picture_is_opened() abort
  let g:ptero_browser = ['cp', '-t', s:folder]
  call s:open('picture.litmus', s:text)
  PteroPicture
  call s:until('a page', {-> !empty(glob(s:folder . '/*.html'))})
  call assert_match('<!DOCTYPE html>', get(readfile(glob(s:folder . '/*.html')), 0, ''))
endfunction

" The explorer takes of the arguments those that say how a test is compiled.
function! Test_the_explorer_is_told_how_to_compile() abort
  let g:ptero_path = s:fake
  call mkdir(s:folder . '/explored')
  let g:ptero_browser = ['cp', '-t', s:folder . '/explored']
  let $FAKE_PTERO = json_encode({'page': 'x'})
  let g:ptero_arguments = ['--profile', 'cet', '--kernel-tree', 'a tree', '--cflags=-O1', '--reference']
  call s:open('explore.litmus', s:text)
  PteroExplore
  call s:until('a page', {-> !empty(glob(s:folder . '/explored/*.html'))})
  let words = s:calls()[0].words
  call assert_equal(['explore', '--output'], words[:1])
  call assert_equal(['--kernel-tree', 'a tree', '--cflags=-O1', '--', s:folder . '/explore.litmus'], words[3:])
endfunction

" :make fills the quickfix list by the lines for GitHub.
function! Test_make_fills_the_list() abort
  let faulty = extend(copy(s:text[:5]), [' foo $1 ;', 'exists (true)'])
  let cases = [['make error.litmus', faulty, [7, 2, 'e']], ['empty.litmus', [], [1, 1, 'e']], ['make.litmus', s:text, [8, 1, 'e']]]
  for [name, text, expected] in cases
    call s:open(name, text)
    compiler ptero
    let &l:makeprg = substitute(&makeprg, '^ptero', shellescape($PTERO), '')
    silent make!
    let found = filter(getqflist(), {_, item -> item.valid})
    call assert_equal([expected], map(copy(found), {_, item -> [item.lnum, item.col, item.type]}), name)
    call assert_equal(bufname('%'), bufname(get(found, 0, {'bufnr': -1}).bufnr))
  endfor
endfunction

let s:tests = sort(map(split(execute('function /^Test_'), "\n"), {_, line -> matchstr(line, 'Test_\w*')}))
let s:failed = []
for s:test in s:tests
  let g:ptero_path = fnamemodify($PTERO, ':p')
  let g:ptero_arguments = []
  let g:ptero_time_limit = 60
  let g:ptero_check_on_save = 0
  call delete($FAKE_LOG)
  let v:errors = []
  try
    call {s:test}()
  catch
    call add(v:errors, v:exception . ' at ' . v:throwpoint)
  endtry
  let s:failed += map(copy(v:errors), {_, error -> s:test . ': ' . error})
endfor
call delete(s:folder, 'rf')
call writefile(s:failed + [len(s:tests) . ' tests'], $PTERO_ERRORS)
if empty(s:failed) && len(s:tests) == 10
  qall!
endif
cquit!
