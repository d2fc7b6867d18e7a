if exists('b:did_ftplugin')
  finish
endif
let b:did_ftplugin = 1

setlocal commentstring=(*\ %s\ *)
setlocal comments=s1:(*,mb:*,ex:*)
let b:undo_ftplugin = 'setlocal commentstring< comments<'

" What asks Ptero needs jobs.
if !has('nvim') && !has('job')
  finish
endif

command! -buffer -bar PteroCheck call ptero#command('check')
command! -buffer -bar PteroPicture call ptero#command('picture')
command! -buffer -bar PteroExplore call ptero#command('explore')
augroup ptero
  autocmd! * <buffer>
  autocmd TextChanged,TextChangedI,TextChangedP <buffer> call ptero#changed(str2nr(expand('<abuf>')))
  autocmd BufUnload <buffer> call ptero#forget(str2nr(expand('<abuf>')))
  autocmd BufWritePost <buffer> if get(g:, 'ptero_check_on_save') | call ptero#check(str2nr(expand('<abuf>'))) | endif
augroup END
let b:undo_ftplugin .= ' | delcommand PteroCheck | delcommand PteroPicture | delcommand PteroExplore | autocmd! ptero * <buffer>'
