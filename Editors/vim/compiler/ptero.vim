" :compiler ptero, :make -- checks the current file; errors, and verdicts that are not expected, go to the quickfix list.

if exists('current_compiler')
  finish
endif
let current_compiler = 'ptero'

" The format for GitHub has a line for each, with its place; what Ptero writes for people is passed over.
CompilerSet makeprg=ptero\ check\ --format\ github\ $*\ --\ %:p:S
CompilerSet errorformat=::%trror\ file=%f\\,line=%l\\,col=%c\\,%*[^:]::%m,::%tarning\ file=%f\\,line=%l\\,col=%c\\,%*[^:]::%m,%-G%.%#
