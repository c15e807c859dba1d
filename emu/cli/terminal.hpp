// The terminal on stdin, byte by byte.
#pragma once

namespace forkscope {

// While it lives, the terminal on stdin gives every key at once, does not echo,
// and makes no signals of Ctrl-C and its like: they go to the guest. Output is
// left as it is. termios(3). Nothing happens if stdin is no terminal.
class RawTerminal {
public:
    RawTerminal();
    ~RawTerminal();
    RawTerminal(const RawTerminal&) = delete;
    RawTerminal& operator=(const RawTerminal&) = delete;

    // Puts the terminal back as it was; for signal handlers.
    static void restore_now();
};

} // namespace forkscope
