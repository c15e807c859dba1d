// How a check says that something is not as expected: the frames of the row tests
// (rows.h) and of the long-running ones (soak.h) print what came instead.
#ifndef EXPECT_H_
#define EXPECT_H_

#include <stdbool.h>
#include <stdio.h>

static char expect_came[160]; // what came instead

// In a check: returns false, with what came, unless the condition holds.
#define EXPECT(condition, ...)                                                                     \
    do {                                                                                           \
        if (!(condition)) {                                                                        \
            snprintf(expect_came, sizeof(expect_came), __VA_ARGS__);                               \
            return false;                                                                          \
        }                                                                                          \
    } while (0)
// The same for integers, which are printed.
#define EXPECT_EQ(came, expected)                                                                  \
    do {                                                                                           \
        long came_ = (long)(came), expected_ = (long)(expected);                                   \
        EXPECT(came_ == expected_, "line %d: %s is %ld, not %ld", __LINE__, #came, came_,          \
               expected_);                                                                         \
    } while (0)

#endif
