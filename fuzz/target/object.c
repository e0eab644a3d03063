/* object.c: fuzz target of the loader: what is loaded must hold together.
 * input: an object, its types the kernel's as well; what is no ELF is read as a case, too */
#include "fuzz/target.h"

#include <stdlib.h>

#include "loader/object.h"
#include "loader/text.h"

static void expect(bool holds) {
    if (!holds)
        abort();
}

static void check_prog(const struct object *o, const struct prog *p) {
    uint32_t at = 0;
    for (uint32_t i = 0; i < p->n_subprogs; at += p->subprogs[i++].n_insns)
        expect(p->subprogs[i].start == at && p->subprogs[i].n_insns);
    expect(p->n_insns && (p->n_subprogs == 0 || at == p->n_insns));
    for (uint32_t i = 0; i < p->n_lines; i++)
        expect(p->lines[i].pc < p->n_insns && (!i || p->lines[i - 1].pc <= p->lines[i].pc));
    for (uint32_t i = 0; i < p->n_externs; i++)
        expect(p->externs[i].pc < p->n_insns && p->externs[i].name);
    if (o->btf && !prog_check(p, NULL) && p->n_lines)
        btf_string(o->btf, prog_line_at(p, p->n_insns - 1)->text_off);
}

static void check_maps(const struct object *o) {
    uint64_t sum = 0;
    for (uint32_t i = 0; i < o->n_maps; i++) {
        const struct map_def *m = &o->maps[i];
        expect(m->name && m->inner < (int32_t)o->n_maps);
        for (uint32_t k = 0; k < m->n_inits; k++)
            expect(m->inits[k].target < (m->inits[k].is_prog ? o->n_progs : o->n_maps));
        for (uint32_t k = 0; k < m->data_bytes; k++)
            sum += m->data[k];
    }
    expect(sum <= UINT64_C(255) * o->n_maps * INT32_MAX);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    const struct object_options opt = {.kernel_btf_bytes = data,
                                       .kernel_btf_size = size,
                                       .kconfig =
                                           "CONFIG_A=y\nCONFIG_BOOL=m\nCONFIG_STRING=\"text\"\n"};
    struct object o;
    struct conf_case c;
    struct diag d = {0};
    enum bpflab_err err = object_load(data, size, &opt, &o, &d);
    expect((err == BPFLAB_OK) == (d.err == BPFLAB_OK) && (!err || *d.text));
    for (uint32_t i = 0; i < o.n_progs; i++)
        check_prog(&o, &o.progs[i]);
    check_maps(&o);
    object_fini(&o);
    if (input_form_of(data, size) != INPUT_ELF &&
        !conf_case_parse((const char *)data, size, &c, &d))
        conf_case_fini(&c);
    return 0;
}
