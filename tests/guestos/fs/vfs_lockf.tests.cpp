#include "root.hpp"

#include <catch2/catch_test_macros.hpp>

using test::address;
using test::call;
using test::Root;

namespace {

Errno lock(long fd, int type, off_t start, off_t length, int command = abi::F_SETLK) {
    const abi::flock fl{start, length, 0, static_cast<short>(type), abi::SEEK_SET};
    return call(sys_fcntl, {u64(fd), u64(command), address(&fl)}).error;
}

abi::flock in_the_way(long fd, off_t start, off_t length) {
    abi::flock fl{start, length, 0, abi::F_WRLCK, abi::SEEK_SET};
    CHECK(call(sys_fcntl, {u64(fd), abi::F_GETLK, address(&fl)}).error == EOK);
    return fl;
}

bool is_locked(long fd) {
    return in_the_way(fd, 0, 0).l_type != abi::F_UNLCK;
}

} // namespace

TEST_CASE("lockf: a lock in the middle of one leaves its ends", "[guestos][fs][lockf]") {
    Root root;
    root.create("/f", "0123456789");
    const long fd = root.open("/f", abi::O_RDWR).value;
    proc* parent = curlwp->l_proc;
    CHECK(lock(fd, abi::F_WRLCK, 0, 10) == EOK);
    CHECK(lock(fd, abi::F_UNLCK, 4, 2) == EOK);
    root.become(root.fork());
    abi::flock fl = in_the_way(fd, 0, 0);
    CHECK((fl.l_start == 0 && fl.l_len == 4 && fl.l_pid == parent->p_pid));
    fl = in_the_way(fd, 4, 0);
    CHECK((fl.l_start == 6 && fl.l_len == 4));
    CHECK(in_the_way(fd, 4, 2).l_type == abi::F_UNLCK);
    CHECK(lock(fd, abi::F_RDLCK, 3, 2) == EAGAIN);
    CHECK(lock(fd, abi::F_WRLCK, 4, 2) == EOK);
}

TEST_CASE("lockf: locks end with the process, whatever is still open", "[guestos][fs][lockf]") {
    Root root;
    root.create("/f", "0123456789");
    const long fd = root.open("/f", abi::O_RDWR).value;
    proc* parent = curlwp->l_proc;
    proc* child = root.fork(FORK_SHAREFILES);
    root.become(child);
    CHECK(lock(fd, abi::F_WRLCK, 0, 0) == EOK);
    root.become(parent);
    CHECK(is_locked(fd));
    SECTION("its descriptor is there") {
        root.exit(child, 0);
        root.become(parent);
        CHECK_FALSE(is_locked(fd));
    }
    SECTION("its parent has closed it, and the file's name is gone") {
        CHECK(root.unlink("/f") == EOK);
        CHECK(root.close(fd) == EOK);
        root.exit(child, 0);
        root.become(parent);
    }
}

TEST_CASE("lockf: who waits for a lock sleeps and is woken", "[guestos][fs][lockf]") {
    Root root;
    root.create("/f", "0123456789");
    const long fd = root.open("/f", abi::O_RDWR).value;
    CHECK(lock(fd, abi::F_WRLCK, 0, 0) == EOK);
    proc* parent = curlwp->l_proc;
    proc* child = root.fork();
    root.become(child);
    CHECK_THROWS_AS(lock(fd, abi::F_WRLCK, 0, 0, abi::F_SETLKW), host::Switched);
    CHECK(child->p_lwps.first()->l_stat == LSSLEEP);
    root.become(parent);
    CHECK(root.close(fd) == EOK);
    CHECK(child->p_lwps.first()->l_stat == LSRUN);
}

TEST_CASE("flock: the lock is the open file's, and goes with its last descriptor",
          "[guestos][fs][lockf]") {
    Root root;
    root.create("/f", "0123456789");
    const long fd = root.open("/f", abi::O_RDWR).value;
    const long other = root.open("/f", abi::O_RDWR).value;
    const auto flock = [](long d, int how) { return call(sys_flock, {u64(d), u64(how)}).error; };
    CHECK(flock(fd, abi::LOCK_EX) == EOK);
    proc* parent = curlwp->l_proc;
    proc* child = root.fork();
    CHECK(root.close(fd) == EOK);
    CHECK(flock(other, abi::LOCK_SH | abi::LOCK_NB) == EAGAIN);
    CHECK(in_the_way(other, 0, 0).l_pid == -1);
    root.exit(child, 0);
    root.become(parent);
    CHECK(flock(other, abi::LOCK_EX | abi::LOCK_NB) == EOK);
    CHECK(flock(other, abi::LOCK_SH | abi::LOCK_EX) == EINVAL);
    CHECK(flock(77, abi::LOCK_SH) == EBADF);
}
