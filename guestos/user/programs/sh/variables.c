// Variables, positional parameters and the environment.
#include "sh.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct variable {
    char *name, *value;
    bool exported;
    struct variable *next;
};
static struct variable *variables; // in the order of their making

const char *shell_name = "sh";
char **positional;
int last_status;
pid_t shell_pid;
pid_t last_background;

size_t name_length(const char *text) {
    if (!isalpha((unsigned char)*text) && *text != '_')
        return 0;
    size_t length = 1;
    while (isalnum((unsigned char)text[length]) || text[length] == '_')
        length++;
    return length;
}

bool is_assignment(const char *word) {
    size_t length = name_length(word);
    return length > 0 && word[length] == '=';
}

static struct variable **find(const char *name) {
    struct variable **link = &variables;
    while (*link && strcmp((*link)->name, name) != 0)
        link = &(*link)->next;
    return link;
}

const char *get_variable(const char *name) {
    struct variable *variable = *find(name);
    return variable ? variable->value : NULL;
}

void set_variable(const char *name, const char *value, bool export) {
    struct variable **link = find(name);
    if (!*link) {
        *link = calloc(1, sizeof(**link));
        (*link)->name = strdup(name);
        (*link)->value = strdup("");
    }
    if (value) {
        char *copy = strdup(value);
        free((*link)->value);
        (*link)->value = copy;
    }
    (*link)->exported |= export;
}

void unset_variable(const char *name) {
    struct variable **link = find(name), *variable = *link;
    if (!variable)
        return;
    *link = variable->next;
    free(variable->name);
    free(variable->value);
    free(variable);
}

// NAME=value, already expanded.
void assign(const char *assignment, bool export) {
    const char *equals = strchr(assignment, '=');
    set_variable(stack_copy(assignment, (size_t)(equals - assignment)), equals + 1, export);
}

void import_environment(char **envp) {
    for (; *envp; envp++)
        if (is_assignment(*envp))
            assign(*envp, true);
}

char **exported_environment(void) {
    size_t count = 0;
    for (struct variable *v = variables; v; v = v->next)
        count += v->exported;
    char **envp = stack_alloc((count + 1) * sizeof(*envp));
    char **end = envp;
    for (struct variable *v = variables; v; v = v->next) {
        if (!v->exported)
            continue;
        size_t size = strlen(v->name) + strlen(v->value) + 2;
        *end = stack_alloc(size);
        snprintf(*end++, size, "%s=%s", v->name, v->value);
    }
    *end = NULL;
    return envp;
}

void print_exported(void) {
    for (struct variable *v = variables; v; v = v->next)
        if (v->exported)
            printf("export %s='%s'\n", v->name, v->value);
}
