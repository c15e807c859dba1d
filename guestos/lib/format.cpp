// Formatting in the manner of snprintf(3), for the kernel's messages.

#include "sys/param.hpp"
#include "sys/systm.hpp"

namespace {

// Where formatted characters go: into a buffer of limited size, counting all.
struct sink {
    char* at;
    char* end;
    int count = 0;

    void put(char c) {
        if (at < end) {
            *at++ = c;
        }
        ++count;
    }
};

// One conversion: what stands between % and its letter.
struct conversion {
    bool left = false, zero = false, plus = false, space = false, alternate = false;
    int width = 0;
    int precision = -1;
    int longs = 0; // 1: l z t j, 2: ll, -1: h, -2: hh
};

void pad(sink& out, char c, int n) {
    while (n-- > 0) {
        out.put(c);
    }
}

void put_string(sink& out, const conversion& cv, const char* s) {
    if (s == nullptr) {
        s = "(null)";
    }
    const size_t limit = cv.precision < 0 ? ~size_t{0} : static_cast<size_t>(cv.precision);
    const int len = static_cast<int>(kstrnlen(s, limit));
    pad(out, ' ', cv.left ? 0 : cv.width - len);
    for (int i = 0; i < len; ++i) {
        out.put(s[i]);
    }
    pad(out, ' ', cv.left ? cv.width - len : 0);
}

void put_number(sink& out, const conversion& cv, u64 value, unsigned base, const char* prefix,
                bool upper) {
    char digits[24];
    int n = 0;
    const char* const alphabet = upper ? "0123456789ABCDEF" : "0123456789abcdef";
    while (value != 0) {
        digits[n++] = alphabet[value % base];
        value /= base;
    }
    const int prefix_len = static_cast<int>(strlen(prefix));
    int zeros = (cv.precision < 0 ? 1 : cv.precision) - n;
    if (cv.precision < 0 && cv.zero && !cv.left) {
        zeros = max(zeros, cv.width - prefix_len - n);
    }
    zeros = max(zeros, 0);
    const int blanks = cv.width - prefix_len - zeros - n;
    pad(out, ' ', cv.left ? 0 : blanks);
    for (const char* p = prefix; *p != '\0'; ++p) {
        out.put(*p);
    }
    pad(out, '0', zeros);
    while (n > 0) {
        out.put(digits[--n]);
    }
    pad(out, ' ', cv.left ? blanks : 0);
}

int parse_int(const char*& p) {
    int n = 0;
    for (; *p >= '0' && *p <= '9'; ++p) {
        n = n * 10 + (*p - '0');
    }
    return n;
}

bool parse_flag(conversion& cv, char c) {
    switch (c) {
    case '-':
        return cv.left = true;
    case '0':
        return cv.zero = true;
    case '+':
        return cv.plus = true;
    case ' ':
        return cv.space = true;
    case '#':
        return cv.alternate = true;
    default:
        return false;
    }
}

u64 signed_argument(const conversion& cv, va_list& ap) {
    if (cv.longs > 0) {
        return static_cast<u64>(va_arg(ap, long));
    }
    const int v = va_arg(ap, int);
    return static_cast<u64>(cv.longs == -2   ? static_cast<i8>(v)
                            : cv.longs == -1 ? static_cast<i16>(v)
                                             : v);
}

u64 unsigned_argument(const conversion& cv, va_list& ap) {
    if (cv.longs > 0) {
        return va_arg(ap, unsigned long);
    }
    const unsigned v = va_arg(ap, unsigned);
    return cv.longs == -2 ? static_cast<u8>(v) : cv.longs == -1 ? static_cast<u16>(v) : v;
}

void put_signed(sink& out, const conversion& cv, va_list& ap) {
    const i64 v = static_cast<i64>(signed_argument(cv, ap));
    const char* prefix = v < 0 ? "-" : cv.plus ? "+" : cv.space ? " " : "";
    put_number(out, cv, v < 0 ? -static_cast<u64>(v) : static_cast<u64>(v), 10, prefix, false);
}

// Prints what `letter` asks for; an unknown letter is printed as it stands.
void convert(sink& out, const conversion& cv, char letter, va_list& ap) {
    switch (letter) {
    case 'd':
    case 'i':
        return put_signed(out, cv, ap);
    case 'u':
        return put_number(out, cv, unsigned_argument(cv, ap), 10, "", false);
    case 'o':
        return put_number(out, cv, unsigned_argument(cv, ap), 8, cv.alternate ? "0" : "", false);
    case 'x':
    case 'X': {
        const char* prefix = letter == 'x' ? "0x" : "0X";
        return put_number(out, cv, unsigned_argument(cv, ap), 16, cv.alternate ? prefix : "",
                          letter == 'X');
    }
    case 'p':
        return put_number(out, cv, reinterpret_cast<u64>(va_arg(ap, void*)), 16, "0x", false);
    case 's':
        return put_string(out, cv, va_arg(ap, const char*));
    case 'c': {
        const char s[2] = {static_cast<char>(va_arg(ap, int)), '\0'};
        return s[0] == '\0' ? out.put('\0') : put_string(out, cv, s);
    }
    default:
        return out.put(letter);
    }
}

void parse_size(conversion& cv, const char*& p) {
    for (;; ++p) {
        if (*p == 'l') {
            ++cv.longs;
        } else if (*p == 'h') {
            --cv.longs;
        } else if (*p == 'z' || *p == 't' || *p == 'j') {
            cv.longs = 1;
        } else {
            return;
        }
    }
}

void format(sink& out, const char* fmt, va_list& ap) {
    for (const char* p = fmt; *p != '\0'; ++p) {
        if (*p != '%') {
            out.put(*p);
            continue;
        }
        conversion cv;
        while (parse_flag(cv, *++p)) {
        }
        if (*p == '*') {
            cv.width = va_arg(ap, int);
            ++p;
        } else {
            cv.width = parse_int(p);
        }
        if (*p == '.') {
            ++p;
            if (*p == '*') {
                cv.precision = va_arg(ap, int);
                ++p;
            } else {
                cv.precision = parse_int(p);
            }
        }
        parse_size(cv, p);
        if (*p == '\0') {
            return;
        }
        convert(out, cv, *p, ap);
    }
}

} // namespace

int kvsnprintf(char* buf, size_t size, const char* fmt, va_list ap) {
    va_list args;
    va_copy(args, ap);
    sink out{buf, size > 0 ? buf + size - 1 : buf};
    format(out, fmt, args);
    va_end(args);
    if (size > 0) {
        *out.at = '\0';
    }
    return out.count;
}

int ksnprintf(char* buf, size_t size, const char* fmt, ...) {
    va_list ap;
    va_start(ap, fmt);
    const int n = kvsnprintf(buf, size, fmt, ap);
    va_end(ap);
    return n;
}
