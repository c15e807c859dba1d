/* Exit statuses by convention. sysexits(3). NetBSD: include/sysexits.h. */
#ifndef _SYSEXITS_H_
#define _SYSEXITS_H_

#define EX_OK 0
#define EX__BASE 64
#define EX_USAGE 64       /* wrong arguments */
#define EX_DATAERR 65     /* wrong input */
#define EX_NOINPUT 66     /* an input file can't be read */
#define EX_NOUSER 67      /* no such user */
#define EX_NOHOST 68      /* no such host */
#define EX_UNAVAILABLE 69 /* a service is missing */
#define EX_SOFTWARE 70    /* the program is wrong */
#define EX_OSERR 71       /* the system failed, as when it can't fork */
#define EX_OSFILE 72      /* a file of the system is missing or wrong */
#define EX_CANTCREAT 73   /* an output file can't be made */
#define EX_IOERR 74       /* reading or writing failed */
#define EX_TEMPFAIL 75    /* may work if tried again */
#define EX_PROTOCOL 76    /* the other side said what it must not */
#define EX_NOPERM 77      /* not allowed */
#define EX_CONFIG 78      /* wrong configuration */
#define EX__MAX 78

#endif
