/* core_records.c: the CO-RE records of .BTF.ext, each handed to core_apply with its instruction. */
#include "loader/core.h"
#include "loader/load.h"

#include <stdio.h>

enum {
    EXT_CORE_RELO = 24, /* place in the header of .BTF.ext */
    CORE_BYTES = 16,    /* of a record */
};

/* apply: one record. What core_apply cannot decide becomes poison and a need, so that only a
 * program that gets there fails. */
static enum bpflab_err apply(struct load *l, uint32_t section, uint32_t pc, const uint8_t *r,
                             uint64_t off, void *ctx) {
    (void)off;
    bool big = l->elf.big_endian;
    const char *name = l->elf.sections[section].name;
    struct load_section *s = &l->sections[section];
    struct core_reloc record = {get32(r + 4, big), get32(r + 12, big),
                                btf_string(l->obj->btf, get32(r + 8, big))};
    struct core_result res;
    struct diag why;
    enum bpflab_err err = core_apply(ctx, &record, &s->insns[pc], s->n_insns - pc, &res, &why);
    if (err == BPFLAB_E_TYPE || err == BPFLAB_E_RANGE || err == BPFLAB_E_UNSUPPORTED) {
        core_poison(&s->insns[pc], s->n_insns - pc);
        return load_need(l, name, "CO-RE: %.140s", why.text);
    }
    if (err)
        return elf_fail(l->d, err, name, (uint64_t)pc * INSN_BYTES, "%s", why.text);
    if (res.outcome == CORE_APPLIED)
        l->obj->n_core_relocs++;
    else if (res.outcome == CORE_NO_TARGET)
        return load_need(l, name, "the types of a kernel (BTF) for CO-RE");
    else
        return load_need(l, name, "CO-RE: %.140s", res.text);
    return BPFLAB_OK;
}

enum bpflab_err load_core(struct load *l) {
    uint32_t n = 0;
    enum bpflab_err err = l->ext ? load_ext_count(l, EXT_CORE_RELO, CORE_BYTES, &n) : BPFLAB_OK;
    if (err || n == 0)
        return err;
    struct core_source source = {.bytes = l->opt->kernel_btf_bytes,
                                 .size_bytes = l->opt->kernel_btf_size,
                                 .path = l->opt->kernel_btf};
    struct core_target *target = NULL;
    struct core *core = NULL;
    err = core_target_new(&source, &target);
    if (!err)
        err = core_new(l->obj->btf, target, &core);
    if (err)
        diag_set(l->d, err, "no memory for CO-RE");
    else
        err = load_ext_records(l, EXT_CORE_RELO, CORE_BYTES, apply, core);
    core_free(core);
    core_target_free(target);
    return err;
}
