/* json.h: a small JSON writer: one value into a growing buffer, correct by construction.
 *
 * The writer keeps the nesting itself: commas, quotes and escapes are never the caller's business.
 * Text that is not UTF-8 (names in a hostile object) comes out with U+FFFD for each bad byte, and
 * control characters as \u escapes: the output may be looked at on a terminal.
 * Machine words are written as "0x..." strings, because JSON numbers are doubles to many readers;
 * counts are plain numbers. There is no way to write NaN or infinity.
 */
#ifndef BPFLAB_CLI_JSON_H
#define BPFLAB_CLI_JSON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    JSON_MAX_DEPTH = 32
};

struct json {
    char *text; /* owned, terminated */
    size_t n_bytes, capacity;
    unsigned depth;
    bool more[JSON_MAX_DEPTH]; /* a value was written at this depth: the next one needs a comma */
    bool after_key;
    bool failed; /* out of memory, or nested too deep: text is then incomplete */
};

/* utf8_length: bytes of the well-formed UTF-8 sequence at s, 0 if there is none (overlong forms,
 * surrogates and values above U+10FFFF are not well-formed).
 * in:     n_bytes is not 0 */
size_t utf8_length(const unsigned char *s, size_t n_bytes);

void json_init(struct json *j);
void json_fini(struct json *j);

/* json_reset: forget what was written, keep the memory. */
void json_reset(struct json *j);

/* json_open_object and its kin: a value that holds others; keys are written by json_key inside
 * objects. */
void json_open_object(struct json *j);
void json_close_object(struct json *j);
void json_open_array(struct json *j);
void json_close_array(struct json *j);
void json_key(struct json *j, const char *key);

/* Values. */
void json_text(struct json *j, const char *s); /* NULL: null */
void json_text_n(struct json *j, const char *s, size_t n_bytes);
void json_number(struct json *j, uint64_t v);
void json_signed(struct json *j, int64_t v);
void json_hex(struct json *j, uint64_t v);                             /* "0x1f" */
void json_bytes(struct json *j, const uint8_t *bytes, size_t n_bytes); /* "00ff12" */
void json_real(struct json *j, double v); /* three decimals; null beyond 1e18 */
void json_bool(struct json *j, bool v);
void json_null(struct json *j);

/* json_raw: a value that another writer has written. */
void json_raw(struct json *j, const char *text);

/* Members: a key and its value in one call. */
void json_put_text(struct json *j, const char *key, const char *s);
void json_put_number(struct json *j, const char *key, uint64_t v);
void json_put_hex(struct json *j, const char *key, uint64_t v);
void json_put_bool(struct json *j, const char *key, bool v);
void json_put_null(struct json *j, const char *key);

#endif
