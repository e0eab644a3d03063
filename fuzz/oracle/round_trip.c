/* round_trip.c: what is written is read back as what it was: bytes in both orders, text in uBPF's
 * syntax, cases as bytes, as text (in the kernel's syntax) and as objects. */
#include "fuzz/judging.h"

#include <stdlib.h>
#include <string.h>

#include "fuzz/case_elf.h"
#include "fuzz/case_text.h"
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
static char *text_of(const struct prog *p, size_t *n) {
    char *const text = malloc((size_t)p->n_insns * (ASM_LINE_MAX + 1) + 1);
    *n = 0;
    for (uint32_t pc = 0; text && pc < p->n_insns; pc += insn_slots(p->insns[pc])) {
        const struct insn *const next = pc + 1 < p->n_insns ? &p->insns[pc + 1] : NULL;
        *n += asm_print(p->insns[pc], next, ASM_UBPF, NULL, text + *n);
        text[(*n)++] = '\n';
    }
    return text;
}

static enum bpflab_err program_text(struct judging *g, const struct prog *p) {
    size_t n;
    uint32_t n_again;
    struct insn *again;
    struct diag d = {.pc = -1};
    char *const t = text_of(p, &n);
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

/* Is what was read, in judge->edited, the case? */
static bool same_case(const struct judging *g) {
    uint8_t b[2][CASE_MAX_BYTES];
    const size_t n = case_encode(g->c, b[0]);
    return case_encode(&g->judge->edited, b[1]) == n && !memcmp(b[0], b[1], n);
}

static void literal(struct judging *g) {
    uint8_t b[CASE_MAX_BYTES];
    const size_t n = case_encode(g->c, b);
    if (!case_decode(b, n, &g->judge->edited) || !same_case(g))
        judging_found(g, ORACLE_ROUND_TRIP, NULL, 0, UINT32_MAX,
                      "its literal form is another case");
}

static enum bpflab_err case_text(struct judging *g) {
    char *text;
    size_t n;
    struct diag d = {.pc = -1};
    enum bpflab_err err = case_text_write(g->c, NULL, &text, &n);
    if (err)
        return err;
    err = case_text_read(text, n, &g->judge->edited, NULL, &d);
    free(text);
    if (err == BPFLAB_E_NOMEM)
        return err;
    if (err)
        judging_found(g, ORACLE_ROUND_TRIP, NULL, 0, UINT32_MAX,
                      "its text is not read: line %u: %s", d.line, d.text);
    else if (!same_case(g))
        judging_found(g, ORACLE_ROUND_TRIP, NULL, 0, UINT32_MAX, "its text is another case");
    return BPFLAB_OK;
}

/* What no object says is none's fault. */
static enum bpflab_err object(struct judging *g) {
    uint8_t *bytes;
    size_t n;
    struct object o;
    bool same = true;
    struct diag d = {.pc = -1};
    enum bpflab_err err = case_elf_write(g->c, g->stand->big_endian, &bytes, &n, NULL, &d);
    if (err)
        return err == BPFLAB_E_UNSUPPORTED ? BPFLAB_OK : err;
    err = object_load(bytes, n, NULL, &o, &d);
    free(bytes);
    if (err && err != BPFLAB_E_NOMEM) {
        judging_found(g, ORACLE_ROUND_TRIP, NULL, 0, UINT32_MAX, "its object is not loaded: %s",
                      d.text);
        return BPFLAB_OK;
    }
    if (err)
        return err;
    err = case_elf_same(g->c, &o, &same, &d);
    object_fini(&o);
    if (!err && !same)
        judging_found(g, ORACLE_ROUND_TRIP, NULL, 0, UINT32_MAX, "its object is another: %s",
                      d.text);
    return err;
}

enum bpflab_err oracle_round_trip(struct judging *g) {
    const struct prog *const p = &g->stand->object.progs[0];
    bytes(g, p);
    literal(g);
    enum bpflab_err err = program_text(g, p);
    if (!err)
        err = case_text(g);
    return err ? err : object(g);
}
