// Typed flag sets: an unscoped enumeration that keeps NetBSD's names and whose
// values combine only with each other. A type joins by
// `template <> inline constexpr bool is_flags<X> = true;`.
#pragma once

template <typename E> inline constexpr bool is_flags = false;

template <typename E>
concept FlagSet = is_flags<E>;

template <FlagSet E> constexpr E operator|(E a, E b) {
    return static_cast<E>(static_cast<__underlying_type(E)>(a) |
                          static_cast<__underlying_type(E)>(b));
}
template <FlagSet E> constexpr E operator&(E a, E b) {
    return static_cast<E>(static_cast<__underlying_type(E)>(a) &
                          static_cast<__underlying_type(E)>(b));
}
template <FlagSet E> constexpr E operator~(E a) {
    return static_cast<E>(~static_cast<__underlying_type(E)>(a));
}
template <FlagSet E> constexpr E& operator|=(E& a, E b) { return a = a | b; }
template <FlagSet E> constexpr E& operator&=(E& a, E b) { return a = a & b; }
