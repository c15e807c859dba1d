// Intrusive lists with the names of queue(3), as templates: an element carries
// a TAILQ_ENTRY or LIST_ENTRY for every list it can be on, and a head names
// that member. No list allocates, and no list owns its elements.
#pragma once

#include "sys/types.hpp"

template <typename T> struct TAILQ_ENTRY {
    T* tqe_next;
    T** tqe_prev; // address of the pointer that points here
};

// Doubly linked, with a tail: insertion at both ends, before and after.
template <typename T, TAILQ_ENTRY<T> T::*Field> struct TAILQ_HEAD {
    T* tqh_first = nullptr;
    T** tqh_last = &tqh_first;

    TAILQ_HEAD() = default;
    TAILQ_HEAD(const TAILQ_HEAD&) = delete;
    TAILQ_HEAD& operator=(const TAILQ_HEAD&) = delete;

    void init() {
        tqh_first = nullptr;
        tqh_last = &tqh_first;
    }
    [[nodiscard]] bool empty() const { return tqh_first == nullptr; }
    [[nodiscard]] T* first() const { return tqh_first; }
    [[nodiscard]] static T* next(const T* elm) { return (elm->*Field).tqe_next; }
    [[nodiscard]] T* last() const { return empty() ? nullptr : owner_of(tqh_last); }
    [[nodiscard]] T* prev(const T* elm) const {
        return elm == tqh_first ? nullptr : owner_of((elm->*Field).tqe_prev);
    }

    void insert_head(T* elm) {
        TAILQ_ENTRY<T>& e = elm->*Field;
        e.tqe_next = tqh_first;
        e.tqe_prev = &tqh_first;
        if (tqh_first != nullptr) {
            (tqh_first->*Field).tqe_prev = &e.tqe_next;
        } else {
            tqh_last = &e.tqe_next;
        }
        tqh_first = elm;
    }
    void insert_tail(T* elm) {
        TAILQ_ENTRY<T>& e = elm->*Field;
        e.tqe_next = nullptr;
        e.tqe_prev = tqh_last;
        *tqh_last = elm;
        tqh_last = &e.tqe_next;
    }
    void insert_after(T* listelm, T* elm) {
        TAILQ_ENTRY<T>& l = listelm->*Field;
        TAILQ_ENTRY<T>& e = elm->*Field;
        e.tqe_next = l.tqe_next;
        e.tqe_prev = &l.tqe_next;
        if (e.tqe_next != nullptr) {
            (e.tqe_next->*Field).tqe_prev = &e.tqe_next;
        } else {
            tqh_last = &e.tqe_next;
        }
        l.tqe_next = elm;
    }
    void insert_before(T* listelm, T* elm) {
        TAILQ_ENTRY<T>& l = listelm->*Field;
        TAILQ_ENTRY<T>& e = elm->*Field;
        e.tqe_prev = l.tqe_prev;
        e.tqe_next = listelm;
        *l.tqe_prev = elm;
        l.tqe_prev = &e.tqe_next;
    }
    void remove(T* elm) {
        TAILQ_ENTRY<T>& e = elm->*Field;
        if (e.tqe_next != nullptr) {
            (e.tqe_next->*Field).tqe_prev = e.tqe_prev;
        } else {
            tqh_last = e.tqe_prev;
        }
        *e.tqe_prev = e.tqe_next;
    }
    // The first element, taken off; nullptr if there is none.
    T* remove_head() {
        T* elm = tqh_first;
        if (elm != nullptr) {
            remove(elm);
        }
        return elm;
    }

    // Forward traversal. The current element may be removed meanwhile, other
    // elements may not.
    struct iterator {
        T* elm;
        T* following;
        T& operator*() const { return *elm; }
        iterator& operator++() {
            elm = following;
            following = elm == nullptr ? nullptr : next(elm);
            return *this;
        }
        bool operator!=(const iterator& other) const { return elm != other.elm; }
    };
    iterator begin() const { return {tqh_first, empty() ? nullptr : next(tqh_first)}; }
    iterator end() const { return {nullptr, nullptr}; }

private:
    // The element whose tqe_next is the pointer at `link`.
    static T* owner_of(T** link) {
        constexpr uintptr_t somewhere = 4096; // any address, to measure from
        const auto* elm = reinterpret_cast<const T*>(somewhere);
        const auto offset = reinterpret_cast<uintptr_t>(&(elm->*Field).tqe_next) - somewhere;
        return reinterpret_cast<T*>(reinterpret_cast<uintptr_t>(link) - offset);
    }
};

template <typename T> struct LIST_ENTRY {
    T* le_next;
    T** le_prev; // address of the pointer that points here
};

// Doubly linked, without a tail: an element leaves without knowing its head.
template <typename T, LIST_ENTRY<T> T::*Field> struct LIST_HEAD {
    T* lh_first = nullptr;

    LIST_HEAD() = default;
    LIST_HEAD(const LIST_HEAD&) = delete;
    LIST_HEAD& operator=(const LIST_HEAD&) = delete;

    void init() { lh_first = nullptr; }
    [[nodiscard]] bool empty() const { return lh_first == nullptr; }
    [[nodiscard]] T* first() const { return lh_first; }
    [[nodiscard]] static T* next(const T* elm) { return (elm->*Field).le_next; }

    void insert_head(T* elm) {
        LIST_ENTRY<T>& e = elm->*Field;
        e.le_next = lh_first;
        e.le_prev = &lh_first;
        if (lh_first != nullptr) {
            (lh_first->*Field).le_prev = &e.le_next;
        }
        lh_first = elm;
    }
    static void insert_after(T* listelm, T* elm) {
        LIST_ENTRY<T>& l = listelm->*Field;
        LIST_ENTRY<T>& e = elm->*Field;
        e.le_next = l.le_next;
        e.le_prev = &l.le_next;
        if (e.le_next != nullptr) {
            (e.le_next->*Field).le_prev = &e.le_next;
        }
        l.le_next = elm;
    }
    static void insert_before(T* listelm, T* elm) {
        LIST_ENTRY<T>& l = listelm->*Field;
        LIST_ENTRY<T>& e = elm->*Field;
        e.le_prev = l.le_prev;
        e.le_next = listelm;
        *l.le_prev = elm;
        l.le_prev = &e.le_next;
    }
    static void remove(T* elm) {
        LIST_ENTRY<T>& e = elm->*Field;
        if (e.le_next != nullptr) {
            (e.le_next->*Field).le_prev = e.le_prev;
        }
        *e.le_prev = e.le_next;
    }

    struct iterator {
        T* elm;
        T* following;
        T& operator*() const { return *elm; }
        iterator& operator++() {
            elm = following;
            following = elm == nullptr ? nullptr : next(elm);
            return *this;
        }
        bool operator!=(const iterator& other) const { return elm != other.elm; }
    };
    iterator begin() const { return {lh_first, empty() ? nullptr : next(lh_first)}; }
    iterator end() const { return {nullptr, nullptr}; }
};
