// The console: one device for output and input. cons(4)
#pragma once

#include "sys/types.hpp"

struct consdev {
    void (*cn_putc)(int c); // waits until there is room
    void (*cn_intr_on)();   // from now on, input comes by interrupt
};

// Attaches the device and prints what has been written so far.
void cninit(const consdev* dev);
void cnputc(int c); // as it is: the terminal driver has done its processing
// The kernel's own text: NL becomes CR NL.
void cnwrite(const char* s, size_t len);

// `input` gets every character typed. => called from the interrupt handler
void cn_set_input(void (*input)(int c));
void cn_input(int c); // the driver's end of it
