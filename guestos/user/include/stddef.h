/* The compiler's stddef.h treats __NetBSD__ as a promise that NetBSD's own
 * machine/ansi.h defines size_t; here the compiler defines it. May be included
 * many times, so there is no guard. */
#pragma push_macro("__NetBSD__")
#undef __NetBSD__
#include_next <stddef.h>
#pragma pop_macro("__NetBSD__")
