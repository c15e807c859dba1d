/* err(3). */
#ifndef _ERR_H_
#define _ERR_H_

#include <stdarg.h>
#include <sys/cdefs.h>

__BEGIN_DECLS
void err(int, const char *, ...) __dead __printflike(2, 3);
void errc(int, int, const char *, ...) __dead __printflike(3, 4);
void errx(int, const char *, ...) __dead __printflike(2, 3);
void verr(int, const char *, va_list) __dead __printflike(2, 0);
void verrc(int, int, const char *, va_list) __dead __printflike(3, 0);
void verrx(int, const char *, va_list) __dead __printflike(2, 0);
void warn(const char *, ...) __printflike(1, 2);
void warnc(int, const char *, ...) __printflike(2, 3);
void warnx(const char *, ...) __printflike(1, 2);
void vwarn(const char *, va_list) __printflike(1, 0);
void vwarnc(int, const char *, va_list) __printflike(2, 0);
void vwarnx(const char *, va_list) __printflike(1, 0);
__END_DECLS

#endif
