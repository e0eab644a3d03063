/* test_json.c: the JSON writer: nesting, commas, escapes, bytes that are no UTF-8, misuse.
 */
#include "cli/json.h"

#include "tests/check.h"

static void check_texts(void) {
    static const struct {
        const char *in;
        size_t n;
        const char *out;
    } rows[] = {
        {"", 0, "\"\""},
        {"plain", 5, "\"plain\""},
        {"a\"b\\c", 5, "\"a\\\"b\\\\c\""},
        {"\n\t\x01\x7f", 4, "\"\\u000a\\u0009\\u0001\\u007f\""},
        {"a\0b", 3, "\"a\\u0000b\""},
        {"\xc3\xa9 \xe2\x82\xac \xf0\x9f\x90\x9d", 11,
         "\"\xc3\xa9 \xe2\x82\xac \xf0\x9f\x90\x9d\""},
        {"\xff", 1, "\"\xef\xbf\xbd\""},
        {"\x80z", 2, "\"\xef\xbf\xbdz\""},
        {"\xc0\xaf", 2, "\"\xef\xbf\xbd\xef\xbf\xbd\""},                 /* overlong */
        {"\xe0\x80\xaf", 3, "\"\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\""}, /* overlong */
        {"\xed\xa0\x80", 3, "\"\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\""}, /* surrogate */
        {"\xf4\x90\x80\x80", 4, "\"\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\""},
        {"\xe2\x82", 2, "\"\xef\xbf\xbd\xef\xbf\xbd\""}, /* cut short */
        {"\xc3", 1, "\"\xef\xbf\xbd\""},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct json j;
        json_init(&j);
        json_text_n(&j, rows[i].in, rows[i].n);
        CHECK_STR(j.text, rows[i].out);
        CHECK(!j.failed);
        json_fini(&j);
    }
}

static void check_values(void) {
    struct json j;
    json_init(&j);
    json_open_array(&j);
    json_number(&j, UINT64_MAX);
    json_signed(&j, INT64_MIN);
    json_hex(&j, UINT64_MAX);
    json_hex(&j, 0);
    json_real(&j, 1.5);
    json_real(&j, 0.0 / (j.depth ? 0.0 : 1.0));
    json_real(&j, 1e300);
    json_bool(&j, true);
    json_null(&j);
    json_text(&j, NULL);
    json_bytes(&j, (const uint8_t *)"\x00\xab", 2);
    json_bytes(&j, NULL, 0);
    json_raw(&j, "[1]");
    json_close_array(&j);
    CHECK_STR(
        j.text,
        "[18446744073709551615, -9223372036854775808, \"0xffffffffffffffff\", \"0x0\", 1.500, "
        "null, null, true, null, null, \"00ab\", \"\", [1]]");
    json_fini(&j);
}

static void check_nesting(void) {
    struct json j;
    json_init(&j);
    json_open_object(&j);
    json_put_number(&j, "a", 1);
    json_key(&j, "b");
    json_open_array(&j);
    json_open_object(&j);
    json_close_object(&j);
    json_open_array(&j);
    json_close_array(&j);
    json_close_array(&j);
    json_put_text(&j, "c\"", "d");
    json_put_bool(&j, "e", false);
    json_put_null(&j, "f");
    json_put_hex(&j, "g", 16);
    json_close_object(&j);
    CHECK_STR(j.text, "{\"a\": 1, \"b\": [{}, []], \"c\\\"\": \"d\", \"e\": false, \"f\": null, "
                      "\"g\": \"0x10\"}");
    CHECK(!j.failed);
    json_reset(&j);
    json_number(&j, 7);
    CHECK_STR(j.text, "7");
    json_fini(&j);
}

static void check_misuse(void) {
    struct json j;
    json_init(&j);
    json_close_object(&j);
    CHECK(j.failed);
    json_reset(&j);
    CHECK(!j.failed);
    for (int i = 0; i < JSON_MAX_DEPTH + 5; i++)
        json_open_array(&j);
    CHECK(j.failed);
    json_reset(&j);
    json_open_object(&j);
    json_key(&j, "a");
    json_close_object(&j);
    CHECK(j.failed);
    json_fini(&j);
}

/* A long array grows the buffer through many sizes without losing anything. */
static void check_growth(void) {
    struct json j;
    json_init(&j);
    json_open_array(&j);
    for (unsigned i = 0; i < 20000; i++)
        json_number(&j, i % 10);
    json_close_array(&j);
    CHECK_EQ(j.n_bytes, 2 + 20000 + 2 * 19999);
    CHECK_EQ(strlen(j.text), j.n_bytes);
    json_fini(&j);
}

int main(void) {
    check_texts();
    check_values();
    check_nesting();
    check_misuse();
    check_growth();
    return check_end();
}
