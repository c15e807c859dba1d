#include "../fs/root.hpp"

#include "abi/poll.hpp"

#include <catch2/catch_test_macros.hpp>

using test::address;
using test::call;
using test::Root;

namespace {

struct Pipe {
    int fds[2] = {-1, -1};
    explicit Pipe(int flags = 0) {
        Root::REQUIRE_EOK(call(sys_pipe2, {address(fds), u64(flags)}).error);
    }
    [[nodiscard]] int reader() const { return fds[0]; }
    [[nodiscard]] int writer() const { return fds[1]; }
};

int poll_of(int fd, int events) {
    abi::pollfd p{fd, int16_t(events), 0};
    Root::REQUIRE_EOK(call(sys_poll, {address(&p), 1, 0}).error);
    return p.revents;
}

} // namespace

TEST_CASE("pipe: bytes come out as they went in, whatever the pieces", "[guestos][kern][pipe]") {
    Root root;
    const Pipe pipe;
    CHECK(root.write(pipe.writer(), "hello ").value == 6);
    CHECK(root.write(pipe.writer(), "world").value == 5);
    CHECK(root.read(pipe.reader(), 4) == "hell");
    CHECK(root.read(pipe.reader()) == "o world");
}

TEST_CASE("pipe: the ring goes round", "[guestos][kern][pipe]") {
    Root root;
    const Pipe pipe;
    std::string sent;
    std::string received;
    for (int i = 0; i < 100; i++) {
        std::string piece(997, char('a' + i % 26));
        CHECK(root.write(pipe.writer(), piece).value == 997);
        sent += piece;
        received += root.read(pipe.reader(), i % 2 == 0 ? 500 : 1494);
    }
    CHECK(received == sent);
}

TEST_CASE("pipe: without writers a reader gets what is left, then the end",
          "[guestos][kern][pipe]") {
    Root root;
    const Pipe pipe;
    root.write(pipe.writer(), "last words");
    CHECK(root.close(pipe.writer()) == EOK);
    CHECK(root.read(pipe.reader()) == "last words");
    CHECK(call(sys_read, {u64(pipe.reader()), address("x"), 0}).value == 0);
    CHECK(root.read(pipe.reader()).empty());
}

TEST_CASE("pipe: without readers a writer gets EPIPE and SIGPIPE", "[guestos][kern][pipe]") {
    Root root;
    const Pipe pipe;
    proc* self = root.fork();
    root.become(self);
    CHECK(root.close(pipe.reader()) == EOK);
    root.become(initproc);
    CHECK(root.close(pipe.reader()) == EOK);
    root.become(self);
    CHECK(root.write(pipe.writer(), "x").error == EPIPE);
    CHECK(sigismember(&self->p_sigpend.sp_set, SIGPIPE));
}

TEST_CASE("pipe: an empty one lets its reader sleep, a full one its writer",
          "[guestos][kern][pipe]") {
    {
        Root root;
        const Pipe pipe;
        CHECK_THROWS_AS(root.read(pipe.reader()), host::Switched);
    }
    Root root;
    const Pipe pipe;
    CHECK_THROWS_AS(root.write(pipe.writer(), std::string(20000, 'x')), host::Switched);
}

TEST_CASE("pipe: O_NONBLOCK is EAGAIN, and a short write goes whole or not at all",
          "[guestos][kern][pipe]") {
    Root root;
    const Pipe pipe(abi::O_NONBLOCK);
    char c;
    CHECK(call(sys_read, {u64(pipe.reader()), address(&c), 1}).error == EAGAIN);
    CHECK(root.write(pipe.writer(), std::string(20000, 'x')).value == 16384);
    CHECK(root.write(pipe.writer(), "x").error == EAGAIN);
    CHECK(root.read(pipe.reader(), 100).size() == 100);
    CHECK(root.write(pipe.writer(), std::string(101, 'y')).error == EAGAIN);
    CHECK(root.write(pipe.writer(), std::string(100, 'y')).value == 100);
}

TEST_CASE("pipe: poll tells what can be done", "[guestos][kern][pipe]") {
    Root root;
    const Pipe pipe;
    CHECK(poll_of(pipe.reader(), abi::POLLIN) == 0);
    CHECK(poll_of(pipe.writer(), abi::POLLOUT) == abi::POLLOUT);
    root.write(pipe.writer(), "x");
    CHECK(poll_of(pipe.reader(), abi::POLLIN) == abi::POLLIN);
    CHECK(root.close(pipe.writer()) == EOK);
    CHECK(poll_of(pipe.reader(), abi::POLLIN) == (abi::POLLIN | abi::POLLHUP));
    CHECK(poll_of(77, abi::POLLIN) == abi::POLLNVAL);
    CHECK(poll_of(-1, abi::POLLIN) == 0);
}

TEST_CASE("pipe: it has no offset, and says that it is a pipe", "[guestos][kern][pipe]") {
    Root root;
    const Pipe pipe;
    CHECK(call(sys_lseek, {u64(pipe.reader()), 0, 0, abi::SEEK_SET}).error == ESPIPE);
    CHECK(call(sys_pread, {u64(pipe.reader()), address("x"), 0, 0, 0}).error == ESPIPE);
    abi::stat st;
    CHECK(call(sys___fstat50, {u64(pipe.reader()), address(&st)}).error == EOK);
    CHECK((st.st_mode & abi::S_IFMT) == abi::S_IFIFO);
}

TEST_CASE("pipe: descriptors come in x0 and x1, flags only with pipe2", "[guestos][kern][pipe]") {
    Root root;
    syscall_args args{};
    register_t retval[2];
    CHECK(sys_pipe(curlwp, &args, retval) == EOK);
    CHECK(retval[0] == 0);
    CHECK(retval[1] == 1);
    int fds[2];
    CHECK(call(sys_pipe2, {address(fds), 0x10}).error == EINVAL);
    CHECK(call(sys_pipe2, {0, 0}).error == EFAULT);
    CHECK(nfiles.load() == 2);
    CHECK(call(sys_pipe2, {address(fds), abi::O_CLOEXEC}).error == EOK);
    CHECK(call(sys_fcntl, {u64(fds[0]), abi::F_GETFD}).value == abi::FD_CLOEXEC);
}

TEST_CASE("pipe: closed ends give everything back", "[guestos][kern][pipe]") {
    Root root;
    const u64 before = root.kernel().frames_used();
    for (int i = 0; i < 20; i++) {
        const Pipe pipe;
        root.write(pipe.writer(), "x");
        CHECK(root.close(pipe.reader()) == EOK);
        CHECK(root.close(pipe.writer()) == EOK);
    }
    CHECK(root.kernel().frames_used() == before);
    CHECK(nfiles.load() == 0);
}
