#include "space.hpp"

#include "sys/uio.hpp"

#include <catch2/catch_test_macros.hpp>

using namespace test;

namespace {

std::vector<u8> contents(size_t n) {
    std::vector<u8> data(n);
    for (size_t i = 0; i < n; ++i) {
        data[i] = static_cast<u8>(i * 7 + i / 256);
    }
    return data;
}

} // namespace

TEST_CASE("aobj: a page is copied from its backing when it is first mapped", "[guestos][uvm]") {
    host::Kernel kernel;
    const auto data = contents(5000);
    Space vm = make_space();
    uvm_object* file = uao_create_backed(data.data(), 5000);
    uao_reference(file);
    map_object(vm, kBase, 2, file, true);
    CHECK(file->uo_npages == 0);
    CHECK(host::load(vm.get(), kBase + 4999).value == data[4999]);
    CHECK(file->uo_npages == 1);
    CHECK(host::count_probes(abi::ProbeId::FileFill) == 1);
    CHECK(host::load(vm.get(), kBase + 5000).value == 0);
    CHECK(host::load(vm.get(), kBase + 17).value == data[17]);
    uao_detach(file);
}

TEST_CASE("M10 a write to a private file page goes to an anon and not to the file",
          "[guestos][uvm]") {
    host::Kernel kernel;
    const InUse before = in_use(kernel);
    {
        const auto data = contents(4096);
        Space vm = make_space();
        uvm_object* file = uao_create_backed(data.data(), 4096);
        uao_reference(file);
        map_object(vm, kBase, 1, file, false);
        host::take_probes();
        CHECK(host::store(vm.get(), kBase, 255).error == EOK);
        CHECK(host::load(vm.get(), kBase).value == 255);
        CHECK(host::load(vm.get(), kBase + 1).value == data[1]);
        u8 byte;
        REQUIRE(ubc_read(file, 0, &byte, 1) == EOK);
        CHECK(byte == data[0]);
        CHECK(host::count_probes(abi::ProbeId::FileFill) == 1);
        uao_detach(file);
    }
    CHECK(in_use(kernel) == before);
}

TEST_CASE("aobj: shared mappings and read and write see one file", "[guestos][uvm]") {
    host::Kernel kernel;
    Space a = make_space();
    Space b = make_space();
    uvm_object* file = uao_create(3 * PAGE_SIZE);
    uao_reference(file);
    uao_reference(file);
    map_object(a, kBase, 3, file, true);
    map_object(b, kBase, 2, file, true, PAGE_SIZE);
    host::store(a.get(), kBase + PAGE_SIZE + 3, 77);
    CHECK(host::load(b.get(), kBase + 3).value == 77);
    const u8 value = 78;
    REQUIRE(ubc_write(file, PAGE_SIZE + 3, &value, 1) == EOK);
    CHECK(host::load(a.get(), kBase + PAGE_SIZE + 3).value == 78);
    uao_detach(file);
}

TEST_CASE("aobj: access beyond the end is EINVAL, truncation unmaps and zeroes", "[guestos][uvm]") {
    host::Kernel kernel;
    const auto data = contents(3 * PAGE_SIZE);
    Space vm = make_space();
    uvm_object* file = uao_create_backed(data.data(), 3 * PAGE_SIZE);
    uao_reference(file);
    map_object(vm, kBase, 4, file, true);
    CHECK(host::load(vm.get(), kBase + 3 * PAGE_SIZE).error == EINVAL);
    host::load(vm.get(), kBase + PAGE_SIZE);
    host::load(vm.get(), kBase + 2 * PAGE_SIZE);

    uao_setsize(file, PAGE_SIZE + 10);

    CHECK(host::load(vm.get(), kBase + 2 * PAGE_SIZE).error == EINVAL);
    CHECK(host::load(vm.get(), kBase + PAGE_SIZE + 9).value == data[PAGE_SIZE + 9]);
    CHECK(host::load(vm.get(), kBase + PAGE_SIZE + 10).value == 0);
    uao_setsize(file, 3 * PAGE_SIZE);
    CHECK(host::load(vm.get(), kBase + 2 * PAGE_SIZE).value == 0);
    u8 bytes[2];
    REQUIRE(ubc_read(file, PAGE_SIZE + 9, bytes, 2) == EOK);
    CHECK(bytes[0] == data[PAGE_SIZE + 9]);
    CHECK(bytes[1] == 0);
    uao_detach(file);
}

TEST_CASE("ubc: reading makes no pages and crosses from resident pages to backing and holes",
          "[guestos][uvm]") {
    host::Kernel kernel;
    const auto data = contents(2 * PAGE_SIZE);
    uvm_object* file = uao_create_backed(data.data(), 2 * PAGE_SIZE);
    uao_setsize(file, 4 * PAGE_SIZE);
    const u8 value = 1;
    REQUIRE(ubc_write(file, PAGE_SIZE, &value, 1) == EOK);
    CHECK(file->uo_npages == 1);

    std::vector<u8> buffer(4 * PAGE_SIZE, 9);
    abi::iovec iov{buffer.data(), buffer.size()};
    uio uio{&iov, 1, 0, buffer.size(), UIO_READ, UIO_SYSSPACE};
    REQUIRE(ubc_uiomove(file, &uio, 4 * PAGE_SIZE) == EOK);

    CHECK(file->uo_npages == 1);
    CHECK(buffer[100] == data[100]);
    CHECK(buffer[PAGE_SIZE] == 1);
    CHECK(buffer[PAGE_SIZE + 1] == data[PAGE_SIZE + 1]);
    CHECK(buffer[3 * PAGE_SIZE + 5] == 0);
    uao_detach(file);
}
