// Checks that the kernel runs on itself: boot option `selftest`.
#pragma once

// Runs all checks, prints `ok` or `FAILED` for each and a last line with the
// numbers. => after boot, from LWP 0
void selftest_run();

// The parts of it; each check is one call.
using selftest_check = void (*)(bool condition, const char* sentence);
void pmap_selftest(selftest_check check); // arch/aarch64/pmap_selftest.cpp
void uvm_selftest(selftest_check check);  // uvm/uvm_selftest.cpp
