" Runs a program beside the editor, by jobs of Vim or of Neovim: without a shell, with a time limit, and so that it can be stopped.

" Starts a program with its arguments, a list. When it has ended, Done is called with a run: a dictionary of `how` ('ended', 'time',
" 'stopped', or 'missing' where there is no such program), `status`, `output` and `errors`.
function! ptero#run#start(words, Done) abort
  let run = {'how': 'ended', 'status': -1, 'output': '', 'errors': '', 'awaited': 2, 'Done': a:Done}
  if !executable(a:words[0])
    let run.how = 'missing'
    call a:Done(run)
    return run
  endif
  if has('nvim')
    let run.awaited = 1
    let run.job = jobstart(a:words, {'stdin': 'null', 'stdout_buffered': 1, 'stderr_buffered': 1,
          \ 'on_stdout': {_, lines, __ -> s:collect(run, 'output', join(lines, "\n"))},
          \ 'on_stderr': {_, lines, __ -> s:collect(run, 'errors', join(lines, "\n"))},
          \ 'on_exit': {_, status, __ -> s:ended(run, status)}})
  else
    " The end of the program and the end of its output come in any order.
    let run.job = job_start(a:words, {'in_io': 'null', 'out_mode': 'raw', 'err_mode': 'raw',
          \ 'out_cb': {_, text -> s:collect(run, 'output', text)},
          \ 'err_cb': {_, text -> s:collect(run, 'errors', text)},
          \ 'close_cb': {_ -> s:ended(run, run.status)},
          \ 'exit_cb': {_, status -> s:ended(run, status)}})
  endif
  let run.timer = timer_start(float2nr(1000 * get(g:, 'ptero_time_limit', 60)), {_ -> s:end(run, 'time')})
  return run
endfunction

function! ptero#run#stop(run) abort
  call s:end(a:run, 'stopped')
endfunction

function! s:collect(run, key, text) abort
  let a:run[a:key] .= a:text
endfunction

function! s:ended(run, status) abort
  let a:run.status = a:status
  let a:run.awaited -= 1
  if a:run.awaited > 0 | return | endif
  call timer_stop(get(a:run, 'timer', -1))
  call timer_stop(get(a:run, 'killer', -1))
  call a:run.Done(a:run)
endfunction

" Asks the program to end; one that does not is killed after two seconds, which Neovim does by itself.
function! s:end(run, why) abort
  if a:run.how !=# 'ended' || a:run.awaited <= 0 | return | endif
  let a:run.how = a:why
  if has('nvim')
    call jobstop(a:run.job)
  else
    call job_stop(a:run.job)
    let a:run.killer = timer_start(2000, {_ -> job_stop(a:run.job, 'kill')})
  endif
endfunction
