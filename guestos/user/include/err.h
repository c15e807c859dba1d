/* err(3). */
#ifndef _ERR_H_
#define _ERR_H_

#include <sys/cdefs.h>

__BEGIN_DECLS
void err(int, const char *, ...) __attribute__((__noreturn__, __format__(__printf__, 2, 3)));
void errx(int, const char *, ...) __attribute__((__noreturn__, __format__(__printf__, 2, 3)));
void warn(const char *, ...) __attribute__((__format__(__printf__, 1, 2)));
void warnx(const char *, ...) __attribute__((__format__(__printf__, 1, 2)));
const char *getprogname(void);
void setprogname(const char *);
__END_DECLS

#endif
