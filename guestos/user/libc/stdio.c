// Streams on descriptors: the standard ones, fopen(3), fdopen(3), freopen(3).
//
// picolibc's stdio keeps a buffer a stream (stdio-bufio.h). What it leaves to
// the system, or does not do, stands here: standard output is line-buffered on
// a terminal and fully buffered elsewhere, a read from standard input shows
// what was printed before, exit(3) and fflush(NULL) flush every open stream, and
// a file is opened with NetBSD's flags (picolibc is compiled with Linux's).
#include "libc.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio-bufio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

// A stream that fdopen made; the list is what exit(3) flushes.
struct stream {
    struct __file_bufio bufio;
    struct stream *next;
    char buffer[BUFSIZ];
};
static struct stream *streams;

// A stream's descriptor. picolibc 1.8.10 keeps it where a pointer may stand too.
static int descriptor(const FILE *file) {
    const struct __file_bufio *bufio = (const struct __file_bufio *)file;
#ifdef __BFPTR
    return (int)(intptr_t)bufio->ptr;
#else
    return bufio->fd;
#endif
}

// Writes it all: picolibc would drop the buffer on EINTR.
ssize_t __write_all(int fd, const void *data, size_t size) {
    size_t done = 0;
    while (done < size) {
        ssize_t n = write(fd, (const char *)data + done, size - done);
        if (n >= 0)
            done += (size_t)n;
        else if (errno != EINTR)
            return -1;
    }
    return (ssize_t)done;
}

// The standard streams are no heap objects: they only flush and close.
static int flush_and_close(FILE *file) {
    int result = fflush(file);
    return close(descriptor(file)) == -1 ? -1 : result;
}

static char in_buffer[1024], out_buffer[1024], error_buffer[256];
static struct __file_bufio in = FDEV_SETUP_BUFIO(0, in_buffer, sizeof(in_buffer), read, __write_all,
                                                 lseek, close, _FDEV_SETUP_READ, 0);
static struct __file_bufio out = FDEV_SETUP_BUFIO(1, out_buffer, sizeof(out_buffer), read,
                                                  __write_all, lseek, close, _FDEV_SETUP_WRITE, 0);
static struct __file_bufio error =
    FDEV_SETUP_BUFIO(2, error_buffer, sizeof(error_buffer), read, __write_all, lseek, close,
                     _FDEV_SETUP_WRITE, __BLBF);
FILE *const stdin = (FILE *)&in;
FILE *const stdout = (FILE *)&out;
FILE *const stderr = (FILE *)&error;

// setvbuf(3) without a size: picolibc would take it at its word.
static int set_buffer(FILE *file, char *buffer, int mode, size_t size) {
    if (file == stdout)
        file->put = __bufio_put; // the caller knows, nobody needs to ask
    if (size == 0 || (!buffer && size < BUFSIZ)) {
        buffer = NULL;
        size = BUFSIZ;
    }
    return __bufio_setvbuf(file, buffer, mode, size);
}

static int get_from_standard_input(FILE *file) {
    if (in.off >= in.len && (out.bflags & __BLBF))
        fflush(stdout);
    return __bufio_get(file);
}

// The first character decides the buffering, so that programs that print
// nothing don't ask.
static int put_first(char c, FILE *file) {
    file->put = __bufio_put;
    if (isatty(descriptor(stdout)))
        out.bflags |= __BLBF;
    return __bufio_put(c, file);
}

__attribute__((constructor(101))) static void open_standard_streams(void) {
    stdin->get = get_from_standard_input;
    stdout->put = put_first;
    in.xfile.cfile.close = out.xfile.cfile.close = error.xfile.cfile.close = flush_and_close;
    in.xfile.setvbuf = out.xfile.setvbuf = error.xfile.setvbuf = set_buffer;
    __bufio_lock_init(stdin);
    __bufio_lock_init(stdout);
    __bufio_lock_init(stderr);
}

int fflush(FILE *file) {
    if (file)
        return file->flush ? file->flush(file) : 0;
    int result = fflush(stdout) | fflush(stderr);
    for (struct stream *stream = streams; stream; stream = stream->next)
        if (((FILE *)stream)->flags & __SWR)
            result |= fflush((FILE *)stream);
    return result ? EOF : 0;
}

// The last destructor of all.
__attribute__((destructor(101))) static void flush_streams(void) {
    fflush(NULL);
}

// __bufio_close of picolibc 1.8.10 leaves the descriptor open.
static int close_stream(FILE *file) {
    for (struct stream **link = &streams; *link; link = &(*link)->next)
        if (*link == (struct stream *)file) {
            *link = (*link)->next;
            break;
        }
    struct __file_bufio *bufio = (struct __file_bufio *)file;
    int result = flush_and_close(file);
    if (bufio->bflags & __BALL)
        free(bufio->buf);
    free(file);
    return result;
}

// What the mode string of fopen(3) says: *open_flags for open(2), *file_flags for
// the stream. Returns 0 for a bad one.
static int read_mode(const char *mode, int *open_flags, uint8_t *file_flags) {
    int plus = strchr(mode, '+') != NULL;
    switch (*mode) {
    case 'r':
        *open_flags = 0;
        break;
    case 'w':
        *open_flags = O_CREAT | O_TRUNC;
        break;
    case 'a':
        *open_flags = O_CREAT | O_APPEND;
        break;
    default:
        errno = EINVAL;
        return 0;
    }
    *open_flags |= plus ? O_RDWR : *mode == 'r' ? O_RDONLY : O_WRONLY;
    if (strchr(mode, 'x'))
        *open_flags |= O_EXCL;
    if (strchr(mode, 'e'))
        *open_flags |= O_CLOEXEC;
    *file_flags = plus           ? _FDEV_SETUP_RW
                  : *mode == 'r' ? _FDEV_SETUP_READ
                                 : _FDEV_SETUP_WRITE;
    return 1;
}

FILE *fdopen(int fd, const char *mode) {
    int open_flags;
    uint8_t flags;
    if (!read_mode(mode, &open_flags, &flags))
        return NULL;
    struct stream *stream = malloc(sizeof(*stream));
    if (!stream)
        return NULL;
    stream->bufio = (struct __file_bufio)FDEV_SETUP_BUFIO(fd, stream->buffer, BUFSIZ, read,
                                                          __write_all, lseek, close, flags, 0);
    stream->bufio.xfile.cfile.close = close_stream;
    stream->bufio.xfile.setvbuf = set_buffer;
    FILE *file = (FILE *)stream;
    __bufio_lock_init(file);
    stream->next = streams;
    streams = stream;
    if (*mode == 'a')
        fseek(file, 0, SEEK_END);
    return file;
}

FILE *fopen(const char *path, const char *mode) {
    int open_flags;
    uint8_t flags;
    if (!read_mode(mode, &open_flags, &flags))
        return NULL;
    int fd = open(path, open_flags, 0666);
    if (fd == -1)
        return NULL;
    FILE *file = fdopen(fd, mode);
    if (!file)
        close(fd);
    return file;
}

// The stream keeps its descriptor's number, so that children find the file there.
FILE *freopen(const char *path, const char *mode, FILE *file) {
    int open_flags;
    uint8_t flags;
    if (!read_mode(mode, &open_flags, &flags))
        return NULL;
    fflush(file);
    int fd = open(path, open_flags, 0666);
    if (fd == -1 || dup2(fd, descriptor(file)) == -1) {
        fclose(file);
        return NULL;
    }
    if (fd != descriptor(file))
        close(fd);
    struct __file_bufio *bufio = (struct __file_bufio *)file;
    bufio->dir = 0;
    bufio->pos = 0;
    bufio->len = bufio->off = 0;
    file->unget = 0;
    file->flags = (uint8_t)((file->flags & ~(__SRD | __SWR | __SERR | __SEOF)) | flags);
    if (file == stdout) {
        bufio->bflags &= (uint8_t)~__BLBF;
        file->put = put_first;
    }
    return file;
}

int fileno(FILE *file) {
    return descriptor(file);
}
