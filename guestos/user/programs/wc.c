// wc [-clw] [FILE...]: counts lines, words and bytes.
#include <ctype.h>
#include <err.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

struct counts {
    long lines, words, bytes;
};

static int show_lines, show_words, show_bytes;

static int count(int fd, const char *name, struct counts *counts) {
    static char buffer[4096];
    int in_word = 0;
    ssize_t n;
    while ((n = read(fd, buffer, sizeof(buffer))) > 0) {
        counts->bytes += n;
        for (ssize_t i = 0; i < n; i++) {
            int space = isspace((unsigned char)buffer[i]);
            counts->lines += buffer[i] == '\n';
            counts->words += !space && !in_word;
            in_word = !space;
        }
    }
    if (n == -1)
        warn("%s", name);
    return n == -1;
}

static void print(const struct counts *counts, const char *name) {
    if (show_lines)
        printf(" %7ld", counts->lines);
    if (show_words)
        printf(" %7ld", counts->words);
    if (show_bytes)
        printf(" %7ld", counts->bytes);
    printf("%s%s\n", name ? " " : "", name ? name : "");
}

int main(int argc, char **argv) {
    for (int option; (option = getopt(argc, argv, "clw")) != -1;) {
        if (option == '?') {
            fputs("usage: wc [-clw] [file ...]\n", stderr);
            return 2;
        }
        show_lines |= option == 'l';
        show_words |= option == 'w';
        show_bytes |= option == 'c';
    }
    if (!show_lines && !show_words && !show_bytes)
        show_lines = show_words = show_bytes = 1;
    struct counts total = {0};
    int status = 0;
    if (optind == argc) {
        status = count(STDIN_FILENO, "standard input", &total);
        print(&total, NULL);
        return status;
    }
    for (int i = optind; i < argc; i++) {
        struct counts counts = {0};
        int fd = open(argv[i], O_RDONLY);
        if (fd == -1) {
            warn("%s", argv[i]);
            status = 1;
            continue;
        }
        status |= count(fd, argv[i], &counts);
        close(fd);
        print(&counts, argv[i]);
        total.lines += counts.lines;
        total.words += counts.words;
        total.bytes += counts.bytes;
    }
    if (argc - optind > 1)
        print(&total, "total");
    return status;
}
