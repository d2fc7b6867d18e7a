" :compiler ptero, :make -- checks the current file; errors, and verdicts that are not expected, go to the quickfix list.

if exists('current_compiler')
  finish
endif
let current_compiler = 'ptero'

" Errors are taken from the lines for people; verdicts, which have no place there, from those for GitHub, which repeat the errors.
CompilerSet makeprg=ptero\ check\ --format\ github\ $*\ --\ %:p:S
CompilerSet errorformat=%-G::%.%#title=ptero::%.%#,
      \::%trror\ file=%f\\,line=%l\\,col=%c\\,%*[^:]::%m,::%tarning\ file=%f\\,line=%l\\,col=%c\\,%*[^:]::%m,
      \%f:%l:%c:\ %trror:\ %m,%f:\ %trror:\ %m,%-G%.%#
