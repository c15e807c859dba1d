// bench-compute [ROUNDS]: sorts and checksums, and never asks the kernel for
// anything meanwhile. The default is about 500 million instructions.
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { COUNT = 1 << 15, DEFAULT_ROUNDS = 26 };

static uint32_t values[COUNT], spare[COUNT], crc_table[256];

static uint32_t next_random(uint32_t *state) { // xorshift32
    *state ^= *state << 13;
    *state ^= *state >> 17;
    *state ^= *state << 5;
    return *state;
}

static void swap(uint32_t *a, uint32_t *b) {
    uint32_t t = *a;
    *a = *b;
    *b = t;
}

static void sift_down(uint32_t *heap, size_t root, size_t count) {
    for (size_t child; (child = 2 * root + 1) < count; root = child) {
        if (child + 1 < count && heap[child] < heap[child + 1])
            child++;
        if (heap[root] >= heap[child])
            return;
        swap(&heap[root], &heap[child]);
    }
}

static void heap_sort(uint32_t *a, size_t count) {
    for (size_t i = count / 2; i-- > 0;)
        sift_down(a, i, count);
    for (size_t end = count; end-- > 1;) {
        swap(&a[0], &a[end]);
        sift_down(a, 0, end);
    }
}

static void quick_sort(uint32_t *a, long low, long high) {
    while (low < high) {
        uint32_t pivot = a[low + (high - low) / 2];
        long i = low, j = high;
        while (i <= j) {
            while (a[i] < pivot)
                i++;
            while (a[j] > pivot)
                j--;
            if (i <= j)
                swap(&a[i++], &a[j--]);
        }
        if (j - low < high - i) {
            quick_sort(a, low, j);
            low = i;
        } else {
            quick_sort(a, i, high);
            high = j;
        }
    }
}

static void make_crc_table(void) {
    for (uint32_t i = 0; i < 256; i++) {
        uint32_t c = i;
        for (int bit = 0; bit < 8; bit++)
            c = c & 1 ? 0xedb88320u ^ (c >> 1) : c >> 1;
        crc_table[i] = c;
    }
}

static uint32_t crc32(const void *data, size_t size) {
    const unsigned char *bytes = data;
    uint32_t c = 0xffffffffu;
    for (size_t i = 0; i < size; i++)
        c = crc_table[(c ^ bytes[i]) & 0xff] ^ (c >> 8);
    return ~c;
}

static uint32_t adler32(const void *data, size_t size) {
    const unsigned char *bytes = data;
    uint32_t a = 1, b = 0;
    for (size_t i = 0; i < size; i++) {
        a = (a + bytes[i]) % 65521;
        b = (b + a) % 65521;
    }
    return b << 16 | a;
}

int main(int argc, char **argv) {
    long rounds = argc > 1 ? strtol(argv[1], NULL, 10) : DEFAULT_ROUNDS;
    uint32_t state = 2463534242u, sum = 0;
    make_crc_table();
    for (long round = 0; round < rounds; round++) {
        for (size_t i = 0; i < COUNT; i++)
            values[i] = next_random(&state);
        memcpy(spare, values, sizeof(spare));
        sum = sum * 31 + crc32(values, sizeof(values));
        heap_sort(values, COUNT);
        quick_sort(spare, 0, COUNT - 1);
        if (memcmp(values, spare, sizeof(values)) != 0) {
            puts("bench-compute: the two sorts disagree");
            return 1;
        }
        sum = sum * 31 + adler32(values, sizeof(values));
        sum = sum * 31 + crc32(values, sizeof(values));
    }
    printf("bench-compute: %ld rounds, checksum %08x\n", rounds, (unsigned)sum);
    return 0;
}
