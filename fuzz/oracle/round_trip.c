/* round_trip.c: what is written is read back as what it was: bytes in both orders, text in both
 * styles, cases. */
#include "fuzz/judging.h"

#include <stdlib.h>
#include <string.h>

#include "isa/asm.h"

static bool same_insns(const struct insn *a, const struct insn *b, uint32_t n) {
    for (uint32_t i = 0; i < n; i++)
        if (a[i].code != b[i].code || a[i].dst != b[i].dst || a[i].src != b[i].src ||
            a[i].off != b[i].off || a[i].imm != b[i].imm)
            return false;
    return true;
}

static void bytes(struct judging *g, const struct prog *p) {
    for (uint32_t pc = 0; pc < p->n_insns; pc++)
        for (int big = 0; big < 2; big++) {
            uint8_t b[INSN_BYTES];
            insn_encode(p->insns[pc], big, b);
            const struct insn again = insn_decode(b, big);
            if (!same_insns(&p->insns[pc], &again, 1))
                judging_found(g, ORACLE_ROUND_TRIP, NULL, 0, pc,
                              "%s-endian bytes are another instruction", big ? "big" : "little");
        }
}

/* One text of the whole program. out: owned; NULL: no memory */
static char *text_of(const struct prog *p, enum asm_style style, size_t *n) {
    char *const text = malloc((size_t)p->n_insns * (ASM_LINE_MAX + 1) + 1);
    *n = 0;
    for (uint32_t pc = 0; text && pc < p->n_insns; pc += insn_slots(p->insns[pc])) {
        const struct insn *const next = pc + 1 < p->n_insns ? &p->insns[pc + 1] : NULL;
        *n += asm_print(p->insns[pc], next, style, NULL, text + *n);
        text[(*n)++] = '\n';
    }
    return text;
}

static enum bpflab_err text(struct judging *g, const struct prog *p, enum asm_style style) {
    size_t n;
    uint32_t n_again;
    struct insn *again;
    struct diag d = {.pc = -1};
    char *const t = text_of(p, style, &n);
    if (!t)
        return BPFLAB_E_NOMEM;
    const enum bpflab_err err = asm_parse(t, n, NULL, &again, &n_again, &d);
    if (err && err != BPFLAB_E_NOMEM)
        judging_found(g, ORACLE_ROUND_TRIP, NULL, 0, UINT32_MAX, "its text does not assemble: %s",
                      d.text);
    if (!err) {
        if (n_again != p->n_insns || !same_insns(again, p->insns, n_again))
            judging_found(g, ORACLE_ROUND_TRIP, NULL, 0, UINT32_MAX, "its text is another program");
        free(again);
    }
    free(t);
    return err == BPFLAB_E_NOMEM ? err : BPFLAB_OK;
}

static void literal(struct judging *g) {
    uint8_t b[2][CASE_MAX_BYTES];
    struct fuzz_case *const again = &g->judge->edited;
    const size_t n = case_encode(g->c, b[0]);
    if (!case_decode(b[0], n, again) || case_encode(again, b[1]) != n || memcmp(b[0], b[1], n))
        judging_found(g, ORACLE_ROUND_TRIP, NULL, 0, UINT32_MAX,
                      "its literal form is another case");
}

enum bpflab_err oracle_round_trip(struct judging *g) {
    const struct prog *const p = &g->stand->object.progs[0];
    bytes(g, p);
    literal(g);
    const enum bpflab_err err = text(g, p, ASM_KERNEL);
    return err ? err : text(g, p, ASM_UBPF);
}
