/* picolibc's header, which forgets to tell C++ that its functions are C's. */
#include <sys/cdefs.h>

__BEGIN_DECLS
#include_next <fenv.h>
__END_DECLS
