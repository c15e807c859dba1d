#include "../fs/root.hpp"

#include "sys/resourcevar.hpp"

#include <catch2/catch_test_macros.hpp>

using test::address;
using test::call;
using test::Root;

namespace {

test::Result fcntl_of(long fd, int cmd, int arg = 0) {
    return call(sys_fcntl, {u64(fd), u64(cmd), u64(arg)});
}

} // namespace

TEST_CASE("descriptors: the lowest free one is given", "[guestos][kern][descrip]") {
    Root root;
    root.create("/f", "0123456789");
    for (int fd = 0; fd < 5; fd++) {
        CHECK(root.open("/f", abi::O_RDONLY).value == fd);
    }
    CHECK(root.close(1) == EOK);
    CHECK(root.close(3) == EOK);
    CHECK(root.open("/f", abi::O_RDONLY).value == 1);
    CHECK(call(sys_dup, {0}).value == 3);
    CHECK(call(sys_dup, {0}).value == 5);
    CHECK(root.close(17) == EBADF);
    CHECK(root.close(-1) == EBADF);
    CHECK(call(sys_dup, {99}).error == EBADF);
}

TEST_CASE("descriptors: dup shares the offset, open does not", "[guestos][kern][descrip]") {
    Root root;
    root.create("/f", "0123456789");
    const long fd = root.open("/f", abi::O_RDONLY).value;
    const long copy = call(sys_dup, {u64(fd)}).value;
    const long other = root.open("/f", abi::O_RDONLY).value;
    CHECK(root.read(fd, 3) == "012");
    CHECK(root.read(copy, 3) == "345");
    CHECK(root.read(other, 3) == "012");
    CHECK(root.close(fd) == EOK);
    CHECK(root.read(copy, 3) == "678");
}

TEST_CASE("descriptors: dup2 closes what was there and leaves itself alone",
          "[guestos][kern][descrip]") {
    Root root;
    root.create("/a", "a");
    root.create("/b", "b");
    const long a = root.open("/a", abi::O_RDONLY).value;
    const long b = root.open("/b", abi::O_RDONLY).value;
    CHECK(call(sys_dup2, {u64(a), u64(b)}).value == b);
    CHECK(root.read(b) == "a");
    CHECK(nfiles.load() == 1);
    CHECK(call(sys_dup2, {u64(a), u64(a)}).value == a);
    CHECK(call(sys_dup2, {u64(a), 100}).value == 100); // the table grows
    CHECK(call(sys_dup2, {u64(a), u64(-1)}).error == EBADF);
    CHECK(call(sys_dup2, {u64(a), 100000}).error == EBADF);
    CHECK(call(sys_dup2, {55, u64(a)}).error == EBADF);
    CHECK(call(sys___dup3100, {u64(a), u64(a), 0}).error == EINVAL);
    CHECK(call(sys___dup3100, {u64(a), 7, abi::O_CLOEXEC}).value == 7);
    CHECK(fcntl_of(7, abi::F_GETFD).value == abi::FD_CLOEXEC);
}

TEST_CASE("descriptors: the limit is EMFILE, and the table grows up to it",
          "[guestos][kern][descrip]") {
    Root root;
    root.create("/f", "");
    constexpr abi::rlimit limit{50, 50};
    REQUIRE(dosetrlimit(curlwp, curlwp->l_proc, abi::RLIMIT_NOFILE, &limit) == EOK);
    for (int fd = 0; fd < 50; fd++) {
        REQUIRE(root.open("/f", abi::O_RDONLY).value == fd);
    }
    CHECK(root.open("/f", abi::O_RDONLY).error == EMFILE);
    CHECK(call(sys_dup, {0}).error == EMFILE);
    CHECK(nfiles.load() == 50);
    CHECK(root.close(20) == EOK);
    CHECK(root.open("/f", abi::O_RDONLY).value == 20);
}

TEST_CASE("descriptors: too many files in all is ENFILE", "[guestos][kern][descrip]") {
    Root root;
    root.create("/f", "");
    const int old = std::exchange(maxfiles, 3);
    for (int fd = 0; fd < 3; fd++) {
        REQUIRE(root.open("/f", abi::O_RDONLY).error == EOK);
    }
    const Errno error = root.open("/f", abi::O_RDONLY).error;
    maxfiles = old;
    CHECK((error == ENFILE || error == EMFILE));
    CHECK(nfiles.load() == 3);
}

TEST_CASE("fcntl: flags of descriptors and of files", "[guestos][kern][descrip]") {
    Root root;
    root.create("/f", "x");
    const long fd = root.open("/f", abi::O_RDWR | abi::O_CLOEXEC).value;
    CHECK(fcntl_of(fd, abi::F_GETFD).value == abi::FD_CLOEXEC);
    CHECK(fcntl_of(fd, abi::F_SETFD, 0).error == EOK);
    CHECK(fcntl_of(fd, abi::F_GETFD).value == 0);
    CHECK(fcntl_of(fd, abi::F_GETFL).value == abi::O_RDWR);
    CHECK(fcntl_of(fd, abi::F_SETFL, abi::O_APPEND | abi::O_NONBLOCK).error == EOK);
    CHECK(fcntl_of(fd, abi::F_GETFL).value == (abi::O_RDWR | abi::O_APPEND | abi::O_NONBLOCK));
    CHECK(fcntl_of(fd, abi::F_DUPFD, 10).value == 10);
    CHECK(fcntl_of(fd, abi::F_GETFL).value == fcntl_of(10, abi::F_GETFL).value);
    CHECK(fcntl_of(fd, abi::F_DUPFD_CLOEXEC, 10).value == 11);
    CHECK(fcntl_of(11, abi::F_GETFD).value == abi::FD_CLOEXEC);
    CHECK(fcntl_of(fd, abi::F_DUPFD, -1).error == EINVAL);
    CHECK(fcntl_of(fd, 4711).error == EINVAL);
    CHECK(fcntl_of(77, abi::F_GETFD).error == EBADF);
    CHECK(fcntl_of(fd, abi::F_MAXFD).value == 11);
    CHECK(fcntl_of(1, abi::F_CLOSEM).error == EOK);
    CHECK(fcntl_of(fd, abi::F_MAXFD).value == 0);
}

TEST_CASE("descriptors: reading what is for writing is EBADF", "[guestos][kern][descrip]") {
    Root root;
    root.create("/f", "x");
    const long reader = root.open("/f", abi::O_RDONLY).value;
    const long writer = root.open("/f", abi::O_WRONLY).value;
    CHECK(root.write(reader, "x").error == EBADF);
    char c;
    CHECK(call(sys_read, {u64(writer), address(&c), 1}).error == EBADF);
    CHECK(call(sys_read, {u64(reader), address(&c), ~u64{0}}).error == EINVAL);
    CHECK(call(sys_read, {u64(reader), 0, 1}).error == EFAULT);
}

TEST_CASE("descriptors: readv and writev go through their pieces in order",
          "[guestos][kern][descrip]") {
    Root root;
    const long fd = root.open("/f", abi::O_CREAT | abi::O_RDWR).value;
    char one[] = "abc";
    char two[] = "defgh";
    abi::iovec out[] = {{one, 3}, {nullptr, 0}, {two, 5}};
    CHECK(call(sys_writev, {u64(fd), address(out), 3}).value == 8);
    CHECK(root.contents("/f") == "abcdefgh");
    char in1[2];
    char in2[10];
    abi::iovec in[] = {{in1, 2}, {in2, 10}};
    CHECK(call(sys_lseek, {u64(fd), 0, 0, abi::SEEK_SET}).error == EOK);
    CHECK(call(sys_readv, {u64(fd), address(in), 2}).value == 8);
    CHECK(std::string(in1, 2) + std::string(in2, 6) == "abcdefgh");
    CHECK(call(sys_readv, {u64(fd), address(in), 0}).error == EINVAL);
    CHECK(call(sys_readv, {u64(fd), address(in), 65}).error == EINVAL);
}

TEST_CASE("fork F13: descriptors are copied with their offsets, but for those marked",
          "[guestos][kern][descrip]") {
    Root root;
    root.create("/f", "0123456789");
    const long fd = root.open("/f", abi::O_RDONLY).value;
    const long marked = root.open("/f", abi::O_RDONLY | abi::O_CLOFORK).value;
    const long far = fcntl_of(fd, abi::F_DUPFD, 60).value;
    proc* parent = curlwp->l_proc;
    proc* child = root.fork();
    CHECK(root.read(fd, 2) == "01");
    root.become(child);
    CHECK(root.read(fd, 2) == "23");
    CHECK(root.read(far, 2) == "45");
    CHECK(fcntl_of(marked, abi::F_GETFD).error == EBADF);
    CHECK(root.close(fd) == EOK);
    root.become(parent);
    CHECK(root.read(fd, 2) == "67");
    CHECK(fcntl_of(marked, abi::F_GETFD).value == abi::FD_CLOFORK);
}

TEST_CASE("exec: close-on-exec closes, and a shared table is left first",
          "[guestos][kern][descrip]") {
    Root root;
    root.create("/f", "x");
    const long stays = root.open("/f", abi::O_RDONLY).value;
    const long goes = root.open("/f", abi::O_RDONLY | abi::O_CLOEXEC).value;
    proc* parent = curlwp->l_proc;
    proc* child = root.fork(FORK_SHAREFILES);
    root.become(child);
    fd_closeexec();
    CHECK(child->p_fd != parent->p_fd);
    CHECK(fcntl_of(stays, abi::F_GETFD).error == EOK);
    CHECK(fcntl_of(goes, abi::F_GETFD).error == EBADF);
    root.become(parent);
    CHECK(fcntl_of(goes, abi::F_GETFD).error == EOK);
}

TEST_CASE("exit: the last reference to a file closes it", "[guestos][kern][descrip]") {
    Root root;
    root.create("/f", "x");
    REQUIRE(root.open("/f", abi::O_RDONLY).error == EOK);
    proc* child = root.fork();
    CHECK(nfiles.load() == 1);
    root.become(child);
    REQUIRE(root.open("/f", abi::O_RDONLY).error == EOK);
    CHECK(nfiles.load() == 2);
    root.exit(child, 0);
    CHECK(nfiles.load() == 1);
}
