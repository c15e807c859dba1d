// errno and strerror(3), with NetBSD's numbers.
#include <errno.h>
#include <stdio.h>
#include <string.h>

#undef errno
__thread int errno;

static const char *const text[ELAST + 1] = {
    [0] = "No error",
    [EPERM] = "Operation not permitted",
    [ENOENT] = "No such file or directory",
    [ESRCH] = "No such process",
    [EINTR] = "Interrupted system call",
    [EIO] = "Input/output error",
    [ENXIO] = "Device not configured",
    [E2BIG] = "Argument list too long",
    [ENOEXEC] = "Exec format error",
    [EBADF] = "Bad file descriptor",
    [ECHILD] = "No child processes",
    [EDEADLK] = "Resource deadlock avoided",
    [ENOMEM] = "Cannot allocate memory",
    [EACCES] = "Permission denied",
    [EFAULT] = "Bad address",
    [ENOTBLK] = "Block device required",
    [EBUSY] = "Device busy",
    [EEXIST] = "File exists",
    [EXDEV] = "Cross-device link",
    [ENODEV] = "Operation not supported by device",
    [ENOTDIR] = "Not a directory",
    [EISDIR] = "Is a directory",
    [EINVAL] = "Invalid argument",
    [ENFILE] = "Too many open files in system",
    [EMFILE] = "Too many open files",
    [ENOTTY] = "Inappropriate ioctl for device",
    [ETXTBSY] = "Text file busy",
    [EFBIG] = "File too large",
    [ENOSPC] = "No space left on device",
    [ESPIPE] = "Illegal seek",
    [EROFS] = "Read-only file system",
    [EMLINK] = "Too many links",
    [EPIPE] = "Broken pipe",
    [EDOM] = "Numerical argument out of domain",
    [ERANGE] = "Result too large or too small",
    [EAGAIN] = "Resource temporarily unavailable",
    [EINPROGRESS] = "Operation now in progress",
    [EALREADY] = "Operation already in progress",
    [EOPNOTSUPP] = "Operation not supported",
    [ETIMEDOUT] = "Operation timed out",
    [ELOOP] = "Too many levels of symbolic links",
    [ENAMETOOLONG] = "File name too long",
    [ENOTEMPTY] = "Directory not empty",
    [EPROCLIM] = "Too many processes",
    [EUSERS] = "Too many users",
    [ENOLCK] = "No locks available",
    [ENOSYS] = "Function not implemented",
    [EFTYPE] = "Inappropriate file type or format",
    [EOVERFLOW] = "Value too large to be stored in data type",
    [EILSEQ] = "Illegal byte sequence",
    [ENOTSUP] = "Not supported",
    [ECANCELED] = "Operation canceled",
};

int strerror_r(int number, char *buffer, size_t size) {
    int known = number >= 0 && number <= ELAST && text[number];
    int length = known ? snprintf(buffer, size, "%s", text[number])
                       : snprintf(buffer, size, "Unknown error: %d", number);
    if ((size_t)length >= size)
        return ERANGE;
    return known ? 0 : EINVAL;
}

char *strerror(int number) {
    static char buffer[64];
    if (number >= 0 && number <= ELAST && text[number])
        return (char *)text[number];
    strerror_r(number, buffer, sizeof(buffer));
    return buffer;
}
