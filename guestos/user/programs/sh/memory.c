// A stack of blocks: allocation is one addition, release cuts back to a mark.
#include "sh.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct block {
    struct block *below;
    char *next, *end;
};
static struct block *top;

static void *checked(void *memory) {
    if (!memory) {
        fputs("sh: out of memory\n", stderr);
        exit(2);
    }
    return memory;
}

void *stack_alloc(size_t size) {
    size = (size + 15) & ~(size_t)15;
    if (!top || (size_t)(top->end - top->next) < size) {
        size_t room = size > 8192 ? size : 8192;
        struct block *block = checked(malloc(sizeof(*block) + 16 + room));
        block->below = top;
        block->next = (char *)(((uintptr_t)(block + 1) + 15) & ~(uintptr_t)15);
        block->end = block->next + room;
        top = block;
    }
    void *result = top->next;
    top->next += size;
    return result;
}

char *stack_copy(const char *text, size_t length) {
    char *copy = stack_alloc(length + 1);
    memcpy(copy, text, length);
    copy[length] = '\0';
    return copy;
}

void *stack_mark(void) {
    return stack_alloc(0);
}

void stack_cut(void *mark) {
    char *place = mark;
    while (place < (char *)(top + 1) || place > top->end) {
        struct block *block = top;
        top = block->below;
        free(block);
    }
    top->next = place;
}

void text_put(struct text *text, char c) {
    if (text->length + 2 > text->capacity) {
        text->capacity = text->capacity ? 2 * text->capacity : 64;
        text->data = checked(realloc(text->data, text->capacity));
    }
    text->data[text->length++] = c;
    text->data[text->length] = '\0';
}

void text_add(struct text *text, const char *string) {
    while (*string)
        text_put(text, *string++);
}

char *text_take(struct text *text) {
    char *copy = stack_copy(text->data ? text->data : "", text->length);
    free(text->data);
    *text = (struct text){0};
    return copy;
}
