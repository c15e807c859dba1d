// GICv2: distributor and CPU interfaces of 1 to 8 CPUs, without the Security
// Extensions. Arm Generic Interrupt Controller Architecture Specification,
// version 2.0, IHI 0048B. Sizes and identification are those of QEMU's virt
// machine: 256 SPIs, 8 bits of priority.
#pragma once

#include "devices/device.hpp"
#include "devices/register_table.hpp"

#include <array>
#include <span>

namespace forkscope {

// Is told of each interrupt that a CPU acknowledges. Must not change the machine.
class InterruptObserver {
public:
    virtual ~InterruptObserver() = default;
    virtual void on_acknowledge(unsigned cpu, u32 intid) = 0;
};

class Gicv2 {
public:
    static constexpr unsigned kMaxCpus = 8;
    static constexpr u32 kInterrupts = 288; // 16 SGIs, 16 PPIs, 256 SPIs
    static constexpr u32 kFirstPpi = 16;
    static constexpr u32 kFirstSpi = 32;
    static constexpr u32 kSpurious = 1023;
    static constexpr u32 kSpuriousGroup1 = 1022;
    static constexpr u64 kDistributorSize = 0x10000;
    static constexpr u64 kCpuInterfaceSize = 0x10000;

    // 32 interrupts, one bit (or entry) each. IHI 0048B 3.2.4 for the states.
    struct Bank {
        u32 group = 0;   // GICD_IGROUPR: 1 is Group 1
        u32 enabled = 0; // GICD_ISENABLER
        u32 latched = 0; // made pending by an edge, a write or an SGI
        u32 active = 0;
        u32 line = 0; // levels of the input wires
        u32 edge = 0; // GICD_ICFGR: 1 is edge-triggered
        std::array<u8, 32> priority{};

        // IHI 0048B figure 4-10: the latch, and for level-sensitive interrupts
        // also the wire.
        [[nodiscard]] u32 pending() const { return latched | (line & ~edge); }
    };
    struct CpuState {
        Bank local;                       // SGIs and PPIs
        std::array<u8, 16> sgi_sources{}; // by SGI: the CPUs that it is pending from
        u32 ctlr = 0;
        u32 pmr = 0;
        u32 bpr = 0;
        u32 abpr = 0;
        std::array<u32, 4> apr{};   // active priorities of Group 0, IHI 0048B 4.4.12
        std::array<u32, 4> nsapr{}; // and of Group 1, 4.4.13
    };
    struct State {
        u32 ctlr = 0;          // GICD_CTLR
        u32 accessing_cpu = 0; // whose banked registers an access meets
        std::array<Bank, (kInterrupts - kFirstSpi) / 32> shared{};
        std::array<u8, kInterrupts - kFirstSpi> targets{}; // GICD_ITARGETSR of SPIs
        std::array<CpuState, kMaxCpus> cpu{};
    };

    // The wires to one CPU. Group 0 interrupts use `fiq` if GICC_CTLR.FIQEn.
    struct Outputs {
        IrqLine* irq = nullptr;
        IrqLine* fiq = nullptr; // may be null: unconnected
    };

    // One entry in `outputs` for each CPU, 1 to kMaxCpus.
    explicit Gicv2(std::span<const Outputs> outputs);
    Gicv2(const Gicv2&) = delete;
    Gicv2& operator=(const Gicv2&) = delete;

    void reset();

    // The two register windows.
    [[nodiscard]] Device& distributor() { return distributor_; }
    [[nodiscard]] Device& cpu_interface() { return cpu_interface_; }

    // Input wires. `ppi`: 16 to 31; `spi`: 0 to 255, INTID - 32.
    [[nodiscard]] IrqLine& ppi(unsigned cpu, u32 intid);
    [[nodiscard]] IrqLine& spi(u32 number);

    // At most one; null for none.
    void set_observer(InterruptObserver* observer) { observer_ = observer; }

    // Says which CPU makes the accesses that follow.
    void set_accessing_cpu(unsigned cpu) { state_.accessing_cpu = cpu; }

    [[nodiscard]] const State& state() const { return state_; }

private:
    class Input final : public IrqLine {
    public:
        void connect(Gicv2& gic, unsigned cpu, u32 intid);
        void set(bool level) override { gic_->set_input(cpu_, intid_, level); }

    private:
        Gicv2* gic_ = nullptr;
        unsigned cpu_ = 0; // of PPIs
        u32 intid_ = 0;
    };
    class Distributor final : public Device {
    public:
        using State = Gicv2::State;
        explicit Distributor(Gicv2& gic) : gic_(gic), state_(gic.state_) {}
        [[nodiscard]] u64 read(u64 offset, unsigned size) override;
        void write(u64 offset, unsigned size, u64 value) override;
        void reset() override { gic_.reset(); }

    private:
        friend class RegisterTable<Distributor>;
        static const RegisterTable<Distributor>& registers();

        void write_ctlr(u32, u32 value);
        u32 read_typer(u32);
        u32 read_group(u32 index);
        void write_group(u32 index, u32 value);
        u32 read_enabled(u32 index);
        void set_enabled(u32 index, u32 value);
        void clear_enabled(u32 index, u32 value);
        u32 read_pending(u32 index);
        void set_pending(u32 index, u32 value);
        void clear_pending(u32 index, u32 value);
        u32 read_active(u32 index);
        void set_active(u32 index, u32 value);
        void clear_active(u32 index, u32 value);
        u32 read_priority(u32 index);
        void write_priority(u32 index, u32 value);
        u32 read_targets(u32 index);
        void write_targets(u32 index, u32 value);
        u32 read_config(u32 index);
        void write_config(u32 index, u32 value);
        void write_sgir(u32, u32 value);
        u32 read_sgi_sources(u32 index);
        void clear_sgi_sources(u32 index, u32 value);
        void set_sgi_sources(u32 index, u32 value);
        void write_sgi_sources(u32 index, u32 sources);
        u32 read_identification(u32 index);

        Gicv2& gic_;
        State& state_;
    };
    class CpuInterface final : public Device {
    public:
        using State = Gicv2::State;
        explicit CpuInterface(Gicv2& gic) : gic_(gic), state_(gic.state_) {}
        [[nodiscard]] u64 read(u64 offset, unsigned size) override;
        void write(u64 offset, unsigned size, u64 value) override;
        void reset() override { gic_.reset(); }

    private:
        friend class RegisterTable<CpuInterface>;
        static const RegisterTable<CpuInterface>& registers();

        u32 read_ctlr(u32);
        void write_ctlr(u32, u32 value);
        u32 read_pmr(u32);
        void write_pmr(u32, u32 value);
        u32 read_bpr(u32);
        void write_bpr(u32, u32 value);
        u32 read_iar(u32);
        void write_eoir(u32, u32 value);
        u32 read_rpr(u32);
        u32 read_hppir(u32);
        u32 read_abpr(u32);
        void write_abpr(u32, u32 value);
        u32 read_aiar(u32);
        void write_aeoir(u32, u32 value);
        u32 read_ahppir(u32);
        u32 read_apr(u32 index);
        void write_apr(u32 index, u32 value);
        u32 read_nsapr(u32 index);
        void write_nsapr(u32 index, u32 value);
        void write_dir(u32, u32 value);
        [[nodiscard]] CpuState& current() { return state_.cpu[state_.accessing_cpu]; }

        Gicv2& gic_;
        State& state_;
    };

    // The best pending interrupt for a CPU; INTID kSpurious if there is none.
    struct Candidate {
        u32 intid = kSpurious;
        u32 priority = 0x100; // lower is better; 0x100 is worse than any
        bool group1 = false;
    };

    void set_input(unsigned cpu, u32 intid, bool level);
    [[nodiscard]] Bank& bank_of(unsigned cpu, u32 intid);
    [[nodiscard]] Bank& accessed_bank(u32 index); // the bank of a bit register
    [[nodiscard]] bool is_group1(unsigned cpu, u32 intid) const;
    [[nodiscard]] Candidate best_pending(unsigned cpu) const;
    void consider(const Bank& bank, u32 first, unsigned cpu, Candidate& best) const;
    [[nodiscard]] u32 running_priority(unsigned cpu) const;
    [[nodiscard]] u32 group_priority(unsigned cpu, const Candidate& candidate) const;
    [[nodiscard]] bool signals(unsigned cpu, const Candidate& candidate) const;
    [[nodiscard]] Candidate acknowledgeable(unsigned cpu) const;
    [[nodiscard]] Candidate highest_pending(unsigned cpu) const;
    [[nodiscard]] u32 describe(unsigned cpu, const Candidate& candidate) const;
    u32 acknowledge(unsigned cpu, const Candidate& candidate);
    void end_of_interrupt(unsigned cpu, u32 intid);
    void deactivate(unsigned cpu, u32 intid);
    void send_sgi(u32 sgi, unsigned from, u32 targets);
    void update(); // drives every CPU's lines from state

    unsigned cpus_;
    std::array<Outputs, kMaxCpus> outputs_{};
    std::array<std::array<Input, 16>, kMaxCpus> ppi_inputs_{};
    std::array<Input, kInterrupts - kFirstSpi> spi_inputs_{};
    InterruptObserver* observer_ = nullptr;
    State state_;
    Distributor distributor_{*this};
    CpuInterface cpu_interface_{*this};
};

} // namespace forkscope
