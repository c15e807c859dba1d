// Formatted output to the console and the message buffer; panic.

#include "dev/cons.hpp"
#include "sys/log.hpp"
#include "sys/mutex.hpp"
#include "sys/param.hpp"
#include "sys/sdt.hpp"
#include "sys/systm.hpp"

const char* panicstr;

void kvprintf(const char* fmt, va_list ap) {
    char line[256];
    const int n = kvsnprintf(line, sizeof(line), fmt, ap);
    const size_t len = min(static_cast<size_t>(n), sizeof(line) - 1);
    log_append(line, len);
    cnwrite(line, len);
}

void kprintf(const char* fmt, ...) {
    va_list ap;
    va_start(ap, fmt);
    kvprintf(fmt, ap);
    va_end(ap);
}

namespace {

// The Panic probe carries the first 48 bytes of the message.
void probe_panic(const char* message) {
    u64 word[abi::kProbeMaxArgs];
    for (unsigned i = 0; i < abi::kProbeMaxArgs; ++i) {
        word[i] = sdt_string_arg(message, i);
    }
    sdt_probe(abi::ProbeId::Panic, word[0], word[1], word[2], word[3], word[4], word[5]);
}

} // namespace

void vpanic(const char* fmt, va_list ap) {
    static char message[192];

    (void)splhigh();
    if (panicstr != nullptr) {
        cpu_reboot(RebootHow::PowerOff); // a panic while panicking
    }
    kvsnprintf(message, sizeof(message), fmt, ap);
    panicstr = message;
    kprintf("panic: %s\n", message);
    probe_panic(message);
    cpu_backtrace();
    cpu_reboot(RebootHow::PowerOff);
}

void panic(const char* fmt, ...) {
    va_list ap;
    va_start(ap, fmt);
    vpanic(fmt, ap);
}

void kern_assert_failed(const std::source_location& where) {
    panic("assertion failed: %s:%u, %s", where.file_name(), where.line(), where.function_name());
}

u64 sdt_string_arg(const char* s, unsigned word) {
    const size_t len = strlen(s);
    const size_t from = word * sizeof(u64);
    u64 value = 0;
    if (from < len) {
        memcpy(&value, s + from, min(len - from, sizeof(u64)));
    }
    return value;
}
