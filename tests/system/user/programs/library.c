// What the C library promises, seen from a program: run in the guest, its output
// is compared with library.expected.
#include <ctype.h>
#include <dirent.h>
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <math.h>
#include <setjmp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

_Thread_local int in_tdata = 5;
_Thread_local char aligned_in_tbss[8] __attribute__((aligned(64)));
static int constructed;

__attribute__((constructor)) static void construct(void) {
    constructed = in_tdata;
}

__attribute__((destructor)) static void destruct(void) {
    puts("destructor");
}

static void first_registered(void) {
    puts("atexit: first registered, last called");
}

static void last_registered(void) {
    puts("atexit: last registered, first called");
}

static void formats(void) {
    printf("%d %5d|%-5d|%05d %x %#o %c %s %.2s %%\n", -1, 42, 42, 42, 0xbeef, 8, 'c', "text",
           "cut");
    printf("%ld %lld %lu %zu %p\n", LONG_MIN, LLONG_MAX, ULONG_MAX, sizeof(long), (void *)0x1234);
    printf("%f %.3e %g %.10g\n", 3.5, 12345.678, 0.0001, sqrt(2));
    int a;
    char word[8];
    double d;
    int fields = sscanf("12 abc 2.5", "%d %7s %lf", &a, word, &d);
    printf("%d %d %s %.2f\n", fields, a, word, d);
    errno = 0;
    long clamped = strtol("99999999999999999999", NULL, 10);
    printf("%d %d\n", clamped == LONG_MAX, errno == ERANGE);
}

static void streams(void) {
    FILE *file = fopen("/tmp/library.txt", "w");
    for (int i = 0; i < 1000; i++)
        fprintf(file, "line %d\n", i);
    printf("fclose %d\n", fclose(file));
    file = fopen("/tmp/library.txt", "a+");
    fputs("last\n", file);
    rewind(file);
    char line[32];
    int lines = 0;
    while (fgets(line, sizeof(line), file))
        lines++;
    printf("%d lines, the last is %s", lines, line);
    fclose(file);
    file = fopen("/tmp/library.txt", "r");
    fseek(file, 5, SEEK_SET);
    int number;
    int found = fscanf(file, "%d", &number);
    printf("%d %d %d", found, number, fgetc(file) == '\n');
    printf(" %ld\n", ftell(file));
    size_t read = fread(line, 1, 4, file);
    printf("%zu %d\n", read, memcmp(line, "line", 4));
    fclose(file);
    unlink("/tmp/library.txt");
    printf("%d", fopen("/tmp/library.txt", "r") == NULL);
    printf(" %s\n", strerror(errno));
}

// To a pipe, stdio buffers: the program's own write comes first. To a terminal,
// a line goes out when it ends.
static void print_two_ways(void) {
    printf("by printf\n");
    write(1, "by write\n", 9);
}

static void buffering(void) {
    print_two_ways();
    fflush(stdout);
    system("/job/program two-ways | cat");
    fputs("no newline", stdout);
    fflush(NULL);
    write(1, "\n", 1);
}

static void temporary_files(void) {
    char name[] = "/tmp/library.XXXXXX", wrong[] = "/tmp/XXX";
    int fd = mkstemp(name);
    printf("%d %d %d\n", fd != -1, access(name, F_OK), strchr(name, 'X') == NULL);
    printf("%d", mkstemps(wrong, 20)); // a longer suffix than there is name
    printf(" %s\n", strerror(errno));
    FILE *file = freopen(name, "w", fdopen(fd, "w"));
    setvbuf(file, NULL, _IOLBF, 0);
    fputs("at once\n", file);
    FILE *other = fopen(name, "r");
    char line[32] = "";
    fgets(line, sizeof(line), other);
    printf("%d %s", fileno(file) == fd, line);
    fclose(other);
    fclose(file);
    int first = remove(name);
    printf("%d %d\n", first, remove(name));
    file = tmpfile();
    fputs("x", file);
    rewind(file);
    printf("%c\n", fgetc(file));
    fclose(file);
}

static void left_open(void) {
    fflush(stdout);
    if (fork() == 0) {
        FILE *file = fopen("/tmp/left-open", "w");
        fputs("flushed by exit\n", file);
        exit(0); // runs the handlers too
    }
    wait(NULL);
    system("cat /tmp/left-open; rm /tmp/left-open");
}

static void processes(void) {
    int status = system("exit 3");
    printf("system: %d %d\n", WIFEXITED(status), WEXITSTATUS(status));
    setenv("ADDED", "by setenv", 1);
    unsetenv("HOME");
    fflush(stdout);
    system("echo $ADDED; echo \"[$HOME]\"");
    fflush(stdout);
    if (fork() == 0) {
        execlp("echo", "echo", "found", "in", "PATH", NULL);
        _exit(1);
    }
    wait(NULL);
    if (fork() == 0)
        abort();
    wait(&status);
    printf("abort: signal %d, %s\n", WTERMSIG(status), strsignal(WTERMSIG(status)));
    errno = ENOTEMPTY;
    warn("warn %d", 1);
    warnx("warnx");
}

static jmp_buf place;

static void others(void) {
    int turns = setjmp(place);
    if (turns < 3)
        longjmp(place, turns + 1);
    printf("longjmp: %d\n", turns);
    char *grown = realloc(strdup("grown"), 10000);
    printf("%s %d\n", grown, (int)strlen(grown));
    free(grown);
    char where[PATH_MAX];
    int entered = chdir("/etc");
    printf("%d %s\n", entered, getcwd(where, sizeof(where)));
    DIR *dir = opendir(".");
    int found = 0;
    for (struct dirent *entry; (entry = readdir(dir));)
        found += strcmp(entry->d_name, "rc") == 0;
    printf("rc: %d\n", found);
    closedir(dir);
    struct tm tm;
    time_t day = 86400 * 365;
    strftime(where, sizeof(where), "%Y-%m-%d", gmtime_r(&day, &tm));
    printf("%s %d\n", where, time(NULL) != (time_t)-1);
    printf("isatty: %d %d\n", isatty(0), isatty(open("/etc/rc", O_RDONLY)));
}

int main(int argc, char **argv) {
    if (argc > 1 && strcmp(argv[1], "two-ways") == 0) {
        print_two_ways();
        return 0;
    }
    atexit(first_registered);
    atexit(last_registered);
    printf("constructor %d, thread-local %d, aligned %d\n", constructed, in_tdata,
           (int)((unsigned long)aligned_in_tbss % 64));
    for (int i = 1; i < argc; i++)
        printf("argument %d: [%s]\n", i, argv[i]);
    formats();
    streams();
    buffering();
    temporary_files();
    left_open();
    processes();
    others();
    return 40 + argc;
}
