// Names of the guest's addresses, from the symbol tables of ELF files.
#pragma once

#include "base/result.hpp"
#include "base/types.hpp"

#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace forkscope {

class Symbols {
public:
    // Functions and objects of `file`; `program` is its name, empty for the kernel. A
    // file without symbols adds none.
    Result<void> add(const std::filesystem::path& file, const std::string& program);

    // "fork1" or "fork-demo:main". Without a program the kernel's symbols come first,
    // then those of `favourite`, then whatever one program has.
    struct Place {
        u64 address = 0;
        std::string program; // empty: the kernel
    };
    [[nodiscard]] Result<Place> find(std::string_view text, std::string_view favourite = {}) const;

    // "fork1+0x24"; empty if nothing is known there. `program` is that of the
    // process, for addresses of the lower half.
    [[nodiscard]] std::string describe(u64 address, std::string_view program) const;

private:
    struct Symbol {
        u64 address = 0;
        u64 size = 0;
        std::string name;
    };
    struct Table {
        std::string program;
        std::vector<Symbol> symbols; // in ascending order of address
    };
    // Of a program, or of a process by its name.
    [[nodiscard]] const Table* table(std::string_view name) const;
    [[nodiscard]] static const Symbol* named(const Table& table, std::string_view name);
    [[nodiscard]] Error unknown(std::string_view name, std::span<const Table* const> where) const;

    std::vector<Table> tables_;
};

} // namespace forkscope
