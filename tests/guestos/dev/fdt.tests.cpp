// The kernel's reader of device trees, on trees made here, by dtc, and broken.
#include "dev/fdt.hpp"

#include <catch2/catch_test_macros.hpp>

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <iterator>
#include <memory>
#include <string>
#include <vector>

namespace {

using Bytes = std::vector<unsigned char>;

void put(Bytes& bytes, u32 value) {
    for (int shift = 24; shift >= 0; shift -= 8) {
        bytes.push_back(static_cast<unsigned char>(value >> shift));
    }
}

void put(Bytes& bytes, const std::string& text) {
    bytes.insert(bytes.end(), text.begin(), text.end());
    while (bytes.size() % 4 != 0) {
        bytes.push_back(0);
    }
}

std::string be(std::initializer_list<u32> numbers) {
    Bytes bytes;
    for (const u32 number : numbers) {
        put(bytes, number);
    }
    return {bytes.begin(), bytes.end()};
}

// Devicetree specification 0.4, 5: a tree as a boot loader passes it.
class Tree {
public:
    Tree& begin(const std::string& name) {
        put(structure_, 1);
        put(structure_, name + '\0');
        return *this;
    }
    Tree& end() {
        put(structure_, 2);
        return *this;
    }
    Tree& nop() {
        put(structure_, 4);
        return *this;
    }
    Tree& property(const std::string& name, const std::string& value) {
        put(structure_, 3);
        put(structure_, static_cast<u32>(value.size()));
        put(structure_, static_cast<u32>(strings_.size()));
        put(structure_, value);
        strings_ += name + '\0';
        return *this;
    }
    // Exactly as long as it says, so that a read beyond it is seen.
    [[nodiscard]] Bytes bytes() const {
        Bytes structure = structure_;
        put(structure, 9);
        const auto size = static_cast<u32>(structure.size());
        const auto strings = static_cast<u32>(strings_.size());
        Bytes all;
        put(all, 0xd00dfeed);
        for (const u32 field :
             {56 + size + strings, 56U, 56 + size, 40U, 17U, 16U, 0U, strings, size}) {
            put(all, field);
        }
        all.resize(56); // an empty list of reserved memory
        all.insert(all.end(), structure.begin(), structure.end());
        all.insert(all.end(), strings_.begin(), strings_.end());
        return all;
    }

private:
    Bytes structure_;
    std::string strings_;
};

// A board such as the machine's.
Tree board() {
    Tree tree;
    tree.begin("")
        .property("#address-cells", be({2}))
        .property("#size-cells", be({2}))
        .property("compatible", std::string("some,board\0linux,dummy-virt\0", 28))
        .begin("memory@40000000")
        .property("device_type", std::string("memory\0", 7))
        .nop()
        .property("reg", be({0, 0x4000'0000, 1, 0x2000'0000}))
        .end()
        .begin("soc")
        .begin("memory") // not the root's own
        .end()
        .begin("intc@8000000")
        .property("compatible", std::string("arm,gic-400\0arm,cortex-a15-gic\0", 31))
        .property("reg", be({0, 0x800'0000, 0, 0x1'0000, 0, 0x801'0000, 0, 0x2000}))
        .property("interrupts", be({1, 9, 4, 0, 33, 4}))
        .end()
        .end()
        .begin("chosen")
        .property("bootargs", std::string("job=/bin/sh\0", 12))
        .property("linux,initrd-start", be({0x4800'0000}))
        .property("linux,initrd-end", be({1, 2}))
        .property("open", "text without an end")
        .end()
        .end();
    return tree;
}

// Reads everything that there is. => how many nodes
int walk() {
    int nodes = 0;
    int depth = 0;
    for (fdt_node n = 0; n >= 0; n = fdt_next_node(n, &depth)) {
        nodes++;
        size_t len = 0;
        u64 number = 0;
        unsigned intid = 0;
        paddr_t address = 0;
        psize_t size = 0;
        (void)strlen(fdt_node_name(n));
        for (const char* name : {"reg", "compatible", "interrupts", "bootargs", "none"}) {
            if (const auto* p = static_cast<const char*>(fdt_getprop(n, name, &len))) {
                (void)std::string(p, len);
            }
            if (const char* text = fdt_getprop_string(n, name)) {
                (void)strlen(text);
            }
            (void)fdt_getprop_number(n, name, &number);
        }
        (void)fdt_get_reg(n, 0, &address, &size);
        (void)fdt_get_interrupt(n, 1, &intid);
    }
    (void)fdt_find_path("chosen");
    (void)fdt_find_compatible("arm,gic-400");
    return nodes;
}

} // namespace

TEST_CASE("fdt: nodes are found by name at the root, and by what they are compatible with",
          "[guestos][dev][fdt]") {
    const Bytes tree = board().bytes();
    REQUIRE(fdt_init(tree.data()));
    CHECK(fdt_totalsize() == tree.size());
    CHECK(std::string(fdt_node_name(fdt_find_path("memory"))) == "memory@40000000");
    CHECK(fdt_find_path("mem") == -1);
    CHECK(fdt_find_path("intc") == -1); // deeper
    CHECK(std::string(fdt_node_name(fdt_find_compatible("arm,cortex-a15-gic"))) == "intc@8000000");
    CHECK(fdt_find_compatible("arm,cortex-a15") == -1);
    CHECK(walk() == 6);
}

TEST_CASE("fdt: properties are read as text, numbers, places and interrupts",
          "[guestos][dev][fdt]") {
    const Bytes tree = board().bytes();
    REQUIRE(fdt_init(tree.data()));
    const fdt_node chosen = fdt_find_path("chosen");
    const fdt_node gic = fdt_find_compatible("arm,gic-400");
    u64 number = 0;
    paddr_t address = 0;
    psize_t size = 0;
    unsigned intid = 0;
    CHECK(std::string(fdt_getprop_string(chosen, "bootargs")) == "job=/bin/sh");
    CHECK(fdt_getprop_string(chosen, "open") == nullptr);
    CHECK(fdt_getprop_string(chosen, "none") == nullptr);
    CHECK(std::string(fdt_getprop_string(0, "compatible")) == "some,board");
    CHECK((fdt_getprop_number(chosen, "linux,initrd-start", &number) && number == 0x4800'0000));
    CHECK((fdt_getprop_number(chosen, "linux,initrd-end", &number) && number == 0x1'0000'0002));
    CHECK_FALSE(fdt_getprop_number(chosen, "bootargs", &number));
    CHECK((fdt_get_reg(fdt_find_path("memory"), 0, &address, &size) && address == 0x4000'0000));
    CHECK(size == 0x1'2000'0000);
    CHECK((fdt_get_reg(gic, 1, &address, &size) && address == 0x801'0000 && size == 0x2000));
    CHECK_FALSE(fdt_get_reg(gic, 2, &address, &size));
    CHECK((fdt_get_interrupt(gic, 0, &intid) && intid == 25)); // a PPI
    CHECK((fdt_get_interrupt(gic, 1, &intid) && intid == 65)); // an SPI
    CHECK_FALSE(fdt_get_interrupt(gic, 2, &intid));
}

TEST_CASE("fdt: without cell counts the root has two and one", "[guestos][dev][fdt]") {
    const Bytes tree =
        Tree().begin("").begin("a").property("reg", be({1, 2, 3})).end().end().bytes();
    REQUIRE(fdt_init(tree.data()));
    paddr_t address = 0;
    psize_t size = 0;
    REQUIRE(fdt_get_reg(fdt_find_path("a"), 0, &address, &size));
    CHECK((address == 0x1'0000'0002 && size == 3));
}

TEST_CASE("fdt: what is no tree, or does not fit into itself, is refused", "[guestos][dev][fdt]") {
    const Bytes good = board().bytes();
    const auto with = [&](size_t at, u32 value) {
        Bytes bytes = good;
        Bytes field;
        put(field, value);
        std::copy(field.begin(), field.end(), bytes.begin() + static_cast<long>(at));
        return fdt_init(bytes.data());
    };
    CHECK(with(0, 0xd00dfeed));
    CHECK_FALSE(with(0, 0xd00dfeec));
    CHECK_FALSE(with(4, 100));         // total size: the blocks lie beyond it
    CHECK_FALSE(with(4, 0xffff'ffff)); // more than a boot loader may pass
    CHECK_FALSE(with(8, 0xffff'fff0)); // structure block
    CHECK_FALSE(with(8, 58));
    CHECK_FALSE(with(36, 0xffff'ffff));
    CHECK_FALSE(with(12, 0xffff'fff0)); // strings block
    CHECK_FALSE(with(32, 0x7fff'ffff));
    CHECK_FALSE(with(32, 3)); // ends in the middle of a name
    CHECK_FALSE(with(56, 2)); // does not begin with a node
}

TEST_CASE("fdt: a tree with any word changed is read without going beyond it",
          "[guestos][dev][fdt]") {
    const Bytes good = board().bytes();
    for (size_t at = 0; at + 4 <= good.size(); at += 4) {
        for (const u32 value : {0U, 1U, 3U, 4U, 9U, 0x7fff'fffcU, 0xffff'ffffU, 0x4141'4141U}) {
            // In memory of its own, so that ASan sees what lies behind.
            const auto bytes = std::make_unique<unsigned char[]>(good.size());
            std::copy(good.begin(), good.end(), bytes.get());
            Bytes field;
            put(field, value);
            std::copy(field.begin(), field.end(), bytes.get() + at);
            if (at != 4 && fdt_init(bytes.get())) { // a total size that is too long can't be seen
                CHECK(walk() >= 1);
            }
        }
    }
}

TEST_CASE("fdt: what dtc writes is read", "[guestos][dev][fdt]") {
    char folder[] = "/tmp/fdt-XXXXXX";
    REQUIRE(mkdtemp(folder) != nullptr);
    const std::string base = std::string(folder) + "/tree";
    std::ofstream(base + ".dts")
        << "/dts-v1/; / { #address-cells = <1>; #size-cells = <1>; uart@9000000 {"
           " compatible = \"arm,pl011\", \"arm,primecell\"; reg = <0x9000000 0x1000>;"
           " interrupts = <0 1 4>; }; };";
    if (std::system(("dtc -q -I dts -O dtb -o " + base + ".dtb " + base + ".dts").c_str()) != 0) {
        SKIP("dtc is not installed");
    }
    std::ifstream file(base + ".dtb", std::ios::binary);
    const std::string tree{std::istreambuf_iterator<char>(file), {}};
    (void)std::system(("rm -r " + std::string(folder)).c_str());
    REQUIRE(fdt_init(tree.data()));
    const fdt_node uart = fdt_find_compatible("arm,primecell");
    paddr_t address = 0;
    psize_t size = 0;
    unsigned intid = 0;
    REQUIRE(fdt_get_reg(uart, 0, &address, &size));
    CHECK((address == 0x900'0000 && size == 0x1000));
    CHECK((fdt_get_interrupt(uart, 0, &intid) && intid == 33));
}
