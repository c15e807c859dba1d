// What a panic shows: registers, and who called whom.

#include "machine/machdep.hpp"
#include "sys/lwp.hpp"
#include "sys/systm.hpp"

extern "C" u8 _start_of_image[], __etext[];

void dump_trapframe(const trapframe* tf) {
    kprintf("trap frame %p: esr %#lx far %#lx\n", static_cast<const void*>(tf), tf->tf_esr,
            tf->tf_far);
    kprintf(" pc %016lx  sp %016lx  spsr %08lx\n", tf->tf_pc, tf->tf_sp, tf->tf_spsr);
    for (int i = 0; i < 31; ++i) {
        kprintf("x%-2d %016lx%s", i, tf->tf_x[i], i % 4 == 3 || i == 30 ? "\n" : "  ");
    }
    backtrace(tf->tf_x[29], tf->tf_pc);
}

namespace {

bool is_text(vaddr_t pc) {
    return pc >= reinterpret_cast<vaddr_t>(_start_of_image) &&
           pc < reinterpret_cast<vaddr_t>(__etext);
}

} // namespace

// Frame records: the caller's X29 and the return address. AAPCS64, 6.4.6
void backtrace(vaddr_t frame, vaddr_t pc) {
    kprintf("backtrace:");
    for (int depth = 0; depth < 32 && is_text(pc); ++depth) {
        kprintf(" %#lx", pc);
        // The next record lies higher up on the same stack.
        if (frame < VM_MAXUSER_ADDRESS || frame % 8 != 0) {
            break;
        }
        const u64* record = reinterpret_cast<const u64*>(frame);
        pc = record[1];
        if (record[0] <= frame || record[0] - frame > USPACE) {
            if (is_text(pc)) {
                kprintf(" %#lx", pc);
            }
            break;
        }
        frame = record[0];
    }
    kprintf("\n");
}

void cpu_backtrace() {
    const auto* record = static_cast<const u64*>(__builtin_frame_address(0));
    backtrace(record[0], record[1]);
}
