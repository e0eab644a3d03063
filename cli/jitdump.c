/* jitdump.c: parts of the code printed, or written as JSON. */
#include "cli/jitdump.h"

#include "cli/decoder.h"
#include "cli/jitparts.h"
#include "cli/listing.h"

/* struct dump: what all of it needs. */
struct dump {
    struct paper *paper;
    const struct jitmake *m;
    const struct jit_arch *target;
    struct decoder *decoder; /* NULL: bytes only */
    char label[64];
};

/* struct piece: an instruction of the machine, or so many bytes of what is none. */
struct piece {
    uint32_t off, n_bytes;
    char text[DECODER_TEXT_MAX];
};

static const char *name_at(void *self, uint64_t addr) {
    struct dump *const d = self;
    const struct jit_code *const c = &d->m->code;
    const uint64_t off = addr - PAPER_CODE;
    if (off < c->n_bytes && jitparts_label(c, (uint32_t)off, d->label, sizeof d->label))
        return d->label;
    if (off < c->n_bytes) {
        snprintf(d->label, sizeof d->label, "0x%x", (unsigned)off);
        return d->label;
    }
    return paper_name(d->paper, addr);
}

static void dump_init(struct dump *d, struct paper *p, const struct jit_arch *target,
                      const struct jitmake *m) {
    const char *why = NULL;
    *d = (struct dump){.paper = p, .m = m, .target = target};
    d->decoder = decoder_open(target, name_at, d, &why);
    if (!d->decoder)
        cli_note("%s: bytes are shown without assembly", why);
}

/* The next piece of a part. out: false at its end */
static bool next_piece(struct dump *d, const struct jitpart *part, uint32_t *at,
                       struct piece *out) {
    enum {
        WITHOUT_TEXT = 8
    };
    const struct jit_code *const c = &d->m->code;
    const uint32_t left = part->off + part->n_bytes - *at;
    if (!left)
        return false;
    *out = (struct piece){.off = *at};
    if (part->kind == PART_POOL) {
        uint64_t v = 0;
        for (unsigned i = 0; i < 8; i++)
            v |= (uint64_t)c->bytes[*at + i] << 8 * (jit_target_big_endian(d->target) ? 7 - i : i);
        snprintf(out->text, sizeof out->text, "pool%u: .quad 0x%llx",
                 (unsigned)(*at - part->off) / 8, (unsigned long long)v);
        out->n_bytes = 8;
    } else if (d->decoder) {
        out->n_bytes = decoder_next(d->decoder, c->bytes + *at, left, PAPER_CODE + *at, out->text);
    }
    if (!out->n_bytes)
        out->n_bytes = left < WITHOUT_TEXT ? left : WITHOUT_TEXT;
    *at += out->n_bytes;
    return true;
}

/* ---- text ---- */
static void print_code(const struct cli *c, FILE *f, struct dump *d, const struct jitpart *part) {
    enum {
        BYTES_COLUMNS = 24
    };
    struct piece p;
    for (uint32_t at = part->off; next_piece(d, part, &at, &p);) {
        fprintf(f, "      %s%5x ", cli_colour(c, CLI_DIM), (unsigned)p.off);
        for (uint32_t i = 0; i < p.n_bytes; i++)
            fprintf(f, " %02x", d->m->code.bytes[p.off + i]);
        fputs(cli_colour(c, CLI_PLAIN), f);
        if (p.text[0])
            fprintf(f, "%*s  %s",
                    p.n_bytes < BYTES_COLUMNS / 3 ? (int)(BYTES_COLUMNS - 3 * p.n_bytes) : 0, "",
                    p.text);
        fputc('\n', f);
    }
}

static void print_insns(const struct cli *c, FILE *f, const struct prog *p,
                        const struct jitpart *part, uint32_t *next_line) {
    for (uint32_t pc = part->pc; pc < part->end && pc < p->n_insns;
         pc += insn_slots(p->insns[pc])) {
        char text[ASM_LINE_MAX];
        listing_heads(c, f, p, pc, next_line);
        listing_text(p, pc, text);
        fprintf(f, "%s%5u: %s%s\n", cli_colour(c, CLI_BOLD), (unsigned)pc, text,
                cli_colour(c, CLI_PLAIN));
    }
}

void jitdump_print(const struct cli *c, FILE *f, struct paper *p, const struct jit_arch *target,
                   const struct jitmake *m) {
    struct dump d;
    struct jitpart part;
    struct jitparts at = {0};
    uint32_t next_line = 0;
    const char *const green = cli_colour(c, CLI_GREEN), *const plain = cli_colour(c, CLI_PLAIN);
    unsigned n_colds = 0;
    dump_init(&d, p, target, m);
    while (jitparts_next(&m->code, &at, &part)) {
        switch ((enum jitpart_kind)part.kind) {
        case PART_ENTER:
            if (part.pc || part.n_bytes)
                fprintf(f, "%sfunc%u:%s\n", green, (unsigned)part.pc, plain);
            break;
        case PART_INSN: print_insns(c, f, m->prog, &part, &next_line); break;
        case PART_COLD:
            fprintf(f, "%scold%u:%s for pc %u: %s\n", green, n_colds++, plain, (unsigned)part.pc,
                    part.what);
            break;
        case PART_POOL: fprintf(f, "%spool:%s\n", green, plain); break;
        }
        print_code(c, f, &d, &part);
    }
    decoder_close(d.decoder);
}

/* ---- JSON ---- */
static void json_part_insns(struct json *j, const struct prog *p, const struct jitpart *part) {
    json_key(j, "insns");
    json_open_array(j);
    for (uint32_t pc = part->pc; part->kind == PART_INSN && pc < part->end && pc < p->n_insns;
         pc += insn_slots(p->insns[pc])) {
        char text[ASM_LINE_MAX];
        listing_text(p, pc, text);
        json_open_object(j);
        json_put_number(j, "pc", pc);
        json_put_text(j, "text", text);
        listing_json_source(j, p, pc);
        json_close_object(j);
    }
    json_close_array(j);
}

static void json_part_code(struct json *j, struct dump *d, const struct jitpart *part) {
    struct piece p;
    json_key(j, "code");
    json_open_array(j);
    for (uint32_t at = part->off; next_piece(d, part, &at, &p);) {
        json_open_object(j);
        json_put_number(j, "offset", p.off);
        json_key(j, "bytes");
        json_bytes(j, d->m->code.bytes + p.off, p.n_bytes);
        json_put_text(j, "text", p.text[0] ? p.text : NULL);
        json_close_object(j);
    }
    json_close_array(j);
}

void jitdump_json(struct json *j, struct paper *p, const struct jit_arch *target,
                  const struct jitmake *m) {
    static const char *const kinds[] = {
        [PART_ENTER] = "enter", [PART_INSN] = "insns", [PART_COLD] = "cold", [PART_POOL] = "pool"};
    struct dump d;
    struct jitpart part;
    struct jitparts at = {0};
    dump_init(&d, p, target, m);
    json_key(j, "parts");
    json_open_array(j);
    while (jitparts_next(&m->code, &at, &part)) {
        json_open_object(j);
        json_put_text(j, "kind", kinds[part.kind]);
        if (part.kind != PART_POOL)
            json_put_number(j, "pc", part.pc);
        else
            json_put_null(j, "pc");
        json_put_text(j, "what", part.what);
        json_put_number(j, "offset", part.off);
        json_put_number(j, "n_bytes", part.n_bytes);
        json_part_insns(j, m->prog, &part);
        json_part_code(j, &d, &part);
        json_close_object(j);
    }
    json_close_array(j);
    decoder_close(d.decoder);
}
