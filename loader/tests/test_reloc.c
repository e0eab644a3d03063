/* test_reloc.c: objects built in memory: every relocation type, REL and RELA, both byte orders;
 * linking of subprograms; what is a program.
 */
#include "loader/object.h"
#include "loader/tests/elf_builder.h"
#include "tests/check.h"

static struct object obj;
static struct diag diag;

static enum bpflab_err load(struct eb *b) {
    eb_finish(b);
    enum bpflab_err err = object_load(b->bytes, b->size, NULL, &obj, &diag);
    free(b->bytes);
    return err;
}

/* legacy_maps: a section with two maps of 20 bytes. out: the symbols. */
static uint32_t legacy_maps(struct eb *b, uint32_t symbols[2]) {
    uint32_t s = eb_section(b, "maps", SHT_PROGBITS, SHF_ALLOC | SHF_WRITE);
    for (uint32_t i = 0; i < 2; i++) {
        const uint32_t def[5] = {1 + i, 4, 8, 16 * (i + 1), 0};
        for (int k = 0; k < 5; k++)
            eb_number(b, s, def[k], 4);
        symbols[i] = eb_symbol(b, i ? "second" : "first", s, 20 * i, 20, STB_GLOBAL, STT_OBJECT);
    }
    return s;
}

/* check_lddw: what test_lddw's references became. */
static void check_lddw(void) {
    const struct prog *p = obj.progs;
    /* map or kind of reference, and offset or distance */
    const struct {
        uint8_t src;
        int32_t imm, hi;
    } want[8] = {{5, 1, 0}, {5, 1, 0},  {6, 2, 10}, {6, 2, 16},
                 {6, 3, 3}, {6, 4, 32}, {4, 5, 0},  {4, 3, 0}};
    CHECK_EQ(p->n_insns, 20);
    for (uint32_t i = 0; i < 8; i++) {
        CHECK_EQ(p->insns[2 * i].src, want[i].src);
        CHECK_EQ(p->insns[2 * i].imm, want[i].imm);
        CHECK_EQ(p->insns[2 * i + 1].imm, want[i].hi);
    }
    CHECK_EQ(p->insns[18].imm, 6); /* only the function that is used */
    CHECK_STR(p->subprogs[1].name, "one");
    CHECK(p->subprogs[1].global);
    CHECK_STR(obj.maps[1].name, "second");
    CHECK_EQ(obj.maps[1].type, MAP_array);
    CHECK_EQ(obj.maps[1].max_entries, 32);
    CHECK_STR(obj.maps[2].name, ".data");
    CHECK(!memcmp(obj.maps[2].data, "0123456789abcdef", 16));
    CHECK(obj.maps[3].frozen && obj.maps[3].flags == MAP_F_RDONLY_PROG);
    CHECK(obj.maps[4].value_size == 40 && !obj.maps[4].data && !obj.maps[4].frozen);
}

/* test_lddw: maps by symbol and by section, variables, functions by address. */
static void test_lddw(bool big, bool rela) {
    struct eb *b = malloc(sizeof *b);
    uint32_t maps[2];
    eb_init(b, big);
    uint32_t xdp = eb_code(b, "xdp"), text = eb_code(b, ".text");
    uint32_t section = legacy_maps(b, maps);
    uint32_t maps_symbol = eb_symbol(b, "", section, 0, 0, STB_LOCAL, STT_SECTION);
    uint32_t data = eb_section(b, ".data", SHT_PROGBITS, SHF_ALLOC | SHF_WRITE);
    eb_add(b, data, "0123456789abcdef", 16);
    uint32_t ro = eb_section(b, ".rodata.str", SHT_PROGBITS, SHF_ALLOC);
    eb_add(b, ro, "text", 5);
    uint32_t bss = eb_section(b, ".bss", SHT_NOBITS, SHF_ALLOC | SHF_WRITE);
    b->s[bss].size = 40;
    uint32_t variable = eb_symbol(b, "variable", data, 8, 4, STB_GLOBAL, STT_OBJECT);
    uint32_t data_symbol = eb_symbol(b, "", data, 0, 0, STB_LOCAL, STT_SECTION);
    uint32_t ro_symbol = eb_symbol(b, "", ro, 0, 0, STB_LOCAL, STT_SECTION);
    uint32_t bss_symbol = eb_symbol(b, "", bss, 0, 0, STB_LOCAL, STT_SECTION);
    uint32_t text_symbol = eb_symbol(b, "", text, 0, 0, STB_LOCAL, STT_SECTION);
    eb_symbol(b, "prog", xdp, 0, 8 * 18, STB_GLOBAL, STT_FUNC);
    eb_symbol(b, "zero", text, 0, 16, STB_LOCAL, STT_FUNC);
    uint32_t one = eb_symbol(b, "one", text, 16, 16, STB_GLOBAL, STT_FUNC);
    const struct {
        uint32_t symbol;
        int32_t addend;
    } refs[8] = {{maps[1], 0},   {maps_symbol, 20}, {variable, 2},     {data_symbol, 16},
                 {ro_symbol, 3}, {bss_symbol, 32},  {text_symbol, 16}, {one, 0}};
    uint32_t r = eb_relocs(b, xdp, rela);
    for (uint32_t i = 0; i < 8; i++) {
        eb_lddw(b, xdp, rela ? 77 : refs[i].addend);
        eb_reloc(b, r, 16 * i, refs[i].symbol, 1, refs[i].addend);
    }
    eb_return(b, xdp, 0);
    eb_return(b, text, 5);
    eb_return(b, text, 6);
    CHECK_EQ(load(b), BPFLAB_OK);
    CHECK_EQ(obj.n_progs, 1);
    CHECK_EQ(obj.n_maps, 5);
    CHECK_EQ(obj.n_relocs, 8);
    CHECK_EQ(obj.big_endian, big);
    if (obj.n_progs == 1 && obj.n_maps == 5)
        check_lddw();
    object_fini(&obj);
    free(b);
}

/* test_calls: by global symbol, by section, without relocation, across sections, recursion, and a
 * function that two others share. */
static void test_calls(bool big, bool rela) {
    struct eb *b = malloc(sizeof *b);
    eb_init(b, big);
    uint32_t tc = eb_code(b, "tc"), text = eb_code(b, ".text"), far = eb_code(b, "far");
    uint32_t text_symbol = eb_symbol(b, "", text, 0, 0, STB_LOCAL, STT_SECTION);
    eb_symbol(b, "main", tc, 0, 8 * 5, STB_GLOBAL, STT_FUNC);
    eb_symbol(b, "local", tc, 8 * 5, 16, STB_LOCAL, STT_FUNC);
    eb_symbol(b, "other", tc, 8 * 7, 24, STB_GLOBAL, STT_FUNC);
    uint32_t a = eb_symbol(b, "a", text, 0, 24, STB_GLOBAL, STT_FUNC);
    eb_symbol(b, "s", text, 24, 24, STB_LOCAL, STT_FUNC);
    uint32_t f = eb_symbol(b, "f", far, 0, 16, STB_GLOBAL, STT_FUNC);
    uint32_t r = eb_relocs(b, tc, rela), rt = eb_relocs(b, text, rela);
    eb_call(b, tc, -1); /* 0: a */
    eb_reloc(b, r, 0, a, 10, 0);
    eb_call(b, tc, rela ? -1 : 2); /* 1: s, 24 bytes into .text */
    eb_reloc(b, r, 8, text_symbol, 10, 24);
    eb_call(b, tc, 2); /* 2: local, 2 after the next */
    eb_return(b, tc, 0);
    eb_return(b, tc, 1); /* local */
    eb_call(b, tc, -1);  /* other: only f */
    eb_reloc(b, r, 56, f, 10, 0);
    eb_return(b, tc, 2);
    eb_call(b, text, -1); /* a calls itself */
    eb_reloc(b, rt, 0, a, 10, 0);
    eb_return(b, text, 3);
    eb_call(b, text, -1); /* s calls f */
    eb_reloc(b, rt, 24, f, 10, 0);
    eb_return(b, text, 4);
    eb_return(b, far, 5);
    CHECK_EQ(load(b), BPFLAB_OK);
    CHECK_EQ(obj.n_progs, 3); /* main, other, and f in a section of its own */
    const struct prog *p = object_prog(&obj, "main"), *q = object_prog(&obj, "other");
    CHECK(p && q && object_prog(&obj, "f") && !object_prog(&obj, "local"));
    if (p && q) {
        static const char *const names[5] = {"main", "a", "s", "f", "local"};
        static const uint32_t starts[5] = {0, 5, 8, 11, 13};
        CHECK_EQ(p->n_subprogs, 5);
        for (uint32_t i = 0; i < 5 && p->n_subprogs == 5; i++) {
            CHECK_STR(p->subprogs[i].name, names[i]);
            CHECK_EQ(p->subprogs[i].start, starts[i]);
            CHECK_EQ(p->subprogs[i].global, i == 0 || i == 1 || i == 3);
        }
        CHECK_EQ(p->n_insns, 15);
        CHECK_EQ(p->insns[0].imm, 4);  /* to 5 */
        CHECK_EQ(p->insns[1].imm, 6);  /* to 8 */
        CHECK_EQ(p->insns[2].imm, 10); /* to 13 */
        CHECK_EQ(p->insns[5].imm, -1);
        CHECK_EQ(p->insns[8].imm, 2);
        CHECK_EQ(q->n_insns, 5);
        CHECK_EQ(q->insns[0].imm, 2);
        CHECK_EQ(p->type, PROG_sched_cls);
        CHECK_EQ(prog_check(p, &diag), BPFLAB_OK);
    }
    CHECK_EQ(obj.n_needs, 0); /* far is called: its name needs no meaning */
    object_fini(&obj);
    free(b);
}

/* test_inside: a call into the middle of a function is a subprogram more. */
static void test_inside(void) {
    struct eb *b = malloc(sizeof *b);
    eb_init(b, false);
    uint32_t tc = eb_code(b, "tc");
    eb_symbol(b, "main", tc, 0, 8 * 5, STB_GLOBAL, STT_FUNC);
    eb_call(b, tc, 2);
    eb_return(b, tc, 0);
    eb_return(b, tc, 1);
    CHECK_EQ(load(b), BPFLAB_OK);
    const struct prog *p = object_prog(&obj, "main");
    CHECK(p && p->n_subprogs == 2 && p->n_insns == 5);
    if (p && p->n_subprogs == 2) {
        CHECK_EQ(p->subprogs[0].n_insns, 3);
        CHECK_EQ(p->subprogs[1].start, 3);
        CHECK(!p->subprogs[1].global);
        CHECK_EQ(p->insns[0].imm, 2);
    }
    object_fini(&obj);
    free(b);
}

/* test_externs: strong and weak, called and loaded; relocations that mean nothing or are
 * unknown. */
static void test_externs(bool big) {
    struct eb *b = malloc(sizeof *b);
    eb_init(b, big);
    uint32_t s = eb_code(b, "kprobe/f");
    eb_symbol(b, "main", s, 0, 8 * 10, STB_GLOBAL, STT_FUNC);
    uint32_t strong = eb_symbol(b, "strong", 0, 0, 0, STB_GLOBAL, STT_NOTYPE);
    uint32_t weak = eb_symbol(b, "weak", 0, 0, 0, STB_WEAK, STT_NOTYPE);
    uint32_t r = eb_relocs(b, s, false);
    eb_lddw(b, s, 0);
    eb_reloc(b, r, 0, strong, 1, 0);
    eb_lddw(b, s, 3);
    eb_reloc(b, r, 16, weak, 1, 0);
    eb_call(b, s, -1);
    eb_reloc(b, r, 32, strong, 10, 0);
    eb_call(b, s, -1);
    eb_reloc(b, r, 40, weak, 10, 0);
    eb_insn(b, s, (struct insn){.code = 0xb7});
    eb_reloc(b, r, 48, strong, 42, 0);
    eb_insn(b, s, (struct insn){.code = 0xb7, .dst = 3});
    eb_reloc(b, r, 56, 0, 0, 0);
    eb_return(b, s, 0);
    CHECK_EQ(load(b), BPFLAB_OK);
    CHECK_EQ(obj.n_progs, 1);
    if (obj.n_progs == 1) {
        const struct prog *p = obj.progs;
        CHECK_EQ(p->type, PROG_kprobe);
        CHECK_STR(p->attach_to, "f");
        CHECK_EQ(p->n_externs, 4);
        CHECK(p->insns[0].src == 3 && p->insns[2].src == 0 && p->insns[2].imm == 0);
        CHECK(p->insns[4].src == 2 && p->insns[5].src == 2);
        for (uint32_t i = 0; i < p->n_externs; i++) {
            CHECK_EQ(p->externs[i].pc, (i < 2 ? 2 * i : 2 + i));
            CHECK_EQ(p->externs[i].is_func, i >= 2);
            CHECK_EQ(p->externs[i].weak, i % 2);
            CHECK_STR(p->externs[i].name, i % 2 ? "weak" : "strong");
        }
    }
    CHECK_EQ(obj.n_needs, 2);
    if (obj.n_needs == 2) {
        CHECK_STR(obj.needs[0].what, "relocation type 42 in kprobe/f");
        CHECK_STR(obj.needs[1].what, "undefined symbol strong");
    }
    object_fini(&obj);
    free(b);
}

/* test_iproute2: pinning, and a map of maps by id. */
static void test_iproute2(bool big) {
    struct eb *b = malloc(sizeof *b);
    eb_init(b, big);
    uint32_t s = eb_section(b, "maps", SHT_PROGBITS, SHF_ALLOC | SHF_WRITE);
    /* type, key, value, max, flags, id, pinning, inner_id, inner_idx */
    const uint32_t defs[2][9] = {{MAP_array, 4, 8, 1, 0, 7, 0, 0, 2},
                                 {MAP_array_of_maps, 4, 4, 3, 0, 8, 2, 7, 0}};
    for (int i = 0; i < 2; i++) {
        for (int k = 0; k < 9; k++)
            eb_number(b, s, defs[i][k], 4);
        eb_symbol(b, i ? "outer" : "inner", s, 36u * (unsigned)i, 0, STB_GLOBAL, STT_NOTYPE);
    }
    CHECK_EQ(load(b), BPFLAB_OK);
    CHECK_EQ(obj.n_maps, 2);
    if (obj.n_maps == 2) {
        const struct map_def *m = &obj.maps[1];
        CHECK_EQ(m->inner, 0);
        CHECK_STR(m->pin_name, "outer");
        CHECK_EQ(m->n_inits, 1);
        CHECK(m->n_inits && m->inits[0].index == 2 && m->inits[0].target == 0 &&
              !m->inits[0].is_prog);
        CHECK(!obj.maps[0].pin_name && obj.maps[0].inner == -1);
    }
    object_fini(&obj);
    free(b);
}

/* test_entries: what is a program in .text alone, in a section of an unknown name, without
 * symbols. */
static void test_entries(void) {
    struct eb *b = malloc(sizeof *b);
    eb_init(b, false);
    uint32_t text = eb_code(b, ".text");
    eb_symbol(b, "first", text, 0, 16, STB_GLOBAL, STT_FUNC);
    eb_symbol(b, "second", text, 16, 16, STB_LOCAL, STT_FUNC);
    eb_return(b, text, 1);
    eb_return(b, text, 2);
    CHECK_EQ(load(b), BPFLAB_OK);
    CHECK(obj.n_progs == 1 && obj.progs[0].type == PROG_raw && obj.n_needs == 0);
    object_fini(&obj);

    eb_init(b, false);
    eb_return(b, eb_code(b, "mystery"), 1);
    CHECK_EQ(load(b), BPFLAB_OK);
    CHECK(obj.n_progs == 1 && obj.progs[0].type == PROG_unspec);
    CHECK(obj.n_progs == 1 && !strcmp(obj.progs[0].name, "mystery"));
    CHECK(obj.n_needs == 1 && !strcmp(obj.needs[0].what, "a program type for section mystery"));
    object_fini(&obj);

    eb_init(b, false); /* old compilers: functions without a type, labels beside them */
    uint32_t xdp = eb_code(b, "xdp");
    eb_symbol(b, "label", xdp, 8, 0, STB_LOCAL, STT_NOTYPE);
    eb_symbol(b, "function", xdp, 0, 0, STB_GLOBAL, STT_NOTYPE);
    eb_return(b, xdp, 1);
    CHECK_EQ(load(b), BPFLAB_OK);
    CHECK(obj.n_progs == 1 && !strcmp(obj.progs[0].name, "xdp") && obj.progs[0].n_insns == 2);
    CHECK(object_prog(&obj, "function") == obj.progs && object_prog(&obj, "xdp") == obj.progs);
    CHECK(!object_prog(&obj, "label"));
    object_fini(&obj);
    free(b);
}

/* test_extended: section numbers and counts that do not fit into 16 bits are kept elsewhere. */
static void test_extended(bool big) {
    struct eb *b = malloc(sizeof *b);
    eb_init(b, big);
    uint32_t xdp = eb_code(b, "xdp");
    uint32_t s = eb_symbol(b, "prog", SHN_XINDEX, 0, 16, STB_GLOBAL, STT_FUNC);
    uint32_t table = eb_section(b, ".symtab_shndx", SHT_SYMTAB_SHNDX, 0);
    b->s[table].link = 2;
    b->s[table].entsize = 4;
    for (uint32_t i = 0; i <= s; i++)
        eb_number(b, table, i == s ? xdp : 0, 4);
    eb_return(b, xdp, 1);
    eb_finish(b);
    eb_put(b, b->bytes + 60, 0, 2); /* count: size of section 0 */
    eb_put(b, b->bytes + b->headers_at + 32, b->n, 8);
    eb_put(b, b->bytes + 62, SHN_XINDEX, 2); /* names: link of section 0 */
    eb_put(b, b->bytes + b->headers_at + 40, 1, 4);
    CHECK_EQ(object_load(b->bytes, b->size, NULL, &obj, &diag), BPFLAB_OK);
    CHECK(obj.n_progs == 1 && !strcmp(obj.progs[0].name, "prog"));
    object_fini(&obj);
    b->s[table].size = 4; /* the number is missing */
    eb_put(b, b->bytes + b->headers_at + 64 * (uint64_t)table + 32, 4, 8);
    CHECK_EQ(object_load(b->bytes, b->size, NULL, &obj, &diag), BPFLAB_E_RANGE);
    free(b->bytes);
    free(b);
}

int main(void) {
    for (int i = 0; i < 4; i++) {
        check_note(i == 0   ? "little-endian REL"
                   : i == 1 ? "big-endian REL"
                   : i == 2 ? "little-endian RELA"
                            : "big-endian RELA");
        test_lddw(i & 1, i & 2);
        test_calls(i & 1, i & 2);
        test_externs(i & 1);
        test_iproute2(i & 1);
        test_extended(i & 1);
    }
    check_note(NULL);
    test_inside();
    test_entries();
    return check_end();
}
