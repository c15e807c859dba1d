/* picolibc's header, which some of its versions let stand on <stddef.h>.
 * NetBSD: include/regex.h. */
#ifndef _GUEST_REGEX_H
#define _GUEST_REGEX_H

#include <sys/types.h>

#include_next <regex.h>

#endif
