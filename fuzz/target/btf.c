/* btf.c: fuzz target of BTF and CO-RE: every accessor on everything, and relocation to itself.
 * input: byte 0: kinds of the records, and access; bytes 1 to 4: their types; the rest: BTF, read
 *        alone and as a split BTF on top of itself */
#include "fuzz/target.h"

#include "isa/btf.h"
#include "loader/core.h"

#include <stdlib.h>
#include <string.h>

static uint64_t walk(const struct btf *b) {
    uint64_t sum = btf_first_id(b) + btf_ptr_bytes(b) + btf_big_endian(b);
    for (uint32_t id = 0; id < btf_n_types(b); id++) {
        const struct btf_type *t = btf_type_at(b, id);
        const struct btf_member *m = btf_members(b, t);
        sum += strlen(btf_string(b, t->name_off)) + btf_strip(b, id) + (uint64_t)btf_size(b, id);
        sum += btf_int_bits(b, t) + btf_int_off(b, t) + btf_int_encoding(b, t) + btf_extra(b, t);
        for (uint32_t i = 0; i < t->n_members; i++)
            sum += strlen(btf_string(b, m[i].name_off)) + (uint64_t)m[i].value +
                   btf_type_at(b, m[i].type)->kind;
        sum += btf_find(b, (enum btf_kind)t->kind, btf_string(b, t->name_off), id) != id;
        sum += btf_tag(b, t->size_or_type, (int32_t)btf_extra(b, t), id - 1) != id;
    }
    return sum;
}

static void relocate(const struct btf *b, const uint8_t *bytes, size_t size, const uint8_t *how) {
    static const char *const access[] = {"0", "0:0", "0:1", "0:0:1", "1:0:0", "0:1:0:0"};
    static const uint8_t codes[4] = {0xb7, 0x61, 0x18, 0x7b};
    struct core_source source = {.bytes = bytes, .size_bytes = size};
    struct core_target *target = NULL;
    struct core *core = NULL;
    if (!core_target_new(&source, &target) && !core_new(b, target, &core))
        for (uint32_t i = 0; i < 32; i++) {
            struct insn in[2] = {{.code = codes[i & 3]}, {0}};
            struct core_reloc r = {.type_id = (how[1 + i % 4] + i) % btf_n_types(b),
                                   .kind = (how[0] + i) % N_CORE_KINDS,
                                   .access = access[(how[0] >> 4) % 6]};
            struct core_result res;
            if (!core_apply(core, &r, in, 2, &res, NULL) && !res.text[0] != !res.outcome)
                abort();
        }
    core_free(core);
    core_target_free(target);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct btf *b = NULL, *split = NULL;
    struct diag d;
    if (size < 5 || btf_parse(data + 5, size - 5, NULL, &b, &d))
        return 0;
    bool odd = walk(b) == UINT64_MAX;
    relocate(b, data + 5, size - 5, data);
    if (!btf_parse(data + 5, size - 5, b, &split, &d))
        odd |= walk(split) == UINT64_MAX;
    btf_free(split);
    btf_free(b);
    return odd ? -1 : 0; /* keeps the walks from being optimised away */
}
