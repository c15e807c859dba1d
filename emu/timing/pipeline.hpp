// An in-order pipeline that issues up to `issue_width` micro-operations a cycle,
// and what it takes of each instruction class. Pure: instructions in, issue
// cycles out.
#pragma once

#include "timing/instruction_class.hpp"

namespace forkscope::timing {

// Issue ports, each a number of equal units.
enum class Port : u8 { Alu, Mac, Divide, Load, Store, Branch, FpAlu, FpMac, FpDivide };
inline constexpr std::size_t kPorts = static_cast<std::size_t>(Port::FpDivide) + 1;
inline constexpr std::size_t kMaxUnits = 4;
[[nodiscard]] std::string_view port_name(Port port);

struct ClassTiming {
    Port port = Port::Alu;
    u8 occupancy = 1;            // cycles a unit is busy
    u8 micro_ops = 1;            // issue slots
    u8 latency = 1;              // issue to result, cycles
    u8 latency_second = 1;       // the same for the second register of a pair
    bool first_in_cycle = false; // issues in no other slot than the first
    u8 forwards = 0; // cycles at most by which its result reaches readers ahead of `latency`
    bool retires_out_of_order = false; // its write-back may be overtaken
    bool skewed = false; // may execute a cycle after its issue, if plain operands come late
};

struct PipelineModel {
    unsigned issue_width = 2;
    std::array<u8, kPorts> units{};
    std::array<ClassTiming, kInstructionClasses> classes{};
    // Cycles by which a role may read ahead of a forwarded result.
    std::array<u8, kReadRoles> advance{};
    // The same for every result, forwarded or not.
    std::array<u8, kReadRoles> advance_always{};
    bool in_order_write_back = true;
    u8 address_latency = 0;   // written-back base
    u8 address_micro_ops = 1; // issue slots that writing it back takes
    // LLVM's model gives LD1 to LD4 that write their base back the results'
    // latencies in the wrong order: the base the load's, the vectors the base's.
    bool structure_latencies_swapped = false;
};

// When one instruction issued and why not earlier.
struct IssueResult {
    u64 cycle = 0;
    u64 waited_for_operand = 0; // cycles beyond what ports and slots asked for
};

class Pipeline {
public:
    explicit Pipeline(const PipelineModel& model) : model_(&model) {}

    // Issues the next instruction in program order.
    IssueResult issue(const TimedInstruction& instruction);

    // Cycles from the first issue to the last write-back, llvm-mca's "total cycles".
    [[nodiscard]] u64 total_cycles() const { return state_.last_result + 1; }
    // The cycle at which the next instruction would issue if nothing held it.
    [[nodiscard]] u64 cycle() const { return state_.cycle; }

    struct State {
        u64 cycle = 0;           // the cycle being filled
        unsigned slots_used = 0; // in that cycle
        u64 last_write_back = 0;
        u64 last_result = 0;
        std::array<u64, kRegisters> ready{};    // cycle at which a late reader may issue
        std::array<u8, kRegisters> forwarded{}; // cycles by which a reader may be earlier
        std::array<std::array<u64, kMaxUnits>, kPorts> unit_free{};
    };
    [[nodiscard]] const State& state() const { return state_; }

private:
    [[nodiscard]] u64 operands_ready(const TimedInstruction& t, u64 skew) const;
    [[nodiscard]] u64 units_ready(const ClassTiming& c, u64 from) const;
    [[nodiscard]] u64 first_write_back(const TimedInstruction& t, const ClassTiming& c) const;
    [[nodiscard]] u64 latency_of(const RegisterWrite& w, const TimedInstruction& t,
                                 const ClassTiming& c) const;
    [[nodiscard]] unsigned slots(const TimedInstruction& t, const ClassTiming& c) const;
    void take_units(const ClassTiming& c, u64 at);
    void take_slots(unsigned micro_ops, u64 at);
    void write_results(const TimedInstruction& t, const ClassTiming& c, u64 at, u64 skew);

    const PipelineModel* model_;
    State state_;
};

} // namespace forkscope::timing
