// Functions: name() { ... }. A body is kept as a copy of its tree, for the tree
// itself goes with the command that defined it.
#include "sh.h"

#include <stdlib.h>
#include <string.h>

struct function {
    char *name;
    struct node *body;
    int calls; // at work: it can't be freed
    struct function *next;
};
static struct function *functions;

static char *copy_text(const char *text) {
    return text ? strdup(text) : NULL;
}

static struct word *copy_words(const struct word *words) {
    struct word *copy = NULL, **end = &copy;
    for (; words; words = words->next, end = &(*end)->next) {
        *end = malloc(sizeof(**end));
        **end = (struct word){.text = copy_text(words->text)};
    }
    return copy;
}

static struct redirection *copy_redirections(const struct redirection *list) {
    struct redirection *copy = NULL, **end = &copy;
    for (; list; list = list->next, end = &(*end)->next) {
        *end = malloc(sizeof(**end));
        **end = *list;
        (*end)->target = copy_text(list->target);
        (*end)->next = NULL;
    }
    return copy;
}

static struct node *copy_node(const struct node *node) {
    if (!node)
        return NULL;
    struct node *copy = malloc(sizeof(*copy));
    *copy = (struct node){.kind = node->kind,
                          .words = copy_words(node->words),
                          .redirections = copy_redirections(node->redirections),
                          .name = copy_text(node->name),
                          .left = copy_node(node->left),
                          .right = copy_node(node->right),
                          .other = copy_node(node->other),
                          .next = copy_node(node->next)};
    return copy;
}

static void free_node(struct node *node) {
    if (!node)
        return;
    for (struct word *word = node->words, *next; word; word = next) {
        next = word->next;
        free((char *)word->text);
        free(word);
    }
    for (struct redirection *each = node->redirections, *next; each; each = next) {
        next = each->next;
        free((char *)each->target);
        free(each);
    }
    free((char *)node->name);
    free_node(node->left);
    free_node(node->right);
    free_node(node->other);
    free_node(node->next);
    free(node);
}

static struct function *lookup(const char *name) {
    struct function *function = functions;
    while (function && strcmp(function->name, name) != 0)
        function = function->next;
    return function;
}

const struct node *find_function(const char *name) {
    const struct function *function = lookup(name);
    return function ? function->body : NULL;
}

void define_function(const char *name, const struct node *body) {
    struct function *function = lookup(name);
    struct node *copy = copy_node(body);
    if (function && function->calls == 0) {
        free_node(function->body);
        function->body = copy;
        return;
    }
    function = malloc(sizeof(*function)); // before one that is still at work
    *function = (struct function){.name = strdup(name), .body = copy, .next = functions};
    functions = function;
}

int call_function(const struct node *body, char **argv) {
    struct function *function = functions;
    char **outer = positional;
    while (function->body != body)
        function = function->next;
    positional = argv + 1;
    function->calls++;
    int status = run((struct node *)body);
    function->calls--;
    positional = outer;
    if (returning) {
        returning = false;
        breaking = 0;
    }
    return status;
}
