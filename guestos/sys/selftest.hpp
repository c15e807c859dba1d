// Checks that the kernel runs on itself: boot option `selftest`.
#pragma once

// Runs all checks, prints `ok` or `FAILED` for each and a last line with the
// numbers. => after boot, from LWP 0
void selftest_run();
