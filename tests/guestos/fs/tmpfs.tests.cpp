#include "root.hpp"

#include "sys/kauth.hpp"

#include <catch2/catch_test_macros.hpp>

using test::address;
using test::call;
using test::Root;

namespace {

std::vector<std::string> list(Root& root, const char* path) {
    const test::Result fd = root.open(path, abi::O_RDONLY | abi::O_DIRECTORY);
    Root::REQUIRE_EOK(fd.error);
    std::vector<std::string> names;
    alignas(8) char buffer[128]; // little, so that it takes several calls
    for (;;) {
        const test::Result r =
            call(sys___getdents30, {u64(fd.value), address(buffer), sizeof(buffer)});
        Root::REQUIRE_EOK(r.error);
        if (r.value == 0) {
            break;
        }
        for (long at = 0; at < r.value;) {
            abi::dirent d{};
            memcpy(&d, buffer + at, offsetof(abi::dirent, d_name));
            names.emplace_back(buffer + at + offsetof(abi::dirent, d_name), d.d_namlen);
            at += d.d_reclen;
        }
    }
    Root::REQUIRE_EOK(root.close(fd.value));
    return names;
}

} // namespace

TEST_CASE("root: the archive's files are there, in place, and so are the devices",
          "[guestos][fs]") {
    test::Archive archive;
    archive.directory("bin").file("bin/true", "program", 0100755).symlink("b", "bin/true");
    archive.file("made/on/the/way", "x").end();
    Root root(archive);
    CHECK(root.contents("/bin/true") == "program");
    CHECK(root.contents("/b") == "program");
    CHECK(root.contents("/made/on/the/way") == "x");
    CHECK(root.stat("/bin/true").st_mode == 0100755);
    CHECK(root.stat("/bin/true").st_mtim.tv_sec == 1'700'000'000);
    CHECK((root.stat("/dev/null").st_mode & abi::S_IFMT) == abi::S_IFCHR);
    CHECK(list(root, "/dev") ==
          std::vector<std::string>{".", "..", "console", "tty", "null", "zero"});
}

TEST_CASE("root: a later archive replaces files, and hard links share contents", "[guestos][fs]") {
    test::Archive archive;
    archive.file("etc/rc", "old").link("one", 7).link("two", 7, "both").end();
    archive.file("etc/rc", "new").file("job/argv", "prog").end();
    Root root(archive);
    CHECK(root.contents("/etc/rc") == "new");
    CHECK(root.contents("/job/argv") == "prog");
    CHECK(root.contents("/one") == "both");
    CHECK(root.stat("/one").st_ino == root.stat("/two").st_ino);
    CHECK(root.stat("/one").st_nlink == 2);
}

TEST_CASE("tmpfs: a file from the RAM disk can be written, the RAM disk stays as it was",
          "[guestos][fs]") {
    test::Archive archive;
    archive.file("f", "contents").end();
    Root root(archive);
    const std::string before = root.archive.text();
    const test::Result fd = root.open("/f", abi::O_RDWR);
    root.write(fd.value, "CON");
    CHECK(root.contents("/f") == "CONtents");
    CHECK(root.archive.text() == before);
}

TEST_CASE("tmpfs: write, append, seek, hole and truncate", "[guestos][fs]") {
    Root root;
    root.create("/f", "hello");
    const test::Result fd = root.open("/f", abi::O_RDWR | abi::O_APPEND);
    root.write(fd.value, " world");
    CHECK(root.contents("/f") == "hello world");
    CHECK(call(sys_lseek, {u64(fd.value), 0, 6, abi::SEEK_SET}).value == 6);
    CHECK(root.read(fd.value) == "world");
    CHECK(call(sys_lseek, {u64(fd.value), 0, u64(-5), abi::SEEK_END}).value == 6);
    CHECK(call(sys_lseek, {u64(fd.value), 0, u64(-1), abi::SEEK_SET}).error == EINVAL);
    CHECK(call(sys_ftruncate, {u64(fd.value), 0, 3}).error == EOK);
    CHECK(root.contents("/f") == "hel");
    const test::Result other = root.open("/f", abi::O_WRONLY);
    CHECK(call(sys_pwrite, {u64(other.value), address("x"), 1, 0, 10}).value == 1);
    CHECK(root.contents("/f") == std::string("hel\0\0\0\0\0\0\0x", 11));
    CHECK(root.open("/f", abi::O_RDONLY | abi::O_TRUNC).error == EOK);
    CHECK(root.stat("/f").st_size == 0);
}

TEST_CASE("open: what each flag asks for", "[guestos][fs]") {
    Root root;
    root.create("/f", "x");
    REQUIRE(root.mkdir("/d") == EOK);
    CHECK(root.open("/none", abi::O_RDONLY).error == ENOENT);
    CHECK(root.open("/f/under", abi::O_RDONLY).error == ENOTDIR);
    CHECK(root.open("/f/", abi::O_RDONLY).error == ENOTDIR);
    CHECK(root.open("/f", abi::O_CREAT | abi::O_EXCL | abi::O_WRONLY).error == EEXIST);
    CHECK(root.open("/d", abi::O_WRONLY).error == EISDIR);
    CHECK(root.open("/f", abi::O_DIRECTORY).error == ENOTDIR);
    CHECK(root.open("/f", abi::O_ACCMODE).error == EINVAL);
    CHECK(root.open("", abi::O_RDONLY).error == ENOENT);
    CHECK(root.open(nullptr, abi::O_RDONLY).error == EFAULT);
    CHECK(root.open(std::string(2000, 'a').c_str(), abi::O_RDONLY).error == ENAMETOOLONG);
    CHECK(root.open(("/" + std::string(512, 'a')).c_str(), abi::O_RDONLY).error == ENAMETOOLONG);
    CHECK(root.open("/new", abi::O_CREAT | abi::O_RDONLY, 0666).error == EOK);
    CHECK((root.stat("/new").st_mode & 07777) == 0644); // umask
    REQUIRE(root.symlink("f", "/l") == EOK);
    CHECK(root.open("/l", abi::O_RDONLY | abi::O_NOFOLLOW).error == ELOOP);
}

TEST_CASE("tmpfs: a removed file lives on while it is open", "[guestos][fs]") {
    Root root;
    root.create("/f", "still here");
    const test::Result fd = root.open("/f", abi::O_RDONLY);
    CHECK(root.unlink("/f") == EOK);
    CHECK(root.contents("/f") == "<2>");
    CHECK(root.read(fd.value) == "still here");
    CHECK(root.close(fd.value) == EOK);
    CHECK(root.unlink("/f") == ENOENT);
}

TEST_CASE("tmpfs: directories are made, listed and removed when they are empty", "[guestos][fs]") {
    Root root;
    CHECK(root.mkdir("/d") == EOK);
    CHECK(root.mkdir("/d") == EEXIST);
    CHECK(root.mkdir("/none/d") == ENOENT);
    CHECK(root.mkdir("/d/sub/") == EOK);
    CHECK(root.stat("/d").st_nlink == 3);
    root.create("/d/f", "");
    CHECK(list(root, "/d") == std::vector<std::string>{".", "..", "sub", "f"});
    CHECK(root.rmdir("/d") == ENOTEMPTY);
    CHECK(root.rmdir("/d/f") == ENOTDIR);
    CHECK(root.unlink("/d/sub") == EPERM);
    CHECK(root.rmdir("/d/sub") == EOK);
    CHECK(root.stat("/d").st_nlink == 2);
    CHECK(root.unlink("/d/f") == EOK);
    CHECK(root.rmdir("/d/.") == EINVAL);
    CHECK(root.rmdir("/") == EBUSY);
    CHECK(root.rmdir("/d") == EOK);
    CHECK(list(root, "/").size() == 3); // ., .., dev
}

TEST_CASE("tmpfs: hard links count", "[guestos][fs]") {
    Root root;
    root.create("/a", "one file");
    CHECK(root.link("/a", "/b") == EOK);
    CHECK(root.link("/a", "/b") == EEXIST);
    CHECK(root.link("/dev", "/c") == EPERM);
    CHECK(root.stat("/b").st_nlink == 2);
    CHECK(root.unlink("/a") == EOK);
    CHECK(root.contents("/b") == "one file");
    CHECK(root.stat("/b").st_nlink == 1);
}

TEST_CASE("namei: symbolic links are followed, and loops end", "[guestos][fs]") {
    Root root;
    REQUIRE(root.mkdir("/d") == EOK);
    root.create("/d/f", "found");
    CHECK(root.symlink("d", "/rel") == EOK);
    CHECK(root.symlink("/d/f", "/abs") == EOK);
    CHECK(root.symlink("../rel/f", "/d/up") == EOK);
    CHECK(root.symlink("loop2", "/loop1") == EOK);
    CHECK(root.symlink("loop1", "/loop2") == EOK);
    CHECK(root.contents("/rel/f") == "found");
    CHECK(root.contents("/abs") == "found");
    CHECK(root.contents("/d/up") == "found");
    CHECK(root.contents("/loop1") == "<62>");
    CHECK(root.contents("/rel/../d/./f") == "found");
    CHECK(root.contents("/../../d/f") == "found");
    char target[16] = {};
    CHECK(call(sys_readlink, {address("/d/up"), address(target), sizeof(target)}).value == 8);
    CHECK(std::string(target) == "../rel/f");
    CHECK(call(sys_readlink, {address("/d/f"), address(target), sizeof(target)}).error == EINVAL);
    // Creating through a dangling link makes its target.
    CHECK(root.symlink("/d/made", "/dangling") == EOK);
    root.create("/dangling", "x");
    CHECK(root.contents("/d/made") == "x");
}

TEST_CASE("rename: moves, replaces and refuses", "[guestos][fs]") {
    Root root;
    REQUIRE(root.mkdir("/d") == EOK);
    REQUIRE(root.mkdir("/d/e") == EOK);
    root.create("/a", "a");
    root.create("/b", "b");
    CHECK(root.rename("/a", "/d/moved") == EOK);
    CHECK(root.contents("/d/moved") == "a");
    CHECK(root.contents("/a") == "<2>");
    CHECK(root.rename("/d/moved", "/b") == EOK);
    CHECK(root.contents("/b") == "a");
    CHECK(root.rename("/none", "/x") == ENOENT);
    CHECK(root.rename("/d", "/d/e/under") == EINVAL);
    CHECK(root.rename("/b", "/d") == EISDIR);
    CHECK(root.rename("/d", "/b") == ENOTDIR);
    CHECK(root.rename("/b", "/b") == EOK);
    CHECK(root.rename("/d/.", "/x") == EINVAL);
    REQUIRE(root.mkdir("/full") == EOK);
    root.create("/full/f", "");
    CHECK(root.rename("/d", "/full") == ENOTEMPTY);
    CHECK(root.unlink("/full/f") == EOK);
    CHECK(root.rename("/d", "/full") == EOK);
    CHECK(list(root, "/full") == std::vector<std::string>{".", "..", "e"});
    CHECK(root.stat("/full/e/..").st_ino == root.stat("/full").st_ino);
    CHECK(root.stat("/").st_nlink == 4); // ., .., dev, full
}

TEST_CASE("cwd: chdir, getcwd and chroot", "[guestos][fs]") {
    Root root;
    REQUIRE(root.mkdir("/a") == EOK);
    REQUIRE(root.mkdir("/a/b") == EOK);
    root.create("/a/b/f", "relative");
    char buffer[64];
    const auto getcwd = [&] {
        const test::Result r = call(sys___getcwd, {address(buffer), sizeof(buffer)});
        return r.error == EOK ? std::string(buffer) : "<" + std::to_string(r.error) + ">";
    };
    CHECK(getcwd() == "/");
    CHECK(call(sys_chdir, {address("a/b")}).error == EOK);
    CHECK(getcwd() == "/a/b");
    CHECK(root.contents("f") == "relative");
    CHECK(root.contents("../b/f") == "relative");
    CHECK(call(sys_chdir, {address("f")}).error == ENOTDIR);
    CHECK(call(sys___getcwd, {address(buffer), 4}).error == ERANGE);
    CHECK(call(sys_chroot, {address("/a")}).error == EOK);
    CHECK(getcwd() == "/");
    CHECK(root.contents("/b/f") == "relative");
    CHECK(root.contents("/../../b/f") == "relative");
    CHECK(root.contents("/a/b/f") == "<2>");
}

TEST_CASE("access: owner, group and others", "[guestos][fs]") {
    Root root;
    root.create("/f", "secret");
    REQUIRE(call(sys_chmod, {address("/f"), 0640}).error == EOK);
    REQUIRE(call(sys_chown, {address("/f"), 10, 20}).error == EOK);
    kauth_cred* user = kauth_cred_dup(curlwp->l_cred);
    kauth_cred* root_cred = curlwp->l_cred;
    user->cr_uid = user->cr_euid = 10;
    user->cr_gid = user->cr_egid = 99;
    curlwp->l_cred = user;
    const auto access = [](int mode) { return call(sys_access, {address("/f"), u64(mode)}).error; };
    CHECK(access(abi::R_OK | abi::W_OK) == EOK);
    CHECK(access(abi::X_OK) == EACCES);
    user->cr_euid = 11; // who is still 10 in reality
    const auto effective = [](int flags) {
        return call(sys_faccessat, {u64(abi::AT_FDCWD), address("/f"), abi::R_OK, u64(flags)})
            .error;
    };
    CHECK(access(abi::R_OK) == EOK);
    CHECK(effective(0) == EOK);
    CHECK(effective(abi::AT_EACCESS) == EACCES);
    CHECK(effective(1 << 20) == EINVAL);
    CHECK(curlwp->l_cred == user);
    user->cr_uid = 11;
    CHECK(access(abi::R_OK) == EACCES);
    CHECK(access(abi::F_OK) == EOK);
    user->cr_groups[0] = 20;
    user->cr_ngroups = 1;
    CHECK(access(abi::R_OK) == EOK);
    CHECK(access(abi::W_OK) == EACCES);
    CHECK(root.open("/f", abi::O_WRONLY).error == EACCES);
    CHECK(root.open("/new", abi::O_CREAT | abi::O_WRONLY).error == EACCES);
    CHECK(root.unlink("/f") == EACCES);
    CHECK(call(sys_chmod, {address("/f"), 0777}).error == EPERM);
    curlwp->l_cred = root_cred;
    kauth_cred_free(user);
    CHECK(access(abi::R_OK | abi::W_OK) == EOK);
    CHECK(access(abi::X_OK) == EACCES);
}

TEST_CASE("devices: null swallows, zero is endless", "[guestos][fs]") {
    Root root;
    const test::Result null = root.open("/dev/null", abi::O_RDWR);
    CHECK(root.write(null.value, "gone").value == 4);
    CHECK(root.read(null.value).empty());
    const test::Result zero = root.open("/dev/zero", abi::O_RDONLY);
    CHECK(root.read(zero.value, 1000) == std::string(1000, '\0'));
    CHECK(call(sys_lseek, {u64(null.value), 0, 0, abi::SEEK_SET}).error == ESPIPE);
}

TEST_CASE("tmpfs: what has been made and removed leaves nothing behind", "[guestos][fs]") {
    Root root;
    const auto round = [&] {
        REQUIRE(root.mkdir("/d") == EOK);
        root.create("/d/f", std::string(10000, 'x'));
        REQUIRE(root.symlink("f", "/d/l") == EOK);
        REQUIRE(root.rename("/d/f", "/g") == EOK);
        REQUIRE(root.unlink("/g") == EOK);
        REQUIRE(root.unlink("/d/l") == EOK);
        REQUIRE(root.rmdir("/d") == EOK);
    };
    round();
    const u64 before = root.kernel().frames_used();
    for (int i = 0; i < 50; i++) {
        round();
    }
    CHECK(root.kernel().frames_used() == before);
}
