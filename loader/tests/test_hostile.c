/* test_hostile.c: objects that lie. Each shape is one change to a good object, and must give the
 * error that names it. Every prefix of a good object and random changes must end in an error or
 * an object, never in a crash; the sanitizers watch.
 */
#include "loader/object.h"
#include "loader/tests/elf_builder.h"
#include "tests/check.h"

/* struct built: a good object with a bit of everything, and where its pieces are. */
struct built {
    struct eb b;
    uint32_t xdp, text, maps, data, rel;
    uint32_t s_main, s_sub, s_map, s_data;
};

static void make(struct built *t, bool big) {
    struct eb *b = &t->b;
    eb_init(b, big);
    t->xdp = eb_code(b, "xdp");
    t->text = eb_code(b, ".text");
    t->maps = eb_section(b, "maps", SHT_PROGBITS, SHF_ALLOC | SHF_WRITE);
    t->data = eb_section(b, ".data", SHT_PROGBITS, SHF_ALLOC | SHF_WRITE);
    const uint32_t def[5] = {MAP_hash, 4, 8, 16, 0};
    for (int k = 0; k < 5; k++)
        eb_number(b, t->maps, def[k], 4);
    eb_add(b, t->data, "12345678", 8);
    t->s_main = eb_symbol(b, "main", t->xdp, 0, 8 * 7, STB_GLOBAL, STT_FUNC);
    t->s_sub = eb_symbol(b, "sub", t->text, 0, 16, STB_GLOBAL, STT_FUNC);
    t->s_map = eb_symbol(b, "map", t->maps, 0, 20, STB_GLOBAL, STT_OBJECT);
    t->s_data = eb_symbol(b, "data", t->data, 4, 4, STB_GLOBAL, STT_OBJECT);
    t->rel = eb_relocs(b, t->xdp, false);
    eb_lddw(b, t->xdp, 0);
    eb_reloc(b, t->rel, 0, t->s_map, 1, 0);
    eb_lddw(b, t->xdp, 0);
    eb_reloc(b, t->rel, 16, t->s_data, 1, 0);
    eb_call(b, t->xdp, -1);
    eb_reloc(b, t->rel, 32, t->s_sub, 10, 0);
    eb_return(b, t->xdp, 0);
    eb_return(b, t->text, 1);
}

/* shape: one way to be wrong. Changes before the file is laid out go through the builder. */
enum shape {
    SHAPE_GOOD,
    CODE_NOT_WHOLE,
    FUNC_MISALIGNED,
    FUNC_SIZE_MISALIGNED,
    FUNC_TOO_LONG,
    FUNC_WRAPS,
    FUNCS_OVERLAP,
    SYMBOL_SECTION,
    SYMBOL_NAME,
    SYMBOL_NAME_LONG,
    SYMBOL_UNNAMED_UNDEFINED,
    SYMBOL_ABSOLUTE,
    TWO_SYMTABS,
    SYMTAB_ENTRY,
    SYMTAB_STRINGS,
    STRINGS_OPEN,
    RELOC_SYMBOL,
    RELOC_OFFSET,
    RELOC_OFFSET_WRAPS,
    RELOC_MISALIGNED,
    RELOC_SECOND_SLOT,
    RELOC_TWICE,
    RELOC_SECTIONS,
    RELOC_ENTRY,
    RELOC_TARGET,
    RELOC_SYMTAB,
    RELOC_DATA_TYPE,
    RELOC_WRONG_INSN,
    RELOC_CALL_NOWHERE,
    RELOC_CALL_DATA,
    RELOC_MAP_MIDDLE,
    RELOC_DATA_OUTSIDE,
    RELOC_DATA_BEFORE,
    RELOC_STRANGE_SECTION,
    CALL_OUTSIDE,
    MAP_SHORT,
    MAP_STRANGE,
    MAP_NO_TYPE,
    MAP_NO_SYMBOL,
    MAP_SAME_PLACE,
    VERSION_SIZE,
    BTF_MAPS_WITHOUT_BTF,
    N_SHAPES,
};

static void set_symbol(struct eb *b, uint32_t symbol, int field, uint64_t v, int n) {
    eb_put(b, b->s[2].data + 24 * symbol + field, v, n);
}

static void set_imm(struct eb *b, uint32_t section, uint32_t pc, int32_t imm) {
    eb_put(b, b->s[section].data + 8 * pc + 4, (uint32_t)imm, 4);
}

enum {
    NAME = 0,
    SHNDX = 6,
    VALUE = 8,
    SIZE = 16
};

/* bend_symbols: wrong symbols. out: the error to expect, OK if the shape is another's. */
static enum bpflab_err bend_symbols(struct built *t, enum shape shape) {
    struct eb *b = &t->b;
    switch (shape) {
    case FUNC_MISALIGNED:
        set_symbol(b, t->s_main, VALUE, 4, 8);
        set_symbol(b, t->s_main, SIZE, 8, 8);
        return BPFLAB_E_ALIGN;
    case FUNC_SIZE_MISALIGNED: set_symbol(b, t->s_main, SIZE, 12, 8); return BPFLAB_E_ALIGN;
    case FUNC_TOO_LONG: set_symbol(b, t->s_main, SIZE, 64, 8); return BPFLAB_E_RANGE;
    case FUNC_WRAPS:
        set_symbol(b, t->s_main, VALUE, 8, 8);
        set_symbol(b, t->s_main, SIZE, UINT64_MAX - 7, 8);
        return BPFLAB_E_RANGE;
    case FUNCS_OVERLAP:
        eb_symbol(b, "inner", t->xdp, 8, 8, STB_GLOBAL, STT_FUNC);
        return BPFLAB_E_FORMAT;
    case SYMBOL_SECTION: set_symbol(b, t->s_data, SHNDX, 300, 2); return BPFLAB_E_RANGE;
    case SYMBOL_NAME: set_symbol(b, t->s_data, NAME, 100000, 4); return BPFLAB_E_RANGE;
    case SYMBOL_NAME_LONG:
        set_symbol(b, t->s_data, NAME, (uint32_t)b->s[1].size, 4);
        memset(b->s[1].data + b->s[1].size, 'x', 4097);
        b->s[1].size += 4097;
        eb_number(b, 1, 0, 1);
        return BPFLAB_E_FORMAT;
    case SYMBOL_UNNAMED_UNDEFINED:
        set_symbol(b, t->s_data, SHNDX, 0, 2);
        set_symbol(b, t->s_data, NAME, 0, 4);
        return BPFLAB_E_UNDEFINED;
    case SYMBOL_ABSOLUTE: set_symbol(b, t->s_data, SHNDX, SHN_ABS, 2); return BPFLAB_E_UNSUPPORTED;
    case MAP_NO_SYMBOL:
        set_symbol(b, t->s_map, VALUE, 4, 8);
        set_symbol(b, t->s_map, SIZE, 16, 8);
        return BPFLAB_E_FORMAT;
    case MAP_SAME_PLACE:
        eb_symbol(b, "again", t->maps, 0, 20, STB_GLOBAL, STT_OBJECT);
        return BPFLAB_E_DUPLICATE;
    default: return BPFLAB_OK;
    }
}

static enum bpflab_err bend_relocs(struct built *t, enum shape shape) {
    struct eb *b = &t->b;
    uint8_t *r = b->s[t->rel].data;
    switch (shape) {
    case RELOC_SYMBOL: eb_reloc(b, t->rel, 40, 999, 1, 0); return BPFLAB_E_RANGE;
    case RELOC_OFFSET: eb_reloc(b, t->rel, 56, t->s_map, 1, 0); return BPFLAB_E_RANGE;
    case RELOC_OFFSET_WRAPS:
        eb_reloc(b, t->rel, UINT64_MAX - 7, t->s_map, 1, 0);
        return BPFLAB_E_RANGE;
    case RELOC_MISALIGNED: eb_reloc(b, t->rel, 44, t->s_map, 1, 0); return BPFLAB_E_ALIGN;
    case RELOC_SECOND_SLOT: eb_reloc(b, t->rel, 8, t->s_map, 1, 0); return BPFLAB_E_ALIGN;
    case RELOC_TWICE: eb_reloc(b, t->rel, 0, t->s_data, 1, 0); return BPFLAB_E_DUPLICATE;
    case RELOC_SECTIONS:
        eb_reloc(b, eb_relocs(b, t->xdp, false), 40, 0, 0, 0);
        return BPFLAB_E_DUPLICATE;
    case RELOC_ENTRY: b->s[t->rel].entsize = 24; return BPFLAB_E_FORMAT;
    case RELOC_TARGET: b->s[t->rel].info = 77; return BPFLAB_E_RANGE;
    case RELOC_SYMTAB: b->s[t->rel].link = 1; return BPFLAB_E_FORMAT;
    case RELOC_DATA_TYPE: eb_put(b, r + 8, (uint64_t)t->s_map << 32 | 2, 8); return BPFLAB_E_FORMAT;
    case RELOC_WRONG_INSN: eb_reloc(b, t->rel, 40, t->s_map, 1, 0); return BPFLAB_E_FORMAT;
    case RELOC_CALL_NOWHERE: set_imm(b, t->xdp, 4, 1); return BPFLAB_E_RANGE;
    case RELOC_CALL_DATA:
        eb_put(b, r + 40, (uint64_t)t->s_data << 32 | 10, 8);
        set_symbol(b, t->s_data, VALUE, 0, 8);
        return BPFLAB_E_RANGE;
    case RELOC_MAP_MIDDLE: set_imm(b, t->xdp, 0, 4); return BPFLAB_E_RANGE;
    case RELOC_DATA_OUTSIDE: set_imm(b, t->xdp, 2, 5); return BPFLAB_E_RANGE;
    case RELOC_DATA_BEFORE: set_imm(b, t->xdp, 2, -5); return BPFLAB_E_RANGE;
    case RELOC_STRANGE_SECTION:
        snprintf(b->s[t->data].name, sizeof b->s[t->data].name, "treasure");
        return BPFLAB_E_UNSUPPORTED;
    case CALL_OUTSIDE:
        b->s[t->rel].size -= 16;
        set_imm(b, t->xdp, 4, 100);
        return BPFLAB_E_RANGE;
    default: return BPFLAB_OK;
    }
}

static enum bpflab_err bend_rest(struct built *t, enum shape shape) {
    struct eb *b = &t->b;
    uint32_t s;
    switch (shape) {
    case CODE_NOT_WHOLE: eb_number(b, t->text, 0, 4); return BPFLAB_E_ALIGN;
    case TWO_SYMTABS: eb_section(b, ".symtab2", SHT_SYMTAB, 0); return BPFLAB_E_FORMAT;
    case SYMTAB_ENTRY: b->s[2].entsize = 16; return BPFLAB_E_FORMAT;
    case SYMTAB_STRINGS: b->s[2].link = t->data; return BPFLAB_E_FORMAT;
    case STRINGS_OPEN:
        s = eb_section(b, ".strings", SHT_STRTAB, 0);
        eb_add(b, s, "abc", 3);
        b->s[2].link = s;
        return BPFLAB_E_FORMAT;
    case MAP_SHORT:
        b->s[t->maps].size = 12;
        set_symbol(b, t->s_map, SIZE, 12, 8);
        return BPFLAB_E_FORMAT;
    case MAP_STRANGE: eb_number(b, t->maps, 1, 4); return BPFLAB_E_FORMAT;
    case MAP_NO_TYPE: memset(b->s[t->maps].data, 0, 4); return BPFLAB_E_FORMAT;
    case VERSION_SIZE:
        s = eb_section(b, "version", SHT_PROGBITS, SHF_ALLOC);
        eb_number(b, s, 1, 8);
        return BPFLAB_E_FORMAT;
    case BTF_MAPS_WITHOUT_BTF:
        s = eb_section(b, ".maps", SHT_PROGBITS, SHF_ALLOC);
        eb_number(b, s, 0, 8);
        return BPFLAB_E_FORMAT;
    default: return BPFLAB_OK;
    }
}

static void test_shapes(bool big) {
    struct built *t = malloc(sizeof *t);
    for (int shape = 0; shape < N_SHAPES; shape++) {
        char note[64], text[512];
        make(t, big);
        enum bpflab_err want = bend_symbols(t, (enum shape)shape);
        want = want ? want : bend_relocs(t, (enum shape)shape);
        want = want ? want : bend_rest(t, (enum shape)shape);
        CHECK_EQ(want == BPFLAB_OK, shape == SHAPE_GOOD);
        eb_finish(&t->b);
        struct object o;
        struct diag d = {0};
        snprintf(note, sizeof note, "shape %d, %s-endian", shape, big ? "big" : "little");
        check_note(note);
        enum bpflab_err got = object_load(t->b.bytes, t->b.size, NULL, &o, &d);
        if (!CHECK_EQ(got, want))
            printf("    %s\n", diag_format(&d, text, sizeof text));
        if (got) {
            CHECK(*d.text && d.err == got);
            CHECK(o.n_progs == 0 && o.n_maps == 0 && !o.progs && !o.store);
        }
        object_fini(&o);
        free(t->b.bytes);
    }
    check_note(NULL);
    free(t);
}

/* struct patch: a field of the ELF header (section < 0) or of a section's header. */
struct patch {
    const char *what;
    int section, off, n;
    uint64_t value;
    enum bpflab_err want;
};

static void test_headers(bool big) {
    static const struct patch patches[] = {
        {"class", -1, EI_CLASS, 1, ELFCLASS32, BPFLAB_E_FORMAT},
        {"byte order", -1, EI_DATA, 1, 3, BPFLAB_E_FORMAT},
        {"version", -1, EI_VERSION, 1, 9, BPFLAB_E_FORMAT},
        {"type", -1, 16, 2, ET_EXEC, BPFLAB_E_FORMAT},
        {"machine", -1, 18, 2, 62, BPFLAB_E_FORMAT},
        {"headers outside", -1, 40, 8, 1 << 20, BPFLAB_E_TRUNCATED},
        {"headers wrap", -1, 40, 8, UINT64_MAX - 15, BPFLAB_E_TRUNCATED},
        {"headers' size", -1, 58, 2, 40, BPFLAB_E_FORMAT},
        {"too many headers", -1, 60, 2, 1000, BPFLAB_E_TRUNCATED},
        {"names outside", -1, 62, 2, 99, BPFLAB_E_RANGE},
        {"names elsewhere", -1, 62, 2, 3, BPFLAB_E_FORMAT},
        {"section name", 3, 0, 4, 99999, BPFLAB_E_RANGE},
        {"section offset", 3, 24, 8, 99999, BPFLAB_E_TRUNCATED},
        {"section wraps", 3, 24, 8, UINT64_MAX - 8, BPFLAB_E_TRUNCATED},
        {"section size", 3, 32, 8, UINT64_MAX, BPFLAB_E_TRUNCATED},
        {"section overlaps", 3, 24, 8, 64, BPFLAB_E_FORMAT},
        {"section on header", 3, 24, 8, 8, BPFLAB_E_FORMAT},
        {"alignment", 3, 48, 8, 24, BPFLAB_E_ALIGN},
        {"strings outside", 2, 40, 4, 50, BPFLAB_E_RANGE},
    };
    struct built *t = malloc(sizeof *t);
    for (size_t i = 0; i < sizeof patches / sizeof patches[0]; i++) {
        const struct patch *p = &patches[i];
        make(t, big);
        eb_finish(&t->b);
        uint8_t *at =
            t->b.bytes + (p->section < 0 ? 0 : t->b.headers_at + 64 * (uint64_t)p->section);
        eb_put(&t->b, at + p->off, p->value, p->n);
        struct object o;
        struct diag d = {0};
        check_note(p->what);
        CHECK_EQ(object_load(t->b.bytes, t->b.size, NULL, &o, &d), p->want);
        CHECK(*d.text != '\0');
        object_fini(&o);
        free(t->b.bytes);
    }
    check_note(NULL);
    free(t);
}

/* try: a copy of exactly n bytes, so that the sanitizer sees one byte too far. */
static enum bpflab_err try(const uint8_t *bytes, size_t n) {
    uint8_t *copy = malloc(n ? n : 1);
    struct object o;
    struct diag d;
    memcpy(copy, bytes, n);
    enum bpflab_err err = object_load(copy, n, NULL, &o, &d);
    free(copy); /* nothing of the object may point into it */
    uint64_t sum = 0;
    for (uint32_t i = 0; i < o.n_maps; i++)
        for (uint32_t k = 0; k < o.maps[i].data_bytes; k++)
            sum += o.maps[i].data[k];
    for (uint32_t i = 0; i < o.n_progs; i++)
        sum += (o.progs[i].name ? strlen(o.progs[i].name) : 0) +
               o.progs[i].insns[o.progs[i].n_insns - 1].code;
    CHECK(sum != 1);
    object_fini(&o);
    return err;
}

static void test_mutations(bool big) {
    struct built *t = malloc(sizeof *t);
    uint64_t seed = 7 + big;
    make(t, big);
    eb_finish(&t->b);
    size_t n = t->b.size, accepted = 0;
    for (size_t i = 4; i < n; i++)
        CHECK(try(t->b.bytes, i) != BPFLAB_OK);
    for (size_t i = 0; i < n; i++) {
        static const uint8_t masks[] = {0x01, 0x80, 0xff, 0x10};
        for (size_t k = 0; k < sizeof masks; k++) {
            t->b.bytes[i] ^= masks[k];
            accepted += try(t->b.bytes, n) == BPFLAB_OK;
            t->b.bytes[i] ^= masks[k];
        }
    }
    CHECK(accepted > 0 && accepted < 4 * n);
    uint8_t *copy = malloc(n);
    for (int i = 0; i < 3000; i++) {
        memcpy(copy, t->b.bytes, n);
        for (uint64_t k = check_random(&seed) % 8 + 1; k; k--)
            copy[check_random(&seed) % n] = (uint8_t)check_random(&seed);
        memcpy(copy, t->b.bytes, 18);
        try(copy, n);
    }
    free(copy);
    free(t->b.bytes);
    free(t);
}

/* test_many: programs that each take the same long subprogram cannot fill the memory. */
static void test_many(void) {
    enum {
        LONG = 40000,
        PROGS = 700
    };
    size_t size = 64 + (LONG + PROGS) * 8 + (PROGS + 2) * 24 + PROGS * 16 + 64 + 7 * 64;
    struct eb b = {.big = false, .n = 7};
    uint8_t *p = calloc(1, size);
    const uint64_t text = 64, xdp = text + LONG * 8, sym = xdp + PROGS * 8,
                   rel = sym + (PROGS + 2) * 24, str = rel + PROGS * 16;
    b.headers_at = str + 64;
    eb_header(&b, p);
    eb_put(&b, p + 62, 5, 2);
    memcpy(p + str, "\0f\0.text\0xdp", 13);
    for (uint32_t i = 0; i + 1 < LONG; i++)
        p[text + 8 * i] = 0xb7;
    p[text + 8 * (LONG - 1)] = 0x95;
    for (uint32_t i = 0; i < PROGS + 2; i++) {
        uint8_t *s = p + sym + 24 * i;
        if (i == 0)
            continue;
        eb_put(&b, s, 1, 4);
        s[4] = STB_GLOBAL << 4 | STT_FUNC;
        eb_put(&b, s + 6, i == 1 ? 1 : 2, 2);
        eb_put(&b, s + 8, i == 1 ? 0 : 8 * (uint64_t)(i - 2), 8);
        eb_put(&b, s + 16, i == 1 ? LONG * 8 : 8, 8);
    }
    for (uint32_t i = 0; i < PROGS; i++) {
        memcpy(p + xdp + 8 * i, "\x85\x10\0\0\xff\xff\xff\xff", 8);
        eb_put(&b, p + rel + 16 * i, 8 * (uint64_t)i, 8);
        eb_put(&b, p + rel + 16 * i + 8, UINT64_C(1) << 32 | 10, 8);
    }
    const struct {
        uint32_t name, type, link, info;
        uint64_t flags, at, size, entry;
    } h[6] = {{3, SHT_PROGBITS, 0, 0, SHF_EXECINSTR, text, LONG * 8, 0},
              {9, SHT_PROGBITS, 0, 0, SHF_EXECINSTR, xdp, PROGS * 8, 0},
              {0, SHT_SYMTAB, 5, 0, 0, sym, (PROGS + 2) * 24, 24},
              {0, SHT_REL, 3, 2, 0, rel, PROGS * 16, 16},
              {0, SHT_STRTAB, 0, 0, 0, str, 13, 0},
              {0, SHT_NULL, 0, 0, 0, 0, 0, 0}};
    for (int i = 0; i < 6; i++) {
        uint8_t *s = p + b.headers_at + 64 * (unsigned)(i + 1);
        eb_put(&b, s, h[i].name, 4);
        eb_put(&b, s + 4, h[i].type, 4);
        eb_put(&b, s + 8, h[i].flags, 8);
        eb_put(&b, s + 24, h[i].at, 8);
        eb_put(&b, s + 32, h[i].size, 8);
        eb_put(&b, s + 40, h[i].link, 4);
        eb_put(&b, s + 44, h[i].info, 4);
        eb_put(&b, s + 56, h[i].entry, 8);
    }
    struct object o;
    struct diag d = {0};
    CHECK_EQ(object_load(p, size, NULL, &o, &d), BPFLAB_E_TOO_LONG);
    CHECK(strstr(d.text, "together") != NULL);
    object_fini(&o);
    free(p);
}

int main(void) {
    for (int big = 0; big < 2; big++) {
        test_shapes(big);
        test_headers(big);
        test_mutations(big);
    }
    test_many();
    return check_end();
}
