// What the C++ compiler calls without being asked: operators new and delete, by
// their mangled names, and the answer to a call of a pure virtual function.
#include <stdio.h>
#include <stdlib.h>

void *_Znwm(size_t size) {
    void *memory = malloc(size ? size : 1);
    if (!memory) {
        fputs("operator new: out of memory\n", stderr);
        abort();
    }
    return memory;
}

void *_Znam(size_t size) {
    return _Znwm(size);
}

void _ZdlPv(void *memory) {
    free(memory);
}

void _ZdaPv(void *memory) {
    free(memory);
}

void _ZdlPvm(void *memory, size_t size) {
    (void)size;
    free(memory);
}

void _ZdaPvm(void *memory, size_t size) {
    (void)size;
    free(memory);
}

void __cxa_pure_virtual(void) {
    fputs("pure virtual function called\n", stderr);
    abort();
}
