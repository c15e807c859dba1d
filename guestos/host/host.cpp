// The fake machine's parts that are not memory management: console, panic,
// probes, locks, the running process.

#include "host/host.hpp"

#include "host/host_physmem.hpp"
#include "machine/cpu.hpp"
#include "machine/sdt.hpp"
#include "sys/condvar.hpp"
#include "sys/log.hpp"
#include "sys/proc.hpp"
#include "sys/rwlock.hpp"
#include "sys/systm.hpp"
#include "sys/uio.hpp"

cpu_info cpu_info_store[MAXCPUS];
unsigned ncpu = 1;
bool cold = false;
bootinfo boot;
const char* panicstr;
LogLevel log_console_level = Notice;
lwp lwp0;
proc proc0;

namespace {

std::string console_text;
std::vector<abi::ProbeRecord> probes;

} // namespace

namespace host {

const std::string& console() { return console_text; }

std::vector<abi::ProbeRecord> take_probes() { return std::exchange(probes, {}); }

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
    ci->ci_curlwp = &lwp0;
    ci->ci_pmap = nullptr;
    lwp0.l_proc = &proc0;
    lwp0.l_cpu = ci;
    proc0.p_vmspace = &vmspace0;
    physmem_start(frames);
}

Kernel::~Kernel() { physmem_stop(); }

} // namespace host

cpu_intr_state* curcpu_intr() { return curcpu(); }

void cpu_signotify(lwp* l) { l->l_md.md_astpending = 1; }

void sdt_doorbell(const abi::ProbeRecord* record) { probes.push_back(*record); }

// --- console ---------------------------------------------------------------------------

static std::string format(const char* fmt, va_list ap) {
    char line[1024];
    std::vsnprintf(line, sizeof(line), fmt, ap);
    return line;
}

void kvprintf(const char* fmt, va_list ap) { console_text += format(fmt, ap); }

void kprintf(const char* fmt, ...) {
    va_list ap;
    va_start(ap, fmt);
    kvprintf(fmt, ap);
    va_end(ap);
}

int kvsnprintf(char* buf, size_t size, const char* fmt, va_list ap) {
    return std::vsnprintf(buf, size, fmt, ap);
}

int ksnprintf(char* buf, size_t size, const char* fmt, ...) {
    va_list ap;
    va_start(ap, fmt);
    const int n = kvsnprintf(buf, size, fmt, ap);
    va_end(ap);
    return n;
}

void log(LogLevel, const char* fmt, ...) {
    va_list ap;
    va_start(ap, fmt);
    kvprintf(fmt, ap);
    va_end(ap);
    console_text += '\n';
}

void vpanic(const char* fmt, va_list ap) { throw host::Panic(format(fmt, ap)); }

void panic(const char* fmt, ...) {
    va_list ap;
    va_start(ap, fmt);
    vpanic(fmt, ap);
}

void kern_assert_failed(const std::source_location& where) {
    panic("assertion failed: %s:%u, %s", where.file_name(), where.line(), where.function_name());
}

// --- locks: one thread, so that a lock is either free or a mistake -----------------------

void mutex_init(kmutex_t* mtx, kmutex_type_t, ipl_t ipl) {
    mtx->mtx_owner = 0;
    mtx->mtx_ipl = ipl;
}

void mutex_destroy(kmutex_t* mtx) { KASSERT(mtx->mtx_owner == 0); }

void mutex_enter(kmutex_t* mtx) {
    KASSERT(mtx->mtx_owner == 0);
    mtx->mtx_owner = 1;
}

void mutex_exit(kmutex_t* mtx) {
    KASSERT(mtx->mtx_owner == 1);
    mtx->mtx_owner = 0;
}

void mutex_spin_enter(kmutex_t* mtx) { mutex_enter(mtx); }
void mutex_spin_exit(kmutex_t* mtx) { mutex_exit(mtx); }
bool mutex_owned(const kmutex_t* mtx) { return mtx->mtx_owner != 0; }

bool mutex_tryenter(kmutex_t* mtx) {
    if (mtx->mtx_owner != 0) {
        return false;
    }
    mtx->mtx_owner = 1;
    return true;
}

namespace {

struct counted_mutex {
    kmutex_t mutex; // first
    unsigned references;
};

counted_mutex* counted(kmutex_t* mtx) { return reinterpret_cast<counted_mutex*>(mtx); }

} // namespace

kmutex_t* mutex_obj_alloc(kmutex_type_t type, ipl_t ipl) {
    auto* m = new counted_mutex{};
    m->references = 1;
    mutex_init(&m->mutex, type, ipl);
    return &m->mutex;
}

void mutex_obj_hold(kmutex_t* mtx) { ++counted(mtx)->references; }

bool mutex_obj_free(kmutex_t* mtx) {
    if (--counted(mtx)->references > 0) {
        return false;
    }
    mutex_destroy(mtx);
    delete counted(mtx);
    return true;
}

void rw_init(krwlock_t* rw) { rw->rw_owner = 0; }
void rw_destroy(krwlock_t* rw) { KASSERT(rw->rw_owner == 0); }

void rw_enter(krwlock_t* rw, krw_t op) {
    KASSERT(op == RW_READER ? (rw->rw_owner & RW_WRITE_LOCKED) == 0 : rw->rw_owner == 0);
    rw->rw_owner = op == RW_WRITER ? RW_WRITE_LOCKED : rw->rw_owner + RW_READ_INCR;
}

void rw_exit(krwlock_t* rw) {
    KASSERT(rw->rw_owner != 0);
    rw->rw_owner = (rw->rw_owner & RW_WRITE_LOCKED) != 0 ? 0 : rw->rw_owner - RW_READ_INCR;
}

void cv_init(kcondvar_t*, const char*) {}
void cv_broadcast(kcondvar_t*) {}

// Nobody will free anything while the only thread waits.
Errno cv_timedwait(kcondvar_t*, kmutex_t*, int) { panic("waits for ever"); }

// --- user space -----------------------------------------------------------------------------

Errno uiomove(void* buf, size_t n, uio* uio) {
    auto* p = static_cast<u8*>(buf);
    while (n > 0 && uio->uio_resid > 0) {
        abi::iovec* iov = uio->uio_iov;
        const size_t len = std::min(n, iov->iov_len);
        if (uio->uio_rw_ == UIO_READ) {
            memcpy(iov->iov_base, p, len);
        } else {
            memcpy(p, iov->iov_base, len);
        }
        iov->iov_base = static_cast<u8*>(iov->iov_base) + len;
        iov->iov_len -= len;
        uio->uio_resid -= len;
        uio->uio_offset += static_cast<off_t>(len);
        p += len;
        n -= len;
        if (iov->iov_len == 0) {
            ++uio->uio_iov;
            --uio->uio_iovcnt;
        }
    }
    return EOK;
}

Errno copyout(const void*, void*, size_t) { return EFAULT; }
Errno copyin(const void*, void*, size_t) { return EFAULT; }
