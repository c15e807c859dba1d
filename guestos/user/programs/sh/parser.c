// Tokens to a tree, by recursive descent:
//
//   list      and-or { (; | & | newline) and-or }
//   and-or    pipeline { (&& | ||) pipeline }
//   pipeline  [!] command { | command }
//   command   simple | ( list ) | { list } | if | while | until | for | case,
//             the compound ones with redirections after them
//             | name ( ) command
#include "sh.h"

#include <string.h>

static struct node *parse_list(struct lexer *lexer);
static struct node *parse_command(struct lexer *lexer);

static struct node *make_node(enum node_kind kind) {
    struct node *node = stack_alloc(sizeof(*node));
    *node = (struct node){.kind = kind};
    return node;
}

static struct node *make_pair(enum node_kind kind, struct node *left, struct node *right) {
    struct node *node = make_node(kind);
    node->left = left;
    node->right = right;
    return node;
}

static void unexpected(const struct lexer *lexer) {
    static const char *const names[] = {"end of input", "newline", "",   ";", ";;", "&",
                                        "|",            "&&",      "||", "(", ")"};
    const char *name = lexer->token == TOKEN_WORD          ? lexer->word
                       : lexer->token == TOKEN_REDIRECTION ? lexer->sign
                                                           : names[lexer->token];
    complain("syntax error: %s unexpected", name);
    fail_command();
}

// A word without its quotes and backslashes.
static char *unquoted(const char *word) {
    struct text text = {0};
    for (; *word; word++) {
        if (*word == '\\' && word[1])
            word++;
        else if (*word == '\'' || *word == '"')
            continue;
        text_put(&text, *word);
    }
    return text_take(&text);
}

// Reserved words count only where a command may begin.
static bool at_word(const struct lexer *lexer, const char *word) {
    return lexer->token == TOKEN_WORD && strcmp(lexer->word, word) == 0;
}

static bool at_end_of_list(const struct lexer *lexer) {
    static const char *const ends[] = {"then", "elif", "else", "fi", "do", "done", "esac", "}"};
    if (lexer->token == TOKEN_END || lexer->token == TOKEN_CLOSE || lexer->token == TOKEN_CASE_END)
        return true;
    for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++)
        if (at_word(lexer, ends[i]))
            return true;
    return false;
}

static void expect_word(struct lexer *lexer, const char *word) {
    if (!at_word(lexer, word))
        unexpected(lexer);
    advance(lexer);
}

static void skip_newlines(struct lexer *lexer) {
    while (lexer->token == TOKEN_NEWLINE)
        advance(lexer);
}

// The text of the here-document begins after the newline to come.
static void expect_here_document(struct lexer *lexer, struct redirection *redirection) {
    if (lexer->waiting_count == kMaxHereDocuments)
        unexpected(lexer);
    redirection->quoted = strpbrk(lexer->word, "'\"\\") != NULL;
    redirection->target = unquoted(lexer->word);
    lexer->waiting[lexer->waiting_count++] = redirection;
}

static struct redirection *parse_redirection(struct lexer *lexer) {
    struct redirection *redirection = stack_alloc(sizeof(*redirection));
    *redirection = (struct redirection){.sign = lexer->sign, .fd = lexer->fd};
    if (redirection->fd == -1)
        redirection->fd = *lexer->sign == '<' ? 0 : 1;
    advance(lexer);
    if (lexer->token != TOKEN_WORD)
        unexpected(lexer);
    redirection->target = lexer->word;
    if (strncmp(redirection->sign, "<<", 2) == 0)
        expect_here_document(lexer, redirection);
    advance(lexer);
    return redirection;
}

static void parse_redirections(struct lexer *lexer, struct node *node) {
    struct redirection **end = &node->redirections;
    while (*end)
        end = &(*end)->next;
    for (; lexer->token == TOKEN_REDIRECTION; end = &(*end)->next)
        *end = parse_redirection(lexer);
}

static struct word **parse_word(struct lexer *lexer, struct word **end) {
    *end = stack_alloc(sizeof(**end));
    **end = (struct word){.text = lexer->word};
    advance(lexer);
    return &(*end)->next;
}

// After `name (`.
static struct node *parse_function(struct lexer *lexer, const char *name) {
    struct node *node = make_node(NODE_FUNCTION);
    node->name = name;
    advance(lexer);
    if (lexer->token != TOKEN_CLOSE || name_length(name) != strlen(name))
        unexpected(lexer);
    advance(lexer);
    skip_newlines(lexer);
    node->right = parse_command(lexer);
    return node;
}

static struct node *parse_simple(struct lexer *lexer) {
    struct node *node = make_node(NODE_SIMPLE);
    struct word **end = &node->words;
    while (lexer->token == TOKEN_WORD || lexer->token == TOKEN_REDIRECTION) {
        if (lexer->token == TOKEN_WORD)
            end = parse_word(lexer, end);
        else
            parse_redirections(lexer, node);
        if (lexer->token == TOKEN_OPEN && node->words && !node->words->next && !node->redirections)
            return parse_function(lexer, node->words->text);
    }
    if (!node->words && !node->redirections)
        unexpected(lexer);
    return node;
}

// After `if` or `elif`: a list, then, a list, and what follows up to fi.
static struct node *parse_if(struct lexer *lexer) {
    struct node *node = make_node(NODE_IF);
    advance(lexer);
    node->left = parse_list(lexer);
    expect_word(lexer, "then");
    node->right = parse_list(lexer);
    if (at_word(lexer, "elif")) {
        node->other = parse_if(lexer); // takes the fi
        return node;
    }
    if (at_word(lexer, "else")) {
        advance(lexer);
        node->other = parse_list(lexer);
    }
    expect_word(lexer, "fi");
    return node;
}

static struct node *parse_while(struct lexer *lexer, enum node_kind kind) {
    struct node *node = make_node(kind);
    advance(lexer);
    node->left = parse_list(lexer);
    expect_word(lexer, "do");
    node->right = parse_list(lexer);
    expect_word(lexer, "done");
    return node;
}

static struct node *parse_for(struct lexer *lexer) {
    struct node *node = make_node(NODE_FOR);
    advance(lexer);
    if (lexer->token != TOKEN_WORD || name_length(lexer->word) != strlen(lexer->word))
        unexpected(lexer);
    node->name = lexer->word;
    advance(lexer);
    skip_newlines(lexer);
    if (at_word(lexer, "in")) {
        advance(lexer);
        struct word **end = &node->words;
        while (lexer->token == TOKEN_WORD)
            end = parse_word(lexer, end);
    } else {
        static const struct word all_positional = {.text = "\"$@\""};
        node->words = (struct word *)&all_positional;
    }
    if (lexer->token == TOKEN_SEMICOLON)
        advance(lexer);
    skip_newlines(lexer);
    expect_word(lexer, "do");
    node->right = parse_list(lexer);
    expect_word(lexer, "done");
    return node;
}

// pattern { | pattern } ) list ;;
static struct node *parse_item_of_case(struct lexer *lexer) {
    struct node *item = make_node(NODE_ITEM);
    struct word **end = &item->words;
    if (lexer->token == TOKEN_OPEN)
        advance(lexer);
    do {
        if (item->words)
            advance(lexer); // the |
        if (lexer->token != TOKEN_WORD)
            unexpected(lexer);
        end = parse_word(lexer, end);
    } while (lexer->token == TOKEN_PIPE);
    if (lexer->token != TOKEN_CLOSE)
        unexpected(lexer);
    advance(lexer);
    skip_newlines(lexer);
    if (!at_end_of_list(lexer))
        item->right = parse_list(lexer);
    if (lexer->token == TOKEN_CASE_END)
        advance(lexer);
    else if (!at_word(lexer, "esac"))
        unexpected(lexer);
    skip_newlines(lexer);
    return item;
}

static struct node *parse_case(struct lexer *lexer) {
    struct node *node = make_node(NODE_CASE);
    struct node **end = &node->left;
    advance(lexer);
    if (lexer->token != TOKEN_WORD)
        unexpected(lexer);
    parse_word(lexer, &node->words);
    skip_newlines(lexer);
    expect_word(lexer, "in");
    for (skip_newlines(lexer); !at_word(lexer, "esac"); end = &(*end)->next)
        *end = parse_item_of_case(lexer);
    advance(lexer);
    return node;
}

static struct node *parse_enclosed(struct lexer *lexer, enum node_kind kind) {
    struct node *node = make_node(kind);
    advance(lexer);
    node->left = parse_list(lexer);
    if (kind == NODE_GROUP)
        expect_word(lexer, "}");
    else if (lexer->token == TOKEN_CLOSE)
        advance(lexer);
    else
        unexpected(lexer);
    return node;
}

static struct node *parse_command(struct lexer *lexer) {
    struct node *node;
    if (lexer->token == TOKEN_OPEN)
        node = parse_enclosed(lexer, NODE_SUBSHELL);
    else if (at_word(lexer, "{"))
        node = parse_enclosed(lexer, NODE_GROUP);
    else if (at_word(lexer, "if"))
        node = parse_if(lexer);
    else if (at_word(lexer, "while"))
        node = parse_while(lexer, NODE_WHILE);
    else if (at_word(lexer, "until"))
        node = parse_while(lexer, NODE_UNTIL);
    else if (at_word(lexer, "for"))
        node = parse_for(lexer);
    else if (at_word(lexer, "case"))
        node = parse_case(lexer);
    else if (at_end_of_list(lexer))
        unexpected(lexer), node = NULL;
    else
        return parse_simple(lexer);
    parse_redirections(lexer, node);
    return node;
}

static struct node *parse_pipeline(struct lexer *lexer) {
    if (at_word(lexer, "!")) {
        advance(lexer);
        return make_pair(NODE_NOT, parse_pipeline(lexer), NULL);
    }
    struct node *first = parse_command(lexer);
    if (lexer->token != TOKEN_PIPE)
        return first;
    struct node *pipeline = make_pair(NODE_PIPELINE, first, NULL);
    for (struct node *last = first; lexer->token == TOKEN_PIPE; last = last->next) {
        advance(lexer);
        skip_newlines(lexer);
        last->next = parse_command(lexer);
    }
    return pipeline;
}

static struct node *parse_and_or(struct lexer *lexer) {
    struct node *node = parse_pipeline(lexer);
    while (lexer->token == TOKEN_AND || lexer->token == TOKEN_OR) {
        enum node_kind kind = lexer->token == TOKEN_AND ? NODE_AND : NODE_OR;
        advance(lexer);
        skip_newlines(lexer);
        node = make_pair(kind, node, parse_pipeline(lexer));
    }
    return node;
}

// One and-or with the sign after it. A newline is left for the caller.
static struct node *parse_item(struct lexer *lexer) {
    struct node *node = parse_and_or(lexer);
    if (lexer->token == TOKEN_BACKGROUND) {
        node = make_pair(NODE_BACKGROUND, node, NULL);
        advance(lexer);
    } else if (lexer->token == TOKEN_SEMICOLON) {
        advance(lexer);
    }
    return node;
}

static struct node *join(struct node *list, struct node *item) {
    return list ? make_pair(NODE_SEQUENCE, list, item) : item;
}

// A list inside a compound command: newlines separate, a reserved word ends it.
static struct node *parse_list(struct lexer *lexer) {
    struct node *list = NULL;
    for (skip_newlines(lexer); !at_end_of_list(lexer); skip_newlines(lexer))
        list = join(list, parse_item(lexer));
    if (!list)
        unexpected(lexer);
    return list;
}

bool parse(struct source *source, struct node **result) {
    struct lexer lexer = {.source = source};
    *result = NULL;
    source->at_start = true;
    advance(&lexer);
    if (lexer.token == TOKEN_END)
        return false;
    while (lexer.token != TOKEN_NEWLINE && lexer.token != TOKEN_END)
        *result = join(*result, parse_item(&lexer));
    return true;
}
