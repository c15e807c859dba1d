#include "host/host_kern.hpp"
#include "sys/event.hpp"
#include "sys/filedesc.hpp"
#include "sys/sysent.hpp"
#include "sys/tty.hpp"
#include "sys/vnode.hpp"

#include <catch2/catch_test_macros.hpp>

namespace {

std::string screen; // what the terminal has been sent

void put(int c) { screen += static_cast<char>(c); }

// A terminal that controls the session of the process that is running.
struct Terminal : host::System {
    tty t{};
    vnode device{};
    proc* self;

    Terminal() : self(fork()) {
        become(self);
        Root_check(proc_enterpgrp(self, self->p_pid, self->p_pid, true));
        tty_init(&t, put);
        screen.clear();
        mutex_enter(&proc_lock);
        t.t_session = self->p_pgrp->pg_session;
        t.t_session->s_ttyvp = &device;
        t.t_session->s_ttyp = &t;
        t.t_pgrp = self->p_pgrp;
        self->p_lflag |= PL_CONTROLT;
        mutex_exit(&proc_lock);
    }
    static void Root_check(Errno error) { REQUIRE(error == EOK); }
    void type(const std::string& text) {
        for (const char c : text) {
            ttyinput(static_cast<unsigned char>(c), &t);
        }
    }
    // What read returns; "<error>" if it fails, "sleeps" if it would wait.
    std::string read(size_t size = 100, int flags = 0) {
        std::string text(size, '?');
        abi::iovec iov;
        uio u;
        uio_setup(&u, &iov, text.data(), size, 0, UIO_READ, UIO_SYSSPACE);
        try {
            const Errno error = ttread(&t, &u, flags);
            if (error != EOK) {
                return "<" + std::to_string(error) + ">";
            }
        } catch (const host::Switched&) {
            return "sleeps";
        }
        text.resize(size - u.uio_resid);
        return text;
    }
    Errno write(std::string text) {
        abi::iovec iov;
        uio u;
        uio_setup(&u, &iov, text.data(), text.size(), 0, UIO_WRITE, UIO_SYSSPACE);
        return ttwrite(&t, &u, 0);
    }
    void raw(int vmin = 1) {
        t.t_termios.c_lflag &= ~(ICANON | ECHO);
        t.t_termios.c_cc[abi::VMIN] = static_cast<u8>(vmin);
        t.t_termios.c_cc[abi::VTIME] = 0;
    }
    bool pending(int signal) const { return sigismember(&self->p_sigpend.sp_set, signal); }
};

} // namespace

TEST_CASE("tty: a line can be read when it is complete", "[guestos][kern][tty]") {
    Terminal tty;
    tty.type("hel");
    CHECK(tty.read(100, abi::O_NONBLOCK) == "<35>"); // EAGAIN
    tty.type("lo\r");
    CHECK(tty.read() == "hello\n");
    CHECK(screen == "hello\r\n");
}

TEST_CASE("tty: reads take a line each, or a part of it", "[guestos][kern][tty]") {
    Terminal tty;
    tty.type("one\rtwo\r");
    CHECK(tty.read(2) == "on");
    CHECK(tty.read() == "e\n");
    CHECK(tty.read() == "two\n");
    CHECK(tty.read() == "sleeps");
}

TEST_CASE("tty: erase, kill and word erase edit the line and the screen",
          "[guestos][kern][tty]") {
    Terminal tty;
    tty.type("ab\177c\r");
    CHECK(tty.read() == "ac\n");
    CHECK(screen == "ab\b \bc\r\n");
    tty.type("\177\177x\025abc def\027g\r"); // nothing to erase; ^U; ^W
    CHECK(tty.read() == "abc g\n");
}

TEST_CASE("tty: end of file ends a line without a character", "[guestos][kern][tty]") {
    Terminal tty;
    tty.type("abc\004");
    CHECK(tty.read() == "abc");
    tty.type("\004");
    CHECK(tty.read().empty());
    tty.type("x\r");
    CHECK(tty.read() == "x\n");
}

TEST_CASE("tty: the next character after ^V means itself", "[guestos][kern][tty]") {
    Terminal tty;
    tty.type("a\026\004b\r");
    CHECK(tty.read() == "a\004b\n");
    CHECK_FALSE(tty.pending(SIGINT));
    CHECK(screen == "a^Db\r\n");
}

TEST_CASE("tty: ^C, ^\\ and ^Z send signals and flush", "[guestos][kern][tty]") {
    Terminal tty;
    tty.type("half a line\003");
    CHECK(tty.pending(SIGINT));
    CHECK(screen == "half a line^C");
    tty.type("\034");
    CHECK(tty.pending(SIGQUIT));
    tty.type("\032");
    CHECK_FALSE(tty.pending(SIGTSTP)); // its group is orphaned: nobody could continue it
    tty.t.t_termios.c_lflag &= ~ISIG;
    tty.type("\003\r");
    CHECK(tty.t.t_input.size() == 2);
}

TEST_CASE("tty: raw input comes at once and is not echoed", "[guestos][kern][tty]") {
    Terminal tty;
    tty.raw();
    tty.type("a");
    CHECK(tty.read() == "a");
    tty.type("\004\177");
    CHECK(tty.read() == "\004\177");
    CHECK(screen.empty());
    CHECK(tty.read() == "sleeps");
}

TEST_CASE("tty: VMIN says how much is enough", "[guestos][kern][tty]") {
    {
        Terminal tty;
        tty.raw(3);
        tty.type("ab");
        CHECK(tty.read(100) == "sleeps");
    }
    Terminal tty;
    tty.raw(0);
    CHECK(tty.read().empty());
    tty.type("x");
    CHECK(tty.read() == "x");
}

TEST_CASE("tty: new lines go out with carriage returns, if that is wanted",
          "[guestos][kern][tty]") {
    Terminal tty;
    CHECK(tty.write("a\nb\n") == EOK);
    CHECK(screen == "a\r\nb\r\n");
    screen.clear();
    tty.t.t_termios.c_oflag = 0;
    CHECK(tty.write("a\n") == EOK);
    CHECK(screen == "a\n");
}

TEST_CASE("tty: ^S holds output until ^Q", "[guestos][kern][tty]") {
    {
        Terminal tty;
        tty.type("\023");
        CHECK_THROWS_AS(tty.write("held"), host::Switched);
        CHECK(screen.empty());
    }
    Terminal tty;
    tty.type("\023\021");
    CHECK(tty.write("free") == EOK);
    CHECK(screen == "free");
}

TEST_CASE("tty: a reader in the background is stopped, or fails if nobody can continue it",
          "[guestos][kern][tty]") {
    Terminal tty;
    proc* job = tty.fork();
    REQUIRE(proc_enterpgrp(tty.self, job->p_pid, job->p_pid, false) == EOK);
    tty.become(job);
    CHECK(tty.read() == "<-3>"); // ERESTART, with SIGTTIN
    CHECK(sigismember(&job->p_sigpend.sp_set, SIGTTIN));
    CHECK(tty.write("background output\n") == EOK);
    sigaddset(&job->p_sigctx.ps_sigignore, SIGTTIN);
    CHECK(tty.read() == "<5>"); // EIO
}

TEST_CASE("tty: a long line is bounded", "[guestos][kern][tty]") {
    Terminal tty;
    tty.type(std::string(3000, 'x') + "\r");
    tty.type("\025ok\r");
    CHECK(tty.read(4000) == "ok\n");
}

TEST_CASE("tty: the session's end lets go of the terminal", "[guestos][kern][tty]") {
    Terminal tty;
    vref(&tty.device);
    vref(&tty.device); // one too many, so that the last stays
    session* ss = tty.self->p_pgrp->pg_session;
    mutex_enter(&proc_lock);
    proc_sesshold(ss);
    tty_leave_session(&tty.t);
    CHECK(tty.t.t_session == nullptr);
    CHECK(tty.t.t_pgrp == nullptr);
    CHECK(ss->s_ttyvp == nullptr);
    mutex_exit(&proc_lock);
    CHECK(tty.device.v_usecount.load() == 1);
}

namespace {

// An event queue with one knote, as kevent(2) makes them.
struct Watcher {
    kqueue kq{};
    knote kn{};
    Watcher(tty* tp, u32 filter) {
        kq.kq_head.init();
        cv_init(&kq.kq_cv, "kqueue");
        kn.kn_kq = &kq;
        kn.kn_kevent.filter = filter;
        REQUIRE(ttkqfilter(tp, &kn) == EOK);
    }
    ~Watcher() { kn.kn_fop->f_detach(&kn); }
    [[nodiscard]] bool ready() { return kn.kn_fop->f_event(&kn, 0); }
};

} // namespace

TEST_CASE("tty: an event queue is told of a line, with its length", "[guestos][kern][tty]") {
    Terminal tty;
    Watcher watcher(&tty.t, abi::EVFILT_READ);
    CHECK_FALSE(watcher.ready());
    tty.type("ab");
    CHECK(watcher.kq.kq_count == 0); // the line is not complete
    tty.type("c\r");
    CHECK(watcher.kq.kq_count == 1);
    CHECK(watcher.ready());
    CHECK(watcher.kn.kn_kevent.data == 4);
    CHECK(tty.read() == "abc\n");
    CHECK_FALSE(watcher.ready());
}

TEST_CASE("tty: an event queue is told when stopped output goes on", "[guestos][kern][tty]") {
    Terminal tty;
    Watcher watcher(&tty.t, abi::EVFILT_WRITE);
    CHECK(watcher.ready());
    tty.type("\023"); // ^S
    CHECK_FALSE(watcher.ready());
    tty.type("\021"); // ^Q
    CHECK(watcher.kq.kq_count == 1);
    CHECK(watcher.ready());
}

TEST_CASE("tty: the end of the session's leader hangs up the group in the foreground",
          "[guestos][kern][tty]") {
    Terminal tty;
    proc* job = tty.fork();
    proc* background = tty.fork();
    REQUIRE(proc_enterpgrp(tty.self, job->p_pid, job->p_pid, false) == EOK);
    vref(&tty.device); // the terminal's own reference, which the end gives back
    vref(&tty.device);
    mutex_enter(&proc_lock);
    tty.t.t_pgrp = job->p_pgrp;
    mutex_exit(&proc_lock);
    tty.exit(tty.self, 0);
    CHECK(sigismember(&job->p_sigpend.sp_set, SIGHUP));
    CHECK_FALSE(sigismember(&background->p_sigpend.sp_set, SIGHUP));
    CHECK(tty.t.t_session == nullptr); // free for another session
    CHECK(tty.t.t_pgrp == nullptr);
}
