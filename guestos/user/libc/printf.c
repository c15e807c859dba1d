// What picolibc's vfprintf does not know: %ls and %lc, and L before a float. All of
// the printf family goes through here (the driver links with --wrap=vfprintf). A
// format that has one of these is printed conversion by conversion.
//
// Deviation: a long double is printed with the precision of a double.
#include <errno.h>
#include <limits.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

int __real_vfprintf(FILE *file, const char *format, va_list arguments);

// One conversion: the whole of it without length, with numbers for its asterisks.
struct conversion {
    char text[64];
    size_t used;
    int precision; // -1: none
    char length;   // h, H (hh), l (and j, z, t, q, ll), L, or 0
    char letter;
};

static const char flags[] = "-+ #0'";
static const char digits[] = "0123456789";

static int is_unknown(const char *length) {
    return *length == 'L' || *length == 'C' || *length == 'S' ||
           (*length == 'l' && (length[1] == 's' || length[1] == 'c'));
}

static int has_unknown(const char *format) {
    while ((format = strchr(format, '%'))) {
        format++;
        format += strspn(format, flags);
        format += strspn(format, "*.0123456789");
        if (is_unknown(format))
            return 1;
        format += *format != '\0';
    }
    return 0;
}

static void add(struct conversion *c, const char *text, size_t size) {
    if (c->used + size < sizeof(c->text) - 1) {
        memcpy(c->text + c->used, text, size);
        c->used += size;
        c->text[c->used] = '\0';
    }
}

static void add_number(struct conversion *c, int number) {
    char text[16];
    add(c, text, (size_t)snprintf(text, sizeof(text), "%d", number));
}

// Reads a conversion from behind its percent sign, and the arguments of its
// asterisks. Returns what follows.
static const char *parse(struct conversion *c, const char *format, va_list *arguments) {
    *c = (struct conversion){.precision = -1};
    add(c, "%", 1);
    size_t size = strspn(format, flags);
    add(c, format, size);
    format += size;
    size = strspn(format, digits);
    if (*format == '*')
        add_number(c, va_arg(*arguments, int));
    add(c, format, size);
    format += size + (*format == '*');
    if (*format == '.') {
        format++;
        c->precision = *format == '*' ? va_arg(*arguments, int) : (int)strtol(format, NULL, 10);
        format += *format == '*' ? 1 : strspn(format, digits);
    }
    for (; *format && strchr("hljztqL", *format); format++)
        c->length = *format == 'h' ? (c->length == 'h' ? 'H' : 'h') : *format == 'L' ? 'L' : 'l';
    c->letter = *format;
    if (c->letter == 'S' || c->letter == 'C') {
        c->length = 'l';
        c->letter = c->letter == 'S' ? 's' : 'c';
    }
    return format + (*format != '\0');
}

static int print(FILE *file, struct conversion *c, ...) {
    if (c->precision >= 0) {
        add(c, ".", 1);
        add_number(c, c->precision);
    }
    if (c->length == 'l' && strchr("diouxX", c->letter))
        add(c, "l", 1);
    if (c->length == 'h' || c->length == 'H')
        add(c, "hh", c->length == 'h' ? 1 : 2);
    add(c, &c->letter, 1);
    va_list arguments;
    va_start(arguments, c);
    int result = __real_vfprintf(file, c->text, arguments);
    va_end(arguments);
    return result;
}

// There is one locale, in which a character is a byte.
static int print_wide(FILE *file, struct conversion *c, const wchar_t *text) {
    size_t most = c->precision >= 0 ? (size_t)c->precision : SIZE_MAX, size = 0;
    text = text ? text : L"(null)";
    while (size < most && text[size])
        size++;
    char *bytes = malloc(size + 1);
    for (size_t i = 0; bytes && i < size; i++) {
        if ((unsigned)text[i] > UCHAR_MAX) {
            free(bytes);
            errno = EILSEQ;
            return -1;
        }
        bytes[i] = (char)text[i];
    }
    if (!bytes)
        return -1;
    bytes[size] = '\0';
    int result = print(file, c, bytes);
    free(bytes);
    return result;
}

static int print_one(FILE *file, struct conversion *c, int before, va_list *arguments) {
    switch (c->letter) {
    case 'd':
    case 'i':
    case 'o':
    case 'u':
    case 'x':
    case 'X':
        return c->length == 'l' || c->length == 'L' ? print(file, c, va_arg(*arguments, long))
                                                    : print(file, c, va_arg(*arguments, int));
    case 'c':
        return print(file, c, va_arg(*arguments, int));
    case 's':
        return c->length == 'l' ? print_wide(file, c, va_arg(*arguments, const wchar_t *))
                                : print(file, c, va_arg(*arguments, const char *));
    case 'p':
        return print(file, c, va_arg(*arguments, void *));
    case 'n':
        *va_arg(*arguments, int *) = before;
        return 0;
    case '%':
        return fputc('%', file) == EOF ? -1 : 1;
    case '\0':
        return 0;
    default:
        return print(file, c,
                     c->length == 'L' ? (double)va_arg(*arguments, long double)
                                      : va_arg(*arguments, double));
    }
}

static int print_all(FILE *file, const char *format, va_list *arguments) {
    int total = 0;
    while (*format) {
        size_t literal = strcspn(format, "%");
        if (fwrite(format, 1, literal, file) != literal)
            return -1;
        total += (int)literal;
        format += literal;
        if (!*format)
            break;
        struct conversion c;
        format = parse(&c, format + 1, arguments);
        int printed = print_one(file, &c, total, arguments);
        if (printed < 0)
            return -1;
        total += printed;
    }
    return total;
}

int __wrap_vfprintf(FILE *file, const char *format, va_list arguments) {
    if (!has_unknown(format))
        return __real_vfprintf(file, format, arguments);
    va_list own;
    va_copy(own, arguments);
    int result = print_all(file, format, &own);
    va_end(own);
    return result;
}
