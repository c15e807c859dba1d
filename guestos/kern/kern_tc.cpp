// What time it is: the timer's counter, which begins with the machine, and the
// offset that makes it the time of day.
#include "dev/drivers.hpp"
#include "sys/mutex.hpp"
#include "sys/time.hpp"

namespace {

i64 realtime_offset; // nanoseconds from time since boot to time since 1970
bool offset_known;

u64 offset() {
    if (!offset_known) {
        offset_known = true;
        realtime_offset = plrtc_gettime() * 1'000'000'000 - static_cast<i64>(nsecuptime());
    }
    return static_cast<u64>(realtime_offset);
}

} // namespace

u64 nsecuptime() {
    const u64 frequency = gtmr_frequency();
    if (frequency == 0) { // before the timer is found
        return 0;
    }
    const u64 count = gtmr_count();
    return count / frequency * 1'000'000'000 + count % frequency * 1'000'000'000 / frequency;
}

void nanouptime(abi::timespec* ts) {
    *ts = ns2timespec(nsecuptime());
}

void nanotime(abi::timespec* ts) {
    *ts = ns2timespec(nsecuptime() + offset());
}

void microtime(abi::timeval* tv) {
    *tv = ns2timeval(nsecuptime() + offset());
}

void tc_setclock(const abi::timespec* ts) {
    offset_known = true;
    realtime_offset = static_cast<i64>(timespec2ns(*ts) - nsecuptime());
}
