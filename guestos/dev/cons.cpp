// The console in front of its driver. Before a driver is there, output is kept
// and printed as soon as one attaches.

#include "dev/cons.hpp"

#include "sys/param.hpp"

namespace {

const consdev* cn_dev;
void (*cn_input_hook)(int c);
char early[1024];
size_t early_len;

} // namespace

void cninit(const consdev* dev) {
    cn_dev = dev;
    for (size_t i = 0; i < early_len; ++i) {
        cnputc(early[i]);
    }
}

void cnputc(int c) {
    if (cn_dev == nullptr) {
        if (early_len < sizeof(early)) {
            early[early_len++] = static_cast<char>(c);
        }
        return;
    }
    cn_dev->cn_putc(c);
}

void cnwrite(const char* s, size_t len) {
    for (size_t i = 0; i < len; ++i) {
        if (s[i] == '\n') {
            cnputc('\r');
        }
        cnputc(s[i]);
    }
}

void cn_set_input(void (*input)(int c)) {
    cn_input_hook = input;
    if (cn_dev != nullptr) {
        cn_dev->cn_intr_on();
    }
}

void cn_input(int c) {
    if (cn_input_hook != nullptr) {
        cn_input_hook(c);
    }
}
