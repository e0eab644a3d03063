/* asm.c: fuzz target of the assembler and the disassembler.
 * input: once as text, once as instruction words; whatever comes out of either, printed and
 *        assembled again, is the same words
 */
#include "fuzz/target.h"

#include <stdlib.h>
#include <string.h>

#include "isa/asm.h"

static bool same_slot(struct insn a, struct insn b) {
    return a.code == b.code && a.dst == b.dst && a.src == b.src && a.off == b.off && a.imm == b.imm;
}

/* Print all, assemble the text, and stop the fuzzer if it says something else. */
static void there_and_back(const struct insn *insns, uint32_t n, enum asm_style style) {
    char *text = malloc((size_t)n * ASM_LINE_MAX + 1);
    struct insn *back = NULL;
    uint32_t n_back = 0;
    size_t len = 0;
    if (!text)
        return;
    for (uint32_t i = 0; i < n; i += insn_slots(insns[i])) {
        len += asm_print(insns[i], i + 1 < n ? &insns[i + 1] : NULL, style, NULL, text + len);
        text[len++] = '\n';
    }
    if (asm_parse(text, len, NULL, &back, &n_back, NULL) || n_back != n)
        abort();
    for (uint32_t i = 0; i < n; i++)
        if (!same_slot(insns[i], back[i]))
            abort();
    free(back);
    free(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct insn *insns = NULL;
    uint32_t n = 0;
    struct diag d;
    if (!asm_parse((const char *)data, size, NULL, &insns, &n, &d)) {
        there_and_back(insns, n, ASM_KERNEL);
        there_and_back(insns, n, ASM_UBPF);
        free(insns);
    } else if (!d.line || !d.col) {
        abort();
    }
    n = (uint32_t)(size / INSN_BYTES);
    insns = malloc((n + 1) * sizeof *insns);
    if (!insns)
        return 0;
    for (uint32_t i = 0; i < n; i++)
        insns[i] = insn_decode(data + (size_t)i * INSN_BYTES, size & 1);
    there_and_back(insns, n, ASM_KERNEL);
    there_and_back(insns, n, ASM_UBPF);
    free(insns);
    return 0;
}
