// The fake machine's parts that are not memory management: console, panic,
// probes.

#include "host/host.hpp"

#include "host/host_physmem.hpp"
#include "machine/cpu.hpp"
#include "machine/sdt.hpp"
#include "sys/log.hpp"
#include "sys/proc.hpp"
#include "sys/systm.hpp"

cpu_info cpu_info_store[MAXCPUS];
unsigned ncpu = 1;
bool cold = false;
bootinfo boot;
const char* panicstr;
LogLevel log_console_level = Notice;

namespace {

std::string console_text;
std::vector<abi::ProbeRecord> probes;
std::function<void(const abi::ProbeRecord&)> probe_watcher;

} // namespace

namespace host {

const std::string& console() {
    return console_text;
}

std::vector<abi::ProbeRecord> take_probes() {
    return std::exchange(probes, {});
}

void watch_probes(std::function<void(const abi::ProbeRecord&)> watcher) {
    probe_watcher = std::move(watcher);
}

unsigned count_probes(abi::ProbeId id) {
    unsigned n = 0;
    for (const abi::ProbeRecord& record : probes) {
        n += record.id == static_cast<u32>(id);
    }
    return n;
}

Kernel::Kernel(unsigned frames) {
    console_text.clear();
    probes.clear();
    cpu_info* ci = curcpu();
    ci->ci_cpl = IPL_NONE;
    ci->ci_want_resched = 0;
    ci->ci_curlwp = &lwp0;
    ci->ci_pmap = nullptr;
    lwp0.l_proc = &proc0;
    lwp0.l_cpu = ci;
    proc0.p_vmspace = &vmspace0;
    physmem_start(frames);
}

Kernel::~Kernel() {
    physmem_stop();
}

} // namespace host

// There is no command line.
bool boot_option(const char*, const char**) {
    return false;
}

cpu_intr_state* curcpu_intr() {
    return curcpu();
}

void sdt_doorbell(const abi::ProbeRecord* record) {
    probes.push_back(*record);
    if (probe_watcher) {
        probe_watcher(*record);
    }
}

// --- console ---------------------------------------------------------------------------

static std::string format(const char* fmt, va_list ap) {
    char line[1024];
    kvsnprintf(line, sizeof(line), fmt, ap);
    return line;
}

void kvprintf(const char* fmt, va_list ap) {
    console_text += format(fmt, ap);
}

void kprintf(const char* fmt, ...) {
    va_list ap;
    va_start(ap, fmt);
    kvprintf(fmt, ap);
    va_end(ap);
}

void log(LogLevel, const char* fmt, ...) {
    va_list ap;
    va_start(ap, fmt);
    kvprintf(fmt, ap);
    va_end(ap);
    console_text += '\n';
}

void vpanic(const char* fmt, va_list ap) {
    throw host::Panic(format(fmt, ap));
}

void panic(const char* fmt, ...) {
    va_list ap;
    va_start(ap, fmt);
    vpanic(fmt, ap);
}

void kern_assert_failed(const std::source_location& where) {
    panic("assertion failed: %s:%u, %s", where.file_name(), where.line(), where.function_name());
}
