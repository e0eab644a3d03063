/* mut.c: the list of mutators, and choosing among them. */
#include "fuzz/mut/mut.h"

#include <string.h>

#include "fuzz/mut/part.h"

/* clang-format off */
const struct mut_kind mut_kinds[] = {
    {"constant",  "another number in an instruction", 9},
    {"word",      "another word of an input", 6},
    {"register",  "another register, or two exchanged", 6},
    {"offset",    "another offset of an access", 5},
    {"replace",   "another row of the same class", 6},
    {"width",     "the same operation at another width", 5},
    {"sign",      "the same operation with signs, or without", 4},
    {"negate",    "the opposite of a comparison", 3},
    {"form",      "a register for a number, or the other way", 3},
    {"retarget",  "a jump or call to somewhere else", 4},
    {"rename",    "two registers change roles in a stretch", 2},
    {"row",       "a new instruction", 6},
    {"copy",      "a copy of an instruction", 3},
    {"idiom",     "a few instructions that belong together", 7},
    {"remove",    "instructions less", 6},
    {"swap",      "two instructions change places", 4},
    {"duplicate", "instructions once more", 3},
    {"move",      "instructions somewhere else", 3},
    {"splice",    "instructions of another case", 5},
    {"tail",      "the rest of a function is another case's", 3},
    {"program",   "a program more, or less", 1},
    {"type",      "another program type", 1},
    {"packet",    "another packet", 3},
    {"world",     "another seed of the world's", 1},
    {"count",     "an input more, or less", 1},
};
static mut_fn *const functions[] = {
    mut_constant, mut_word, mut_register, mut_offset, mut_replace, mut_width, mut_sign, mut_negate,
    mut_form, mut_retarget, mut_rename, mut_insert_row, mut_insert_copy, mut_insert_idiom,
    mut_remove, mut_swap, mut_duplicate, mut_move, mut_splice, mut_tail, mut_program, mut_type,
    mut_packet, mut_world, mut_count,
};
/* clang-format on */
const uint32_t mut_n_kinds = sizeof mut_kinds / sizeof *mut_kinds;
_Static_assert(sizeof mut_kinds / sizeof *mut_kinds == sizeof functions / sizeof *functions,
               "each kind has its function");

int mut_find(const char *name) {
    for (uint32_t i = 0; i < mut_n_kinds; i++)
        if (!strcmp(mut_kinds[i].name, name))
            return (int)i;
    return -1;
}

bool mut_one(struct input *in, uint32_t kind, struct fuzz_case *c, const struct fuzz_case *other) {
    struct mut m = {.in = in, .c = c, .other = other ? other : c};
    return functions[kind](&m);
}

static uint32_t choose(struct input *in) {
    uint32_t total = 0, kind = 0;
    for (uint32_t i = 0; i < mut_n_kinds; i++)
        total += mut_kinds[i].weight;
    uint32_t at = input_below(in, total);
    while (at >= mut_kinds[kind].weight)
        at -= mut_kinds[kind++].weight;
    return kind;
}

void mut_case(struct input *in, struct fuzz_case *c, const struct fuzz_case *other) {
    static const uint8_t counts[] = {1, 1, 1, 1, 2, 2, 3, MUT_MOST};
    uint32_t n = counts[input_below(in, sizeof counts)], done = 0;
    for (uint32_t tries = 0; done < n && tries < 4 * MUT_MOST; tries++)
        done += mut_one(in, choose(in), c, other);
    if (done == 0) /* what always can be done */
        c->inputs[0].words[0]++;
}

void mut_seeded(uint64_t seed, struct fuzz_case *c, const struct fuzz_case *other) {
    uint8_t bytes[MUT_CHOICES];
    struct input in;
    input_random(&seed, bytes, sizeof bytes);
    input_init(&in, bytes, sizeof bytes);
    mut_case(&in, c, other);
}
