/* case.c: cases as bytes, and as objects.
 *
 * The literal form, numbers lowest byte first:
 *
 *   1   CASE_LITERAL         1   version
 *   1   program type         1   attach type
 *   1   flags                1   programs
 *   1   inputs               1   0
 *   of each program: 2 bytes: slots; the instructions, 8 bytes each
 *   of each input: 8 bytes seed, CASE_WORDS of 8 bytes, 1 byte packet_bytes, the packet
 */
#include "fuzz/case.h"

#include <stdlib.h>
#include <string.h>

#include "fuzz/input.h"
#include "fuzz/maps.h"
#include "runtime/kcall.h"

enum {
    VERSION = 1,
    HEAD_BYTES = 8,
    PACKET_LEAST = 14,
    FLAG_SLEEPABLE = 1,
};

/* ---- bytes ---- */

struct out {
    uint8_t *p;
    size_t n;
};

static void put(struct out *o, uint64_t v, unsigned n_bytes) {
    for (unsigned i = 0; i < n_bytes; i++)
        o->p[o->n++] = (uint8_t)(v >> 8 * i);
}

size_t case_encode(const struct fuzz_case *c, uint8_t *out) {
    struct out o = {.p = out};
    put(&o, CASE_LITERAL, 1);
    put(&o, VERSION, 1);
    put(&o, c->type, 1);
    put(&o, c->attach_type, 1);
    put(&o, c->sleepable ? FLAG_SLEEPABLE : 0, 1);
    put(&o, c->n_progs, 1);
    put(&o, c->n_inputs, 1);
    put(&o, 0, 1);
    for (uint32_t i = 0; i < c->n_progs; i++) {
        put(&o, case_n_insns(c, i), 2);
        for (uint32_t pc = c->start[i]; pc < c->start[i + 1]; pc++, o.n += INSN_BYTES)
            insn_encode(c->insns[pc], false, o.p + o.n);
    }
    for (uint32_t i = 0; i < c->n_inputs; i++) {
        const struct case_input *const in = &c->inputs[i];
        put(&o, in->seed, 8);
        for (uint32_t k = 0; k < CASE_WORDS; k++)
            put(&o, in->words[k], 8);
        put(&o, in->packet_bytes, 1);
        memcpy(o.p + o.n, in->packet, in->packet_bytes);
        o.n += in->packet_bytes;
    }
    return o.n;
}

static bool decode_progs(struct input *in, struct fuzz_case *c) {
    c->start[0] = 0;
    for (uint32_t i = 0; i < c->n_progs; i++) {
        const uint32_t n = (uint32_t)input_bits(in, 2), from = c->start[i];
        if (n == 0 || n > CASE_MAX_INSNS - from || (size_t)(in->end - in->at) < INSN_BYTES * n)
            return false;
        for (uint32_t k = 0; k < n; k++, in->at += INSN_BYTES)
            c->insns[from + k] = insn_decode(in->at, false);
        c->start[i + 1] = from + n;
    }
    return true;
}

static bool decode_input(struct input *in, struct case_input *out) {
    out->seed = input_bits(in, 8);
    for (uint32_t k = 0; k < CASE_WORDS; k++)
        out->words[k] = input_bits(in, 8);
    out->packet_bytes = (uint32_t)input_bits(in, 1);
    if (out->packet_bytes < PACKET_LEAST || out->packet_bytes > CASE_PACKET_BYTES ||
        (size_t)(in->end - in->at) < out->packet_bytes)
        return false;
    memcpy(out->packet, in->at, out->packet_bytes);
    in->at += out->packet_bytes;
    return true;
}

bool case_decode(const uint8_t *bytes, size_t n_bytes, struct fuzz_case *c) {
    struct input in;
    input_init(&in, bytes, n_bytes);
    if (n_bytes < HEAD_BYTES || input_bits(&in, 1) != CASE_LITERAL || input_bits(&in, 1) != VERSION)
        return false;
    c->type = (uint32_t)input_bits(&in, 1);
    c->attach_type = (uint32_t)input_bits(&in, 1);
    c->sleepable = input_bits(&in, 1) & FLAG_SLEEPABLE;
    c->n_progs = (uint32_t)input_bits(&in, 1);
    c->n_inputs = (uint32_t)input_bits(&in, 1);
    input_bits(&in, 1);
    if (c->n_progs < 1 || c->n_progs > CASE_MAX_PROGS || c->n_inputs < 1 ||
        c->n_inputs > CASE_MAX_INPUTS || !decode_progs(&in, c))
        return false;
    for (uint32_t i = 0; i < c->n_inputs; i++)
        if (!decode_input(&in, &c->inputs[i]))
            return false;
    return true;
}

uint64_t case_hash(const struct fuzz_case *c) {
    uint64_t h =
        UINT64_C(0xcbf29ce484222325) ^ c->type << 8 ^ c->attach_type ^ (uint64_t)c->sleepable << 16;
    for (uint32_t pc = 0; pc < c->start[c->n_progs]; pc++) {
        const struct insn i = c->insns[pc];
        const uint64_t v = (uint64_t)i.code | (uint64_t)i.dst << 8 | (uint64_t)i.src << 12 |
                           (uint64_t)(uint16_t)i.off << 16 | (uint64_t)(uint32_t)i.imm << 32;
        h = (h ^ v) * UINT64_C(0x9e3779b97f4a7c15);
        h ^= h >> 29;
    }
    for (uint32_t i = 0; i < c->n_inputs; i++)
        for (uint32_t k = 0; k < CASE_WORDS; k++)
            h = (h ^ c->inputs[i].words[k] ^ c->inputs[i].seed) * UINT64_C(0x100000001b3);
    return h ^ h >> 32;
}

/* ---- objects ---- */

const char *case_kfunc(uint32_t number) {
    return kcall_name(KCALL_BASE + number);
}

int case_kfunc_number(const char *name) {
    for (int i = 0; case_kfunc((uint32_t)i); i++)
        if (!strcmp(case_kfunc((uint32_t)i), name))
            return i;
    return -1;
}

const char *const case_prog_names[CASE_MAX_PROGS] = {"prog0", "prog1", "prog2"};

/* What a program array's empty places hold. */
static struct insn just_exit[] = {{.code = 0xb7}, {.code = 0x95}};

static uint32_t count_kfuncs(const struct prog *p) {
    uint32_t n = 0;
    for (uint32_t pc = 0; pc < p->n_insns; pc += insn_slots(p->insns[pc]))
        n += op_of(p->insns[pc]) == OP_CALL_KFUNC;
    return n;
}

static enum bpflab_err set_externs(struct case_object *o) {
    uint32_t n = 0;
    for (uint32_t i = 0; i < CASE_MAX_PROGS; i++)
        n += count_kfuncs(&o->progs[i]);
    if (n > o->externs_cap) {
        struct prog_extern *const more = realloc(o->externs, n * sizeof *more);
        if (!more)
            return BPFLAB_E_NOMEM;
        o->externs = more;
        o->externs_cap = n;
    }
    n = 0;
    for (uint32_t i = 0; i < CASE_MAX_PROGS; i++) {
        struct prog *const p = &o->progs[i];
        p->externs = o->externs ? o->externs + n : NULL;
        for (uint32_t pc = 0; o->externs_cap && pc < p->n_insns; pc += insn_slots(p->insns[pc]))
            if (op_of(p->insns[pc]) == OP_CALL_KFUNC) {
                const char *const name = case_kfunc((uint32_t)p->insns[pc].imm);
                o->externs[n++] = (struct prog_extern){
                    .pc = pc, .is_func = true, .name = (char *)(uintptr_t)(name ? name : "?")};
                p->n_externs++;
            }
    }
    return BPFLAB_OK;
}

/* Maps that instructions name, and those that these lead to. */
static uint64_t reach(const struct fuzz_case *c) {
    uint64_t maps = UINT64_C(1) << FUZZ_MAP_IN;
    for (uint32_t pc = 0; pc < c->start[c->n_progs]; pc++) {
        const struct insn in = c->insns[pc];
        if (in.code == op_table[OP_LDDW].code && (uint32_t)in.imm < fuzz_n_maps && in.src)
            maps |= UINT64_C(1) << in.imm;
    }
    for (uint32_t i = 0; i < fuzz_n_maps; i++)
        if ((maps >> i & 1) && fuzz_maps[i].inner >= 0)
            maps |= UINT64_C(1) << fuzz_maps[i].inner;
    return maps;
}

enum bpflab_err case_object_set(struct case_object *o, const struct fuzz_case *c, bool big_endian) {
    o->object = (struct object){.big_endian = big_endian,
                                .license = (char *)(uintptr_t)"GPL",
                                .progs = o->progs,
                                .n_progs = CASE_MAX_PROGS,
                                .maps = (struct map_def *)(uintptr_t)fuzz_maps,
                                .n_maps = fuzz_n_maps};
    for (uint32_t i = 0; i < CASE_MAX_PROGS; i++) {
        const bool has = i < c->n_progs;
        o->progs[i] = (struct prog){
            .name = (char *)(uintptr_t)case_prog_names[i],
            .type = c->type,
            .attach_type = c->attach_type,
            .sleepable = c->sleepable,
            .big_endian = big_endian,
            .insns = has ? (struct insn *)(uintptr_t)&c->insns[c->start[i]] : just_exit,
            .n_insns = has ? case_n_insns(c, i) : sizeof just_exit / sizeof *just_exit,
        };
    }
    o->maps = reach(c);
    return set_externs(o);
}

void case_object_fini(struct case_object *o) {
    free(o->externs);
    *o = (struct case_object){0};
}
