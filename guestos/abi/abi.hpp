// What every header of this folder needs: integer types, and the namespace
// that keeps the structures apart from a C++ host's own. A C compiler sees
// plain structures and enumerators, so that the guest's C library can include
// these headers as they are.
#pragma once

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
#define ABI_BEGIN namespace abi {
#define ABI_END }
#define ABI_STRUCT(name) abi::name
#define ABI_SIZE(type, bytes) static_assert(sizeof(type) == (bytes))
#else
#define ABI_BEGIN
#define ABI_END
#define ABI_STRUCT(name) struct name
#define ABI_SIZE(type, bytes) _Static_assert(sizeof(type) == (bytes), #type)
#endif
