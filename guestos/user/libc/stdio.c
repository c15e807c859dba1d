// The standard streams and fdopen(3), on descriptors.
//
// picolibc's stdio keeps a buffer a stream (stdio-bufio.h). What it leaves to
// the system, or does not do, stands here: standard output is line-buffered on
// a terminal and fully buffered elsewhere, a read from standard input shows
// what was printed before, and exit(3) flushes every open stream.
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
static ssize_t write_all(int fd, const void *data, size_t size) {
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
static int close_standard(FILE *file) {
    int result = fflush(file);
    return close(descriptor(file)) == -1 ? -1 : result;
}

static char in_buffer[1024], out_buffer[1024], error_buffer[256];
static struct __file_bufio in = FDEV_SETUP_BUFIO(0, in_buffer, sizeof(in_buffer), read, write_all,
                                                 lseek, close, _FDEV_SETUP_READ, 0);
static struct __file_bufio out = FDEV_SETUP_BUFIO(1, out_buffer, sizeof(out_buffer), read,
                                                  write_all, lseek, close, _FDEV_SETUP_WRITE, 0);
static struct __file_bufio error =
    FDEV_SETUP_BUFIO(2, error_buffer, sizeof(error_buffer), read, write_all, lseek, close,
                     _FDEV_SETUP_WRITE, __BLBF);
FILE *const stdin = (FILE *)&in;
FILE *const stdout = (FILE *)&out;
FILE *const stderr = (FILE *)&error;

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
    in.xfile.cfile.close = out.xfile.cfile.close = error.xfile.cfile.close = close_standard;
    __bufio_lock_init(stdin);
    __bufio_lock_init(stdout);
    __bufio_lock_init(stderr);
}

// The last destructor of all.
__attribute__((destructor(101))) static void flush_streams(void) {
    for (struct stream *stream = streams; stream; stream = stream->next)
        if (((FILE *)stream)->flags & __SWR)
            fflush((FILE *)stream);
    fflush(stdout);
    fflush(stderr);
}

static int close_stream(FILE *file) {
    for (struct stream **link = &streams; *link; link = &(*link)->next)
        if (*link == (struct stream *)file) {
            *link = (*link)->next;
            break;
        }
    return __bufio_close(file);
}

FILE *fdopen(int fd, const char *mode) {
    uint8_t flags = *mode == 'r' ? _FDEV_SETUP_READ : _FDEV_SETUP_WRITE;
    if (strchr(mode, '+'))
        flags = _FDEV_SETUP_RW;
    struct stream *stream = malloc(sizeof(*stream));
    if (!stream)
        return NULL;
    stream->bufio = (struct __file_bufio)FDEV_SETUP_BUFIO(fd, stream->buffer, BUFSIZ, read,
                                                          write_all, lseek, close, flags, 0);
    stream->bufio.xfile.cfile.close = close_stream;
    FILE *file = (FILE *)stream;
    __bufio_lock_init(file);
    stream->next = streams;
    streams = stream;
    if (*mode == 'a')
        fseek(file, 0, SEEK_END);
    return file;
}

int fileno(FILE *file) {
    return descriptor(file);
}
