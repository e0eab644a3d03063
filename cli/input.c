/* input.c: every form becomes wire bytes first, then an object through the one loader.
 */
#include "cli/input.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/names.h"
#include "cli/suggest.h"
#include "isa/asm.h"

const char input_types[] = ""
#define PROG_TYPE(nr, name) #name " "
#include "isa/kind.def"
    ;

const char *input_form_name(enum input_form form) {
    static const char *const names[] = {
        [INPUT_ELF] = "ELF object",         [INPUT_RAW] = "raw instructions",
        [INPUT_ASM] = "assembly text",      [INPUT_CASE] = "conformance case",
        [INPUT_HEX] = "hexadecimal digits", [INPUT_FUZZ] = "fuzz case",
    };
    return names[form];
}

/* encode: instructions as wire bytes. */
static enum bpflab_err encode(const struct insn *insns, uint32_t n, bool big_endian,
                              struct bytes *out, struct diag *d) {
    uint8_t *at = malloc((size_t)n * INSN_BYTES + 1);
    if (!at)
        return diag_set(d, BPFLAB_E_NOMEM, "out of memory");
    for (uint32_t i = 0; i < n; i++)
        insn_encode(insns[i], big_endian, at + (size_t)i * INSN_BYTES);
    *out = (struct bytes){.at = at, .n = (size_t)n * INSN_BYTES};
    return BPFLAB_OK;
}

/* text_to_bytes: the forms that are not yet what the loader reads. */
static enum bpflab_err text_to_bytes(struct input *in, bool big_endian, struct diag *d) {
    const char *text = (const char *)in->bytes.at;
    enum bpflab_err err;
    if (in->form == INPUT_HEX)
        return hex_parse(text, in->bytes.n, &in->made.at, &in->made.n, d);
    if (in->form == INPUT_CASE) {
        err = conf_case_parse(text, in->bytes.n, &in->conf, d);
        return err ? err : encode(in->conf.insns, in->conf.n_insns, big_endian, &in->made, d);
    }
    struct insn *insns = NULL;
    uint32_t n = 0;
    err = asm_parse(text, in->bytes.n, &names_of_helpers, &insns, &n, d);
    if (!err)
        err = encode(insns, n, big_endian, &in->made, d);
    free(insns);
    return err;
}

/* kernel_version: "6.12" or "6.12.0" as KERNEL_VERSION() has it: a patch level above 255 is 255. */
static bool kernel_version(const char *s, uint32_t *out) {
    unsigned part[3] = {0}, n = 0;
    for (;; s++) {
        if (n == 3 || *s < '0' || *s > '9')
            return false;
        for (; *s >= '0' && *s <= '9'; s++)
            part[n] = part[n] > 9999 ? part[n] : part[n] * 10 + (unsigned)(*s - '0');
        n++;
        if (*s != '.')
            break;
    }
    if (*s || n < 2 || part[0] > 255 || part[1] > 255)
        return false;
    *out = part[0] << 16 | part[1] << 8 | (part[2] > 255 ? 255 : part[2]);
    return true;
}

/* loader_options: what the command line says about loading; kconfig's text is the caller's. */
static int loader_options(struct cli *c, struct object_options *o, struct bytes *kconfig) {
    struct diag d = {.pc = -1};
    const char *path = option_text(&c->opt, "kconfig"), *version = option_text(&c->opt, "kernel");
    o->kernel_btf = option_text(&c->opt, "btf");
    o->big_endian = option_on(&c->opt, "big-endian");
    o->type = PROG_raw;
    if (version && !kernel_version(version, &o->kern_version))
        return cli_failf(c, CLI_USAGE, NULL, "--kernel: \"%.40s\" is not a version like 6.12.0",
                         version);
    if (path && bytes_read(path, kconfig, &d))
        return cli_fail(c, CLI_USAGE, path, &d);
    o->kconfig = (const char *)kconfig->at;
    return CLI_YES;
}

/* load_bytes: what was read becomes in->object, by its form. */
static enum bpflab_err load_bytes(struct input *in, const struct object_options *o,
                                  struct diag *d) {
    in->form = input_form_of(in->bytes.at, in->bytes.n);
    if (in->form == INPUT_FUZZ) {
        const enum bpflab_err err =
            inputcase_new((const char *)in->bytes.at, in->bytes.n, o->big_endian, &in->fuzz, d);
        if (!err)
            in->object = in->fuzz->object.object;
        return err;
    }
    const bool binary = in->form == INPUT_ELF || in->form == INPUT_RAW;
    const enum bpflab_err err = binary ? BPFLAB_OK : text_to_bytes(in, o->big_endian, d);
    const struct bytes *const wire = binary ? &in->bytes : &in->made;
    if (!err && wire->n == 0)
        return diag_set(d, BPFLAB_E_EMPTY, "the program has no instructions");
    return err ? err : object_load(wire->at, wire->n, o, &in->object, d);
}

/* load: the same with what the command line says. */
static int load(struct cli *c, struct input *in) {
    struct diag d = {.pc = -1};
    struct object_options o = {0};
    struct bytes kconfig = {0};
    int status = loader_options(c, &o, &kconfig);
    if (status == CLI_YES) {
        const enum bpflab_err err = load_bytes(in, &o, &d);
        in->n_progs = in->fuzz ? in->fuzz->c.n_progs : in->object.n_progs;
        /* What bpflab lacks here is a matter of the input, not of a budget. */
        if (err)
            status = cli_fail(c, cli_status_of(err) == CLI_INTERNAL ? CLI_INTERNAL : CLI_USAGE,
                              in->name, &d);
    }
    bytes_fini(&kconfig);
    return status;
}

int input_open(struct cli *c, const char *path, struct input *in) {
    struct diag d = {.pc = -1};
    memset(in, 0, sizeof *in);
    in->name = strcmp(path, "-") ? path : "standard input";
    enum bpflab_err err = bytes_read(path, &in->bytes, &d);
    int status = err ? cli_fail(c, err == BPFLAB_E_NOMEM ? CLI_INTERNAL : CLI_USAGE, in->name, &d)
                     : load(c, in);
    if (status != CLI_YES)
        input_fini(in);
    return status;
}

void input_fini(struct input *in) {
    if (!in->fuzz)
        object_fini(&in->object);
    inputcase_free(in->fuzz);
    conf_case_fini(&in->conf);
    bytes_fini(&in->made);
    bytes_fini(&in->bytes);
    memset(in, 0, sizeof *in);
}

void input_retype(const struct cli *c, struct input *in) {
    const char *type = option_text(&c->opt, "type");
    int number = type ? prog_type_find(type) : -1;
    for (uint32_t i = 0; number >= 0 && i < in->object.n_progs; i++)
        in->object.progs[i].type = (uint32_t)number;
    if (number >= 0 && in->fuzz)
        in->fuzz->c.type = (uint32_t)number;
}

bool input_has_map(const struct input *in, uint32_t index) {
    return !in->fuzz || (in->fuzz->object.maps >> index & 1);
}

/* list_names: "a, b, c" of the file's programs, cut short with "..." */
static void list_names(const struct input *in, char *buf, size_t size) {
    size_t at = 0;
    buf[0] = 0;
    for (uint32_t i = 0; i < in->n_progs; i++) {
        const char *own = in->object.progs[i].name, *name = own ? own : "?";
        if (at + strlen(name) + 8 > size) {
            snprintf(buf + at, size - at, ", ...");
            return;
        }
        at += (size_t)snprintf(buf + at, size - at, "%s%s", i ? ", " : "", name);
    }
}

static bool same(const char *a, const char *b) {
    return a && !strcmp(a, b);
}

int input_pick(struct cli *c, const struct input *in, const char *wanted, uint32_t *index) {
    const struct object *o = &in->object;
    uint32_t n_in_section = 0, last = 0;
    char names[128];
    list_names(in, names, sizeof names);
    if (in->n_progs == 0)
        return cli_failf(c, CLI_USAGE, in->name, "the object holds no program");
    if (!wanted) {
        *index = 0;
        return in->n_progs == 1 || in->fuzz
                   ? CLI_YES
                   : cli_failf(c, CLI_USAGE, in->name, "%u programs: choose one with --prog: %s",
                               (unsigned)in->n_progs, names);
    }
    struct suggestion s = suggest_for(wanted);
    for (uint32_t i = 0; i < in->n_progs; i++) {
        if (same(o->progs[i].name, wanted)) {
            *index = i;
            return CLI_YES;
        }
        if (same(o->progs[i].section, wanted)) {
            n_in_section++;
            last = i;
        }
        if (o->progs[i].name)
            suggest_offer(&s, o->progs[i].name);
    }
    *index = last;
    if (n_in_section == 1)
        return CLI_YES;
    if (n_in_section > 1)
        return cli_failf(c, CLI_USAGE, in->name,
                         "section %.40s holds %u programs; choose one by name: %s", wanted,
                         (unsigned)n_in_section, names);
    if (s.nearest)
        return cli_failf(c, CLI_USAGE, in->name, "no program %.60s; did you mean %.60s?", wanted,
                         s.nearest);
    return cli_failf(c, CLI_USAGE, in->name, "no program %.60s; there is: %s", wanted, names);
}

int input_range(struct cli *c, const struct input *in, const char *wanted, uint32_t *from,
                uint32_t *to) {
    *from = 0;
    *to = in->n_progs;
    if (!wanted && *to > 0)
        return CLI_YES;
    const int status = input_pick(c, in, wanted, from);
    *to = *from + 1;
    return status;
}
