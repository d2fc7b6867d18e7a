" Litmus tests as herdtools7, the kernel's memory model and Ptero read them.
autocmd BufNewFile,BufRead *.litmus setfiletype litmus
