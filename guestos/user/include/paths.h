/* Where things are. NetBSD: include/paths.h. */
#ifndef _PATHS_H_
#define _PATHS_H_

#define _PATH_DEFPATH "/bin:/sbin"
#define _PATH_STDPATH "/bin:/sbin"
#define _PATH_BSHELL "/bin/sh"
#define _PATH_CONSOLE "/dev/console"
#define _PATH_DEV "/dev/"
#define _PATH_DEVNULL "/dev/null"
#define _PATH_DEVZERO "/dev/zero"
#define _PATH_TTY "/dev/tty"
#define _PATH_TMP "/tmp/"

#endif
