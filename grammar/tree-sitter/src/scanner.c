// Block comments that stand inside each other, and the plain text of strings, where nothing is a comment.
#include "tree_sitter/parser.h"

enum TokenType { BLOCK_COMMENT, STRING_CONTENT, ERROR_SENTINEL };

void *tree_sitter_scene_external_scanner_create(void) { return 0; }
void tree_sitter_scene_external_scanner_destroy(void *payload) { (void)payload; }
unsigned tree_sitter_scene_external_scanner_serialize(void *payload, char *buffer) {
    (void)payload;
    (void)buffer;
    return 0;
}
void tree_sitter_scene_external_scanner_deserialize(void *payload, const char *buffer, unsigned length) {
    (void)payload;
    (void)buffer;
    (void)length;
}

bool tree_sitter_scene_external_scanner_scan(void *payload, TSLexer *lexer, const bool *valid_symbols) {
    (void)payload;
    // Comments may stand everywhere, so both are asked for inside a string. All three are asked for while the parser recovers
    // from a mistake: then nobody knows where a string began.
    if (valid_symbols[STRING_CONTENT] && !valid_symbols[ERROR_SENTINEL]) {
        bool any = false;
        while (!lexer->eof(lexer) && lexer->lookahead != '"' && lexer->lookahead != '\\' && lexer->lookahead != '\n') {
            lexer->advance(lexer, false);
            any = true;
        }
        lexer->mark_end(lexer);
        lexer->result_symbol = STRING_CONTENT;
        return any;
    }
    if (!valid_symbols[BLOCK_COMMENT]) return false;
    while (lexer->lookahead == ' ' || lexer->lookahead == '\t' || lexer->lookahead == '\r' || lexer->lookahead == '\f') lexer->advance(lexer, true);
    if (lexer->lookahead != '/') return false;
    lexer->advance(lexer, false);
    if (lexer->lookahead != '*') return false;
    lexer->advance(lexer, false);
    unsigned depth = 1;
    while (depth > 0) {
        if (lexer->eof(lexer)) return false;
        int32_t now = lexer->lookahead;
        lexer->advance(lexer, false);
        if (now == '/' && lexer->lookahead == '*') {
            depth += 1;
            lexer->advance(lexer, false);
        } else if (now == '*' && lexer->lookahead == '/') {
            depth -= 1;
            lexer->advance(lexer, false);
        }
    }
    lexer->mark_end(lexer);
    lexer->result_symbol = BLOCK_COMMENT;
    return true;
}
