/* picolibc's header, and what NetBSD's has besides. NetBSD: include/stdlib.h. */
#ifndef _GUEST_STDLIB_H
#define _GUEST_STDLIB_H

#include_next <stdlib.h>

#include <sys/types.h>

__BEGIN_DECLS
int daemon(int, int);
const char *getprogname(void);
void setprogname(const char *);
int mkostemp(char *, int);
int mkostemps(char *, int, int);
int reallocarr(void *, size_t, size_t);
long long strtonum(const char *__restrict, long long, long long, const char **__restrict);
__END_DECLS

#endif
