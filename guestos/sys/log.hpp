// The kernel's log: levels of syslog(3), to the message buffer and, down to a
// level, to the console. kern/subr_log.cpp
#pragma once

#include "sys/systm.hpp"

enum class LogLevel { Emerg, Alert, Crit, Err, Warning, Notice, Info, Debug };
using enum LogLevel;

// Messages of this level and more serious ones reach the console as well.
// The boot option `loglevel=N` sets it; default Notice.
extern LogLevel log_console_level;

// One line; the newline is added.
[[gnu::format(printf, 2, 3)]] void log(LogLevel level, const char* fmt, ...);

// Puts characters into the message buffer only.
void log_append(const char* s, size_t len);

// Copies the newest part of the message buffer; returns the bytes copied.
size_t logread(char* buf, size_t size);

// At most one event in `seconds`? `last` keeps the tick of the last one.
// ratecheck(9)
bool ratecheck(u64* last, unsigned seconds);
