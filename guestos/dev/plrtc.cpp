// PL031 real-time clock: the time of day at boot. Arm DDI 0224C.

#include "dev/drivers.hpp"
#include "dev/fdt.hpp"
#include "dev/mmio.hpp"
#include "machine/machdep.hpp"

i64 plrtc_gettime() {
    enum class Reg : u32 { DR = 0x00 }; // seconds, DDI 0224C 3.3.1
    const fdt_node node = fdt_find_compatible("arm,pl031");
    paddr_t pa;
    psize_t size;
    if (node < 0 || !fdt_get_reg(node, 0, &pa, &size)) {
        return 0;
    }
    return mmio{pmap_mapdev(pa, size)}.read(Reg::DR);
}
