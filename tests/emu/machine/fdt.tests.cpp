#include "machine/fdt.hpp"

#include <catch2/catch_test_macros.hpp>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <libfdt.h>
#include <map>
#include <set>
#include <sstream>

using namespace forkscope;

namespace {

namespace fs = std::filesystem;

DeviceTreeInputs some_machine() {
    DeviceTreeInputs inputs;
    inputs.ram_bytes = u64{128} << 20;
    inputs.bootargs = "job=/bin/demo level=2";
    inputs.initrd_start = 0x4800'0000;
    inputs.initrd_end = 0x4812'3400;
    inputs.seed = 7;
    return inputs;
}

struct TemporaryFolder {
    fs::path path;
    TemporaryFolder() {
        std::string name = (fs::temp_directory_path() / "forkscope-fdt-XXXXXX").string();
        REQUIRE(mkdtemp(name.data()) != nullptr);
        path = name;
    }
    ~TemporaryFolder() { fs::remove_all(path); }
};

std::vector<u8> bytes_of(const fs::path& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
}

std::string text_of_file(const fs::path& path) {
    const auto bytes = bytes_of(path);
    return {bytes.begin(), bytes.end()};
}

bool qemu_dump(const fs::path& to) {
    const std::string command =
        "timeout 20 qemu-system-aarch64 -M virt,gic-version=2,dumpdtb=" + to.string() +
        " -cpu cortex-a57 -m 128M -nographic -nic none >/dev/null 2>&1";
    return std::system(command.c_str()) == 0 && fs::exists(to);
}

// path of a node -> property -> bytes
using Tree = std::map<std::string, std::map<std::string, std::string>>;

void collect(const void* blob, int node, const std::string& path, Tree& tree) {
    auto& properties = tree[path.empty() ? "/" : path];
    int property = 0;
    fdt_for_each_property_offset(property, blob, node) {
        const char* name = nullptr;
        int length = 0;
        const void* value = fdt_getprop_by_offset(blob, property, &name, &length);
        properties[name] =
            std::string(static_cast<const char*>(value), static_cast<std::size_t>(length));
    }
    int child = 0;
    fdt_for_each_subnode(child, blob, node) {
        collect(blob, child, path + "/" + fdt_get_name(blob, child, nullptr), tree);
    }
}

Tree tree_of(const std::vector<u8>& blob) {
    REQUIRE(fdt_check_full(blob.data(), blob.size()) == 0);
    Tree tree;
    collect(blob.data(), 0, "", tree);
    return tree;
}

// The kinds of warning that dtc has about a blob: "(unit_address_vs_reg)", ...
std::set<std::string> dtc_warnings(const fs::path& blob) {
    const fs::path log = blob.string() + ".log";
    const std::string command =
        "dtc -I dtb -O dts -o /dev/null " + blob.string() + " 2>" + log.string();
    REQUIRE(std::system(command.c_str()) == 0);
    std::set<std::string> kinds;
    std::istringstream lines(text_of_file(log));
    for (std::string line; std::getline(lines, line);) {
        const auto open = line.find('(');
        kinds.insert(
            open == std::string::npos ? line : line.substr(open, line.find(')', open) - open + 1));
    }
    return kinds;
}

} // namespace

TEST_CASE("fdt: every device of QEMU's board that we have is described alike", "[emu][fdt]") {
    const TemporaryFolder folder;
    const fs::path dump = folder.path / "qemu.dtb";
    if (!qemu_dump(dump)) {
        SKIP("qemu-system-aarch64 is not installed");
    }
    const Tree theirs = tree_of(bytes_of(dump));
    const Tree ours = tree_of(make_device_tree(some_machine()));

    // Absent here: devices the machine does not have, and what only later versions say.
    const std::set<std::string> absent = {"/aliases",
                                          "/platform-bus@c000000",
                                          "/fw-cfg@9020000",
                                          "/gpio-keys",
                                          "/gpio-keys/poweroff",
                                          "/pl061@9030000",
                                          "/pcie@10000000",
                                          "/pmu",
                                          "/intc@8000000/v2m@8020000",
                                          "/flash@0",
                                          "/cpus/cpu-map",
                                          "/cpus/cpu-map/socket0",
                                          "/cpus/cpu-map/socket0/cluster0",
                                          "/cpus/cpu-map/socket0/cluster0/core0"};
    for (const auto& [path, properties] : theirs) {
        INFO(path);
        if (absent.contains(path)) {
            CHECK_FALSE(ours.contains(path));
            continue;
        }
        REQUIRE(ours.contains(path));
        for (const auto& [name, value] : properties) {
            // The machine's own name, what is random or only later versions say, and a
            // handle only cpu-map uses.
            if (path == "/" && (name == "model" || name == "compatible")) {
                continue;
            }
            if (name == "rng-seed" || name == "kaslr-seed" || name == "dma-coherent" ||
                (name == "phandle" && path == "/cpus/cpu@0")) {
                continue;
            }
            INFO(name);
            REQUIRE(ours.at(path).contains(name));
            CHECK(ours.at(path).at(name) == value);
        }
    }
    for (const auto& [path, properties] : ours) {
        INFO(path);
        CHECK((theirs.contains(path) || path == "/probe@b000000"));
    }
}

TEST_CASE("fdt: dtc has no warning that it has not about QEMU's own tree", "[emu][fdt]") {
    if (std::system("dtc --version >/dev/null 2>&1") != 0) {
        SKIP("dtc is not installed");
    }
    const TemporaryFolder folder;
    const fs::path dump = folder.path / "qemu.dtb";
    if (!qemu_dump(dump)) {
        SKIP("qemu-system-aarch64 is not installed");
    }
    const fs::path blob = folder.path / "ours.dtb";
    const auto bytes = make_device_tree(some_machine());
    std::ofstream(blob, std::ios::binary)
        .write(reinterpret_cast<const char*>(bytes.data()),
               static_cast<std::streamsize>(bytes.size()));
    const auto known = dtc_warnings(dump);
    for (const std::string& kind : dtc_warnings(blob)) {
        INFO(kind);
        CHECK(known.contains(kind));
    }
}

TEST_CASE("fdt: chosen carries the command line, the initrd and seeds of the config",
          "[emu][fdt]") {
    const Tree tree = tree_of(make_device_tree(some_machine()));
    const auto& chosen = tree.at("/chosen");
    CHECK(chosen.at("bootargs") == std::string("job=/bin/demo level=2") + '\0');
    CHECK(chosen.at("linux,initrd-start") == std::string("\0\0\0\0\x48\0\0\0", 8));
    CHECK(chosen.at("linux,initrd-end") == std::string("\0\0\0\0\x48\x12\x34\0", 8));
    CHECK(chosen.at("stdout-path") == std::string("/pl011@9000000") + '\0');
    CHECK(tree.contains(chosen.at("stdout-path").c_str()));

    DeviceTreeInputs other = some_machine();
    CHECK(make_device_tree(other) == make_device_tree(some_machine()));
    other.seed = 8;
    const Tree reseeded = tree_of(make_device_tree(other));
    CHECK(reseeded.at("/chosen").at("rng-seed") != chosen.at("rng-seed"));
    CHECK(reseeded.at("/chosen").at("kaslr-seed") != chosen.at("kaslr-seed"));
}

TEST_CASE("fdt: without an initrd or a command line there are no such properties", "[emu][fdt]") {
    DeviceTreeInputs inputs;
    inputs.ram_bytes = u64{3} << 30;
    const Tree tree = tree_of(make_device_tree(inputs));
    CHECK_FALSE(tree.at("/chosen").contains("linux,initrd-start"));
    CHECK_FALSE(tree.at("/chosen").contains("bootargs"));
    CHECK(tree.at("/memory@40000000").at("reg") ==
          std::string("\0\0\0\0\x40\0\0\0\0\0\0\0\xc0\0\0\0", 16));
}

TEST_CASE("fdt: several CPUs are started by PSCI", "[emu][fdt]") {
    DeviceTreeInputs inputs = some_machine();
    inputs.cpus = 3;
    const Tree tree = tree_of(make_device_tree(inputs));
    REQUIRE(tree.contains("/cpus/cpu@2"));
    CHECK(tree.at("/cpus/cpu@2").at("enable-method") == std::string("psci") + '\0');
    CHECK_FALSE(tree.contains("/cpus/cpu@3"));
}
