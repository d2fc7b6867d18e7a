/* The process of the front: started without a C library, because one takes longer to start than most tests to check (that of
   glibc asks the processor what it is, which a virtual machine makes slow). */
#ifndef PTERO_CFRONT_H
#define PTERO_CFRONT_H

/* An argument of the command line, the program's name being number 0; null behind the last. */
const char *_Nullable front_argument(int number);

/* An environment variable, or null. */
const char *_Nullable front_variable(const char *_Nonnull name);

/* Reads a regular file of at most this many bytes; how many there are, or less than 0. */
long front_read_file(const char *_Nonnull path, void *_Nonnull bytes, long most);

/* Writes all of it; 0, or less where that was not possible. */
int front_write(int descriptor, const void *_Nonnull bytes, long length);

/* Whether a descriptor is a terminal. */
int front_is_terminal(int descriptor);

/* The columns of the terminal that a descriptor is, or 0. */
int front_terminal_width(int descriptor);

/* Makes the process the whole program, ptero-full beside this one, as if it had been started instead. Only where there is none does it come to an end here, with a message and status 2. */
_Noreturn void front_hand_over(void);

/* Ends the process. */
_Noreturn void front_exit(int status);

#endif
