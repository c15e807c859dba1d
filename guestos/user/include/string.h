/* picolibc's header, and what its library has but it declares for GNU only.
 * NetBSD: include/string.h. */
#ifndef _GUEST_STRING_H
#define _GUEST_STRING_H

#include_next <string.h>

#include <sys/cdefs.h>

__BEGIN_DECLS
void *memmem(const void *, size_t, const void *, size_t);
void *memrchr(const void *, int, size_t);
char *strcasestr(const char *, const char *);
char *strchrnul(const char *, int);
__END_DECLS

#endif
