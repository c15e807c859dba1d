#include "session/symbols.hpp"

#include "base/nearest.hpp"
#include "base/text.hpp"
#include "event/process_name.hpp"
#include "machine/bytes.hpp"

#include <algorithm>
#include <cxxabi.h>
#include <elf.h>
#include <fstream>
#include <iterator>
#include <memory>

namespace forkscope {

namespace {

constexpr u64 kUpperHalf = u64{1} << 63;

// A C++ symbol's name without arguments and file-local namespaces: what one would
// type. Templates lose their arguments, too.
std::string plain_name(const std::string& symbol) {
    int status = 0;
    const std::unique_ptr<char, void (*)(void*)> demangled(
        abi::__cxa_demangle(symbol.c_str(), nullptr, nullptr, &status), std::free);
    if (status != 0)
        return symbol;
    std::string name = demangled.get();
    const std::string local = "(anonymous namespace)::";
    for (std::size_t at = 0; (at = name.find(local)) != std::string::npos;)
        name.erase(at, local.size());
    name = name.substr(0, name.find_first_of("(<"));
    return name.substr(name.rfind(' ') + 1);
}

std::string string_at(std::span<const u8> file, u64 offset, u64 end) {
    std::string text;
    for (; offset < std::min<u64>(end, file.size()) && file[offset] != 0; ++offset)
        text.push_back(static_cast<char>(file[offset]));
    return text;
}

template <class Row> std::vector<Row> rows(std::span<const u8> file, u64 offset, u64 bytes) {
    std::vector<Row> result;
    if (holds(file, offset, bytes))
        for (u64 at = 0; at + sizeof(Row) <= bytes; at += sizeof(Row))
            result.push_back(load_at<Row>(file, offset + at));
    return result;
}

// System V ABI, "Symbol Table". Calls f(symbol, name).
template <typename F> void for_each_symbol(std::span<const u8> file, F f) {
    const auto header = load_at<Elf64_Ehdr>(file, 0);
    const auto sections =
        rows<Elf64_Shdr>(file, header.e_shoff, u64{header.e_shnum} * sizeof(Elf64_Shdr));
    for (const Elf64_Shdr& section : sections) {
        if (section.sh_type != SHT_SYMTAB || section.sh_link >= sections.size())
            continue;
        const Elf64_Shdr& strings = sections[section.sh_link];
        for (const Elf64_Sym& symbol : rows<Elf64_Sym>(file, section.sh_offset, section.sh_size))
            f(symbol, string_at(file, strings.sh_offset + symbol.st_name,
                                strings.sh_offset + strings.sh_size));
    }
}

} // namespace

Result<void> Symbols::add(const std::filesystem::path& path, const std::string& program) {
    std::ifstream stream(path, std::ios::binary);
    const std::vector<char> bytes{std::istreambuf_iterator<char>(stream), {}};
    const std::span file(reinterpret_cast<const u8*>(bytes.data()), bytes.size());
    if (file.size() < sizeof(Elf64_Ehdr) || std::memcmp(file.data(), ELFMAG, SELFMAG) != 0 ||
        file[EI_CLASS] != ELFCLASS64)
        return Error{path.string() + ": not an ELF64 file that can be read"};
    Table table{program, {}};
    for_each_symbol(file, [&](const Elf64_Sym& symbol, const std::string& name) {
        const auto type = ELF64_ST_TYPE(symbol.st_info);
        const bool code = type == STT_FUNC || type == STT_NOTYPE;
        if ((code || type == STT_OBJECT) && symbol.st_shndx != SHN_UNDEF &&
            symbol.st_shndx != SHN_ABS && !name.empty() && name[0] != '$') // mapping symbols
            table.symbols.push_back({symbol.st_value, symbol.st_size, plain_name(name)});
    });
    // Of several names for one place, functions with a size are listed last.
    std::ranges::stable_sort(table.symbols, [](const Symbol& a, const Symbol& b) {
        return std::pair(a.address, a.size) < std::pair(b.address, b.size);
    });
    tables_.push_back(std::move(table));
    return {};
}

const Symbols::Table* Symbols::table(std::string_view name) const {
    const auto found = std::ranges::find_if(tables_, [name](const Table& table) {
        return table.program == name || is_name_of(name, table.program);
    });
    return found == tables_.end() ? nullptr : &*found;
}

const Symbols::Symbol* Symbols::named(const Table& table, std::string_view name) {
    const auto found = std::ranges::find(table.symbols, name, &Symbol::name);
    return found == table.symbols.end() ? nullptr : &*found;
}

Result<Symbols::Place> Symbols::find(std::string_view text, std::string_view favourite) const {
    const std::size_t colon = text.find(':');
    if (colon != std::string_view::npos && text.substr(colon, 2) != "::") {
        const std::string_view program = text.substr(0, colon);
        const Table* where = table(program);
        if (where == nullptr || program.empty()) {
            std::vector<std::string_view> programs;
            for (const Table& each : tables_)
                programs.push_back(each.program);
            return Error{"no program " + std::string(program) + " with symbols" +
                         suggestion(program, programs)};
        }
        const std::string_view name = text.substr(colon + 1);
        if (const Symbol* symbol = named(*where, name))
            return Place{symbol->address, where->program};
        return unknown(name, std::array{where});
    }
    std::vector<const Table*> order;
    for (const std::string_view first : {std::string_view{}, favourite})
        if (const Table* where = table(first))
            order.push_back(where);
    for (const Table* where : order)
        if (const Symbol* symbol = named(*where, text))
            return Place{symbol->address, where->program};
    std::vector<Place> places;
    for (const Table& each : tables_)
        if (const Symbol* symbol = named(each, text))
            places.push_back({symbol->address, each.program});
    if (places.size() == 1)
        return places.front();
    if (!places.empty())
        return Error{std::string(text) + " is in several programs: say which, as in " +
                     places.front().program + ":" + std::string(text)};
    return unknown(text, order);
}

Error Symbols::unknown(std::string_view name, std::span<const Table* const> where) const {
    std::vector<std::string_view> names;
    for (const Table* each : where)
        for (const Symbol& symbol : each->symbols)
            names.push_back(symbol.name);
    return {"no symbol " + std::string(name) + suggestion(name, names)};
}

std::string Symbols::describe(u64 address, std::string_view program) const {
    const bool kernel = (address & kUpperHalf) != 0;
    const Table* where = kernel || !program.empty() ? table(kernel ? "" : program) : nullptr;
    if (where == nullptr)
        return {};
    auto symbol = std::ranges::upper_bound(where->symbols, address, {}, &Symbol::address);
    if (symbol == where->symbols.begin())
        return {};
    --symbol;
    const u64 offset = address - symbol->address;
    if (symbol->size != 0 && offset >= symbol->size)
        return {};
    return symbol->name + (offset == 0 ? "" : "+" + hex(offset));
}

} // namespace forkscope
