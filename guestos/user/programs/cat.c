// cat [FILE...]: copies files, or standard input, to standard output.
#include <err.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

static int copy(int fd, const char *name) {
    static char buffer[4096];
    ssize_t n;
    while ((n = read(fd, buffer, sizeof(buffer))) > 0)
        for (ssize_t done = 0, m; done < n; done += m)
            if ((m = write(STDOUT_FILENO, buffer + done, (size_t)(n - done))) == -1)
                err(1, "write");
    if (n == -1)
        warn("%s", name);
    return n == -1;
}

int main(int argc, char **argv) {
    if (argc == 1)
        return copy(STDIN_FILENO, "standard input");
    int status = 0;
    for (int i = 1; i < argc; i++) {
        int standard = strcmp(argv[i], "-") == 0;
        int fd = standard ? STDIN_FILENO : open(argv[i], O_RDONLY);
        if (fd == -1) {
            warn("%s", argv[i]);
            status = 1;
            continue;
        }
        status |= copy(fd, argv[i]);
        if (!standard)
            close(fd);
    }
    return status;
}
