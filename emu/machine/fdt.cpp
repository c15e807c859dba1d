#include "machine/fdt.hpp"

#include "machine/boot.hpp"

#include <cassert>
#include <cstdio>
#include <initializer_list>
#include <libfdt.h>
#include <utility>

namespace forkscope {

namespace {

// Phandles, with the numbers that QEMU's virt board has for them.
constexpr u32 kClockHandle = 0x8000;
constexpr u32 kGicHandle = 0x8002;

// Interrupt specifiers, Linux bindings/interrupt-controller/arm,gic.yaml.
constexpr u32 kSpi = 0;
constexpr u32 kPpi = 1;
constexpr u32 kEdgeRising = 1;
constexpr u32 kLevelHigh = 4;
constexpr u32 kTimerFlags = 0x104; // CPU 0's bit in the mask, level high

// 32-bit cells; a 64-bit number takes two.
class Cells {
public:
    Cells& u32_cell(u32 value) {
        bytes_.insert(bytes_.end(), {static_cast<u8>(value >> 24), static_cast<u8>(value >> 16),
                                     static_cast<u8>(value >> 8), static_cast<u8>(value)});
        return *this;
    }
    Cells& u64_cell(u64 value) {
        return u32_cell(static_cast<u32>(value >> 32)).u32_cell(static_cast<u32>(value));
    }
    [[nodiscard]] const std::vector<u8>& bytes() const { return bytes_; }

private:
    std::vector<u8> bytes_;
};

Cells cells(std::initializer_list<u32> values) {
    Cells result;
    for (const u32 value : values) {
        result.u32_cell(value);
    }
    return result;
}

// A window: base and size, two cells each.
Cells window(u64 base, u64 size) {
    Cells result;
    result.u64_cell(base).u64_cell(size);
    return result;
}

// Writes a tree front to back. The buffer is far larger than any tree made
// here, so that libfdt can't fail.
class Writer {
public:
    explicit Writer(std::size_t capacity) : blob_(capacity) {
        check(fdt_create(blob_.data(), static_cast<int>(capacity)));
        check(fdt_finish_reservemap(blob_.data()));
    }

    void begin(const std::string& name) { check(fdt_begin_node(blob_.data(), name.c_str())); }
    void end() { check(fdt_end_node(blob_.data())); }

    void flag(const char* name) { check(fdt_property(blob_.data(), name, nullptr, 0)); }
    void number(const char* name, u32 value) { property(name, cells({value}).bytes()); }
    void text(const char* name, const std::string& value) { strings(name, {value}); }
    void list(const char* name, const Cells& value) { property(name, value.bytes()); }
    void strings(const char* name, std::initializer_list<std::string> values) {
        std::vector<u8> bytes;
        for (const std::string& value : values) {
            bytes.insert(bytes.end(), value.begin(), value.end());
            bytes.push_back(0);
        }
        property(name, bytes);
    }

    std::vector<u8> finish() {
        check(fdt_finish(blob_.data()));
        blob_.resize(fdt_totalsize(blob_.data()));
        return std::move(blob_);
    }

private:
    void property(const char* name, const std::vector<u8>& bytes) {
        check(fdt_property(blob_.data(), name, bytes.data(), static_cast<int>(bytes.size())));
    }
    static void check([[maybe_unused]] int status) { assert(status == 0); }

    std::vector<u8> blob_;
};

std::string unit(const char* name, u64 address) {
    char text[64];
    std::snprintf(text, sizeof text, "%s@%llx", name, static_cast<unsigned long long>(address));
    return text;
}

// SplitMix64 (Steele, Lea, Flood, "Fast splittable pseudorandom number generators").
u64 next_random(u64& state) {
    u64 z = state += 0x9e3779b97f4a7c15;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
    z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
    return z ^ (z >> 31);
}

void write_chosen(Writer& tree, const DeviceTreeInputs& inputs) {
    u64 state = inputs.seed;
    tree.begin("chosen");
    Cells kaslr;
    kaslr.u64_cell(next_random(state));
    tree.list("kaslr-seed", kaslr);
    Cells rng;
    for (int i = 0; i < 4; ++i) {
        rng.u64_cell(next_random(state));
    }
    tree.list("rng-seed", rng);
    tree.text("stdout-path", "/pl011@9000000");
    if (inputs.initrd_start != inputs.initrd_end) {
        Cells start;
        Cells end;
        tree.list("linux,initrd-start", start.u64_cell(inputs.initrd_start));
        tree.list("linux,initrd-end", end.u64_cell(inputs.initrd_end));
    }
    if (!inputs.bootargs.empty()) {
        tree.text("bootargs", inputs.bootargs);
    }
    tree.end();
}

void write_memory(Writer& tree, u64 ram_bytes) {
    tree.begin(unit("memory", kRamBase));
    tree.text("device_type", "memory");
    tree.list("reg", window(kRamBase, ram_bytes));
    tree.end();
}

void write_cpus(Writer& tree, u32 count) {
    tree.begin("cpus");
    tree.number("#address-cells", 1);
    tree.number("#size-cells", 0);
    for (u32 i = 0; i < count; ++i) {
        tree.begin(unit("cpu", i));
        tree.text("device_type", "cpu");
        tree.text("compatible", "arm,cortex-a57");
        if (count > 1) {
            tree.text("enable-method", "psci");
        }
        tree.number("reg", i);
        tree.end();
    }
    tree.end();
}

// PSCI function identifiers: Arm DEN 0022D, 5.
void write_psci(Writer& tree) {
    tree.begin("psci");
    tree.strings("compatible", {"arm,psci-1.0", "arm,psci-0.2", "arm,psci"});
    tree.text("method", "hvc");
    tree.number("cpu_suspend", 0xc4000001);
    tree.number("cpu_off", 0x84000002);
    tree.number("cpu_on", 0xc4000003);
    tree.number("migrate", 0xc4000005);
    tree.end();
}

void write_interrupt_controller(Writer& tree) {
    tree.begin(unit("intc", 0x0800'0000));
    tree.number("phandle", kGicHandle);
    tree.text("compatible", "arm,cortex-a15-gic");
    tree.number("#interrupt-cells", 3);
    tree.flag("interrupt-controller");
    tree.number("#address-cells", 2);
    tree.number("#size-cells", 2);
    tree.flag("ranges");
    Cells reg;
    tree.list(
        "reg",
        reg.u64_cell(0x0800'0000).u64_cell(0x1'0000).u64_cell(0x0801'0000).u64_cell(0x1'0000));
    tree.end();
}

// Secure physical, physical, virtual, hypervisor timer: the binding wants all
// four in this order, though the machine has the second and third only.
void write_timer(Writer& tree) {
    tree.begin("timer");
    tree.strings("compatible", {"arm,armv8-timer", "arm,armv7-timer"});
    tree.flag("always-on");
    tree.list("interrupts", cells({kPpi, 13, kTimerFlags, kPpi, 14, kTimerFlags, kPpi, 11,
                                   kTimerFlags, kPpi, 10, kTimerFlags}));
    tree.end();
}

void write_clock(Writer& tree) {
    tree.begin("apb-pclk");
    tree.number("phandle", kClockHandle);
    tree.text("compatible", "fixed-clock");
    tree.number("#clock-cells", 0);
    tree.number("clock-frequency", 24'000'000);
    tree.text("clock-output-names", "clk24mhz");
    tree.end();
}

void write_uart(Writer& tree) {
    tree.begin(unit("pl011", 0x0900'0000));
    tree.strings("compatible", {"arm,pl011", "arm,primecell"});
    tree.list("reg", window(0x0900'0000, 0x1000));
    tree.list("interrupts", cells({kSpi, 1, kLevelHigh}));
    tree.list("clocks", cells({kClockHandle, kClockHandle}));
    tree.strings("clock-names", {"uartclk", "apb_pclk"});
    tree.end();
}

void write_rtc(Writer& tree) {
    tree.begin(unit("pl031", 0x0901'0000));
    tree.strings("compatible", {"arm,pl031", "arm,primecell"});
    tree.list("reg", window(0x0901'0000, 0x1000));
    tree.list("interrupts", cells({kSpi, 2, kLevelHigh}));
    tree.number("clocks", kClockHandle);
    tree.text("clock-names", "apb_pclk");
    tree.end();
}

void write_virtio_slot(Writer& tree, u32 slot) {
    const u64 base = 0x0a00'0000 + u64{0x200} * slot;
    tree.begin(unit("virtio_mmio", base));
    tree.text("compatible", "virtio,mmio");
    tree.list("reg", window(base, 0x200));
    tree.list("interrupts", cells({kSpi, 16 + slot, kEdgeRising}));
    tree.flag("dma-coherent");
    tree.end();
}

// Ours: guestos/abi/probe.hpp.
void write_probe(Writer& tree) {
    tree.begin(unit("probe", 0x0b00'0000));
    tree.text("compatible", "forkscope,probe");
    tree.list("reg", window(0x0b00'0000, 0x1000));
    tree.end();
}

} // namespace

std::vector<u8> make_device_tree(const DeviceTreeInputs& inputs) {
    Writer tree(std::size_t{64} * 1024 + inputs.bootargs.size());
    tree.begin("");
    tree.number("interrupt-parent", kGicHandle);
    tree.text("model", "forkscope,virt");
    tree.number("#address-cells", 2);
    tree.number("#size-cells", 2);
    tree.strings("compatible", {"forkscope,virt", "linux,dummy-virt"});
    write_chosen(tree, inputs);
    write_memory(tree, inputs.ram_bytes);
    write_cpus(tree, inputs.cpus);
    write_psci(tree);
    write_timer(tree);
    write_clock(tree);
    write_interrupt_controller(tree);
    write_uart(tree);
    write_rtc(tree);
    for (u32 slot = 0; slot < 32; ++slot) {
        write_virtio_slot(tree, slot);
    }
    write_probe(tree);
    tree.end();
    return tree.finish();
}

} // namespace forkscope
