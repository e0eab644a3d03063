/* json.c: the writer. All text goes through emit(), which grows the buffer; all values go through
 * begin_value(), which knows whether a comma is due.
 */
#include "cli/json.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void json_init(struct json *j) {
    memset(j, 0, sizeof *j);
}

void json_fini(struct json *j) {
    free(j->text);
    json_init(j);
}

void json_reset(struct json *j) {
    char *text = j->text;
    size_t capacity = j->capacity;
    json_init(j);
    j->text = text;
    j->capacity = capacity;
}

static void emit(struct json *j, const char *s, size_t n_bytes) {
    if (j->failed)
        return;
    if (n_bytes >= j->capacity - j->n_bytes) {
        size_t want = (j->capacity + n_bytes) * 2 + 256;
        char *grown = realloc(j->text, want);
        if (!grown) {
            j->failed = true;
            return;
        }
        j->text = grown;
        j->capacity = want;
    }
    memcpy(j->text + j->n_bytes, s, n_bytes);
    j->n_bytes += n_bytes;
    j->text[j->n_bytes] = 0;
}

static void emit_text(struct json *j, const char *s) {
    emit(j, s, strlen(s));
}

static void begin_value(struct json *j) {
    if (j->after_key) {
        j->after_key = false;
        return;
    }
    if (j->more[j->depth])
        emit_text(j, ", ");
    j->more[j->depth] = true;
}

static void open(struct json *j, const char *bracket) {
    begin_value(j);
    emit_text(j, bracket);
    if (j->depth + 1 >= JSON_MAX_DEPTH) {
        j->failed = true;
        return;
    }
    j->more[++j->depth] = false;
}

static void close(struct json *j, const char *bracket) {
    if (j->depth == 0 || j->after_key) {
        j->failed = true;
        return;
    }
    j->depth--;
    emit_text(j, bracket);
}

void json_open_object(struct json *j) {
    open(j, "{");
}

void json_close_object(struct json *j) {
    close(j, "}");
}

void json_open_array(struct json *j) {
    open(j, "[");
}

void json_close_array(struct json *j) {
    close(j, "]");
}

size_t utf8_length(const unsigned char *s, size_t n_bytes) {
    unsigned char first = s[0];
    if (first < 0x80)
        return 1;
    size_t n = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
    if (first < 0xc2 || first > 0xf4 || n > n_bytes)
        return 0;
    for (size_t i = 1; i < n; i++)
        if ((s[i] & 0xc0) != 0x80)
            return 0;
    bool overlong = (first == 0xe0 && s[1] < 0xa0) || (first == 0xf0 && s[1] < 0x90);
    bool surrogate = first == 0xed && s[1] > 0x9f;
    bool too_large = first == 0xf4 && s[1] > 0x8f;
    return overlong || surrogate || too_large ? 0 : n;
}

static void emit_string(struct json *j, const char *s, size_t n_bytes) {
    const unsigned char *p = (const unsigned char *)s;
    emit_text(j, "\"");
    for (size_t i = 0; i < n_bytes;) {
        size_t n = utf8_length(p + i, n_bytes - i);
        char code[8];
        bool c1 = n == 2 && p[i] == 0xc2 && p[i + 1] < 0xa0;
        if (n == 0) {
            emit_text(j, "\xef\xbf\xbd");
            n = 1;
        } else if (p[i] == '"' || p[i] == '\\') {
            code[0] = '\\';
            code[1] = (char)p[i];
            emit(j, code, 2);
        } else if (p[i] < 0x20 || p[i] == 0x7f || c1) {
            snprintf(code, sizeof code, "\\u%04x", c1 ? p[i + 1] : p[i]);
            emit_text(j, code);
        } else {
            emit(j, s + i, n);
        }
        i += n;
    }
    emit_text(j, "\"");
}

void json_key(struct json *j, const char *key) {
    begin_value(j);
    emit_string(j, key, strlen(key));
    emit_text(j, ": ");
    j->after_key = true;
}

void json_text_n(struct json *j, const char *s, size_t n_bytes) {
    begin_value(j);
    emit_string(j, s, n_bytes);
}

void json_text(struct json *j, const char *s) {
    if (s)
        json_text_n(j, s, strlen(s));
    else
        json_null(j);
}

void json_number(struct json *j, uint64_t v) {
    char digits[24];
    snprintf(digits, sizeof digits, "%" PRIu64, v);
    begin_value(j);
    emit_text(j, digits);
}

void json_signed(struct json *j, int64_t v) {
    char digits[24];
    snprintf(digits, sizeof digits, "%" PRId64, v);
    begin_value(j);
    emit_text(j, digits);
}

void json_hex(struct json *j, uint64_t v) {
    char digits[24];
    snprintf(digits, sizeof digits, "\"0x%" PRIx64 "\"", v);
    begin_value(j);
    emit_text(j, digits);
}

void json_bytes(struct json *j, const uint8_t *bytes, size_t n_bytes) {
    begin_value(j);
    emit_text(j, "\"");
    for (size_t i = 0; i < n_bytes; i++) {
        char digits[4];
        snprintf(digits, sizeof digits, "%02x", bytes[i]);
        emit(j, digits, 2);
    }
    emit_text(j, "\"");
}

void json_real(struct json *j, double v) {
    if (!(v > -1e18 && v < 1e18)) { /* not a finite number of a sensible size */
        json_null(j);
        return;
    }
    char digits[40];
    int n = snprintf(digits, sizeof digits, "%.3f", v);
    for (int i = 0; i < n; i++) /* a locale's decimal comma is not JSON */
        if (digits[i] == ',')
            digits[i] = '.';
    begin_value(j);
    emit_text(j, digits);
}

void json_bool(struct json *j, bool v) {
    begin_value(j);
    emit_text(j, v ? "true" : "false");
}

void json_null(struct json *j) {
    begin_value(j);
    emit_text(j, "null");
}

void json_raw(struct json *j, const char *text) {
    begin_value(j);
    emit_text(j, text);
}

void json_put_text(struct json *j, const char *key, const char *s) {
    json_key(j, key);
    json_text(j, s);
}

void json_put_number(struct json *j, const char *key, uint64_t v) {
    json_key(j, key);
    json_number(j, v);
}

void json_put_hex(struct json *j, const char *key, uint64_t v) {
    json_key(j, key);
    json_hex(j, v);
}

void json_put_bool(struct json *j, const char *key, bool v) {
    json_key(j, key);
    json_bool(j, v);
}

void json_put_null(struct json *j, const char *key) {
    json_key(j, key);
    json_null(j);
}
