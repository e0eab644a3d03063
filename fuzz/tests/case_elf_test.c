/* case_elf_test.c: a case written as an object is loaded as the same programs and maps, in both
 * byte orders; what no object says is refused; bpftool, where it is installed, takes what libbpf
 * can take.
 */
#include "fuzz/case_elf.h"
#include "fuzz/case_parts.h"
#include "fuzz/gen/gen.h"
#include "fuzz/input.h"
#include "fuzz/maps.h"
#include "tests/check.h"

#include <elf.h>
#include <unistd.h>

enum {
    CASES = 5000,
    RAW_CASES = 2000,
    DUMPED = 40, /* to bpftool */
    CHOICES = 4096,
};

static struct fuzz_case c;
static const char bpftool[] = "/usr/sbin/bpftool";

static void generate(uint64_t *seed, uint64_t kinds, uint32_t *kind) {
    uint8_t choices[CHOICES];
    struct input in;
    input_random(seed, choices, sizeof choices);
    input_init(&in, choices, sizeof choices);
    gen_case(&in, kinds, &c, kind);
}

static bool native_is_big(void) {
    return __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__;
}

static uint64_t structured_kinds(void) {
    uint64_t kinds = 0;
    for (uint32_t i = 0; i < gen_n_kinds; i++)
        kinds |= (uint64_t)gen_kinds[i].structured << i;
    return kinds;
}

/* Write c, load what was written. out: the error of either, with *d; OK: *same */
static enum bpflab_err there_and_back(bool big_endian, struct case_elf_info *info, bool *same,
                                      struct diag *d) {
    uint8_t *bytes;
    size_t n;
    struct object o;
    enum bpflab_err err = case_elf_write(&c, big_endian, &bytes, &n, info, d);
    if (err)
        return err;
    err = object_load(bytes, n, NULL, &o, d);
    free(bytes);
    if (!CHECK_EQ(err, BPFLAB_OK))
        return BPFLAB_E_FORMAT;
    err = case_elf_same(&c, &o, same, d);
    object_fini(&o);
    return err;
}

static void generated_cases(void) {
    uint64_t seed = 11, of_kind[64] = {0}, n_functions = 0, n_plain = 0, n_kfuncs = 0;
    const uint64_t kinds = structured_kinds();
    const unsigned rounds = check_rounds(CASES);
    check_note("generated cases");
    for (uint32_t i = 0; i < rounds; i++) {
        uint32_t kind;
        struct case_elf_info info;
        struct diag d = {.pc = -1};
        bool same = false;
        generate(&seed, kinds, &kind);
        of_kind[kind]++;
        const enum bpflab_err err = there_and_back(i & 1, &info, &same, &d);
        if (!CHECK_EQ(err, BPFLAB_OK) || !CHECK(same)) {
            printf("case %u, %s: %s\n", i, gen_kinds[kind].name, d.text);
            continue;
        }
        n_plain += !info.n_numbered && !info.n_whole;
        for (uint32_t pc = 0; pc < c.start[c.n_progs]; pc += insn_slots(c.insns[pc])) {
            n_functions += op_of(c.insns[pc]) == OP_CALL_LOCAL;
            n_kfuncs += op_of(c.insns[pc]) == OP_CALL_KFUNC;
        }
    }
    check_note(NULL);
    for (uint32_t i = 0; rounds == CASES && i < gen_n_kinds; i++)
        CHECK_EQ(of_kind[i] > 0, gen_kinds[i].structured);
    CHECK(n_functions > 0);
    CHECK(n_kfuncs > 0);
    CHECK(n_plain > rounds / 2);
    printf("%u cases, %" PRIu64 " of them such that libbpf takes them\n", rounds, n_plain);
}

/* Whatever words: an object that says the same, or a reason. */
static void arbitrary_words(void) {
    uint64_t seed = 12, n_written = 0, n_refused = 0;
    check_note("arbitrary words");
    for (uint32_t i = 0; i < check_rounds(RAW_CASES); i++) {
        struct diag d = {.pc = -1};
        bool same = false;
        generate(&seed, i % 2 ? UINT64_C(1) << gen_find("raw") : structured_kinds(), NULL);
        for (uint32_t k = 0; k < i % 7; k++) { /* other words here and there */
            const uint64_t v = input_next(&seed);
            struct insn *const in = &c.insns[v % c.start[c.n_progs]];
            if (v >> 60 & 1)
                in->imm = (int32_t)(v >> 20 & 63) - 20;
            if (v >> 60 & 2)
                in->code = v >> 61 & 1 ? 0x18 : 0x85;
            if (v >> 60 & 4)
                in->src = v >> 32 & 7;
        }
        const enum bpflab_err err = there_and_back(i & 2, NULL, &same, &d);
        CHECK(d.text[0] || !err);
        if (err == BPFLAB_E_UNSUPPORTED) {
            n_refused++;
            continue;
        }
        n_written++;
        if (!CHECK_EQ(err, BPFLAB_OK) || !CHECK(same))
            printf("case %u: %s\n", i, d.text);
    }
    check_note(NULL);
    CHECK(n_written > n_refused);
    CHECK(n_refused > 0);
}

static void begin(uint32_t type) {
    c = (struct fuzz_case){.type = type, .n_progs = 1, .n_inputs = 1};
    c.inputs[0].packet_bytes = 14;
}

static void put(enum op op, uint8_t dst, int32_t imm) {
    c.insns[c.start[c.n_progs]++] = (struct insn){
        .code = op_table[op].code, .dst = dst, .src = op_table[op].src_fixed, .imm = imm};
    if (op_table[op].cls == CLASS_IMM64)
        c.insns[c.start[c.n_progs]++] = (struct insn){0};
}

/* Every standard map, by itself and, where it may be, by its value. */
static void every_map(void) {
    for (uint32_t i = 0; i < fuzz_n_maps; i++)
        for (uint32_t how = 1; how < 4; how++) {
            struct case_elf_info info = {0};
            struct diag d = {.pc = -1};
            bool same = false;
            check_note(fuzz_maps[i].name);
            begin(PROG_sched_cls);
            if (how & 1)
                put(OP_LDDW_MAP_IDX, 1, (int32_t)i);
            if (how & 2)
                put(OP_LDDW_MAP_IDX_VALUE, 2, (int32_t)i);
            c.insns[c.start[1] - 1].imm = how & 2 ? 8 : 0;
            put(OP_MOV64_IMM, 0, 0);
            put(OP_EXIT, 0, 0);
            CHECK_EQ(there_and_back(false, &info, &same, &d), BPFLAB_OK);
            if (!CHECK(same))
                printf("%s\n", d.text);
            /* one of the two ways, at least, can be said */
            CHECK(info.n_numbered <= 1);
            CHECK(how != 1 || info.n_numbered == (i == FUZZ_MAP_RODATA));
        }
    check_note(NULL);
}

/* Every program type: written, or said to have no section. */
static void every_type(void) {
    uint32_t n_written = 0;
    for (uint32_t type = 0; type < 40; type++)
        for (uint32_t k = 0; k < 64 * 2; k++) {
            struct diag d = {.pc = -1};
            bool same = false;
            begin(type);
            c.attach_type = k / 2;
            c.sleepable = k & 1;
            put(OP_MOV64_IMM, 0, 0);
            put(OP_EXIT, 0, 0);
            const enum bpflab_err err = there_and_back(false, NULL, &same, &d);
            CHECK(err == BPFLAB_OK ? same : err == BPFLAB_E_UNSUPPORTED);
            n_written += err == BPFLAB_OK;
            if (k == 0 && type > PROG_unspec && type <= PROG_netfilter && type != PROG_syscall)
                CHECK_EQ(err, BPFLAB_OK);
        }
    CHECK(n_written > 60);
    begin(PROG_raw);
    put(OP_CALL_LOCAL, 0, 1);
    put(OP_EXIT, 0, 0);
    put(OP_EXIT, 0, 0);
    bool same = false;
    CHECK_EQ(there_and_back(false, NULL, &same, NULL), BPFLAB_OK);
    CHECK(same);
}

/* Functions in an order that is not the linker's: main calls A and B, A calls C. */
static void other_order(void) {
    struct case_elf_info info;
    struct case_parts parts;
    bool same = false;
    begin(PROG_sched_cls);
    put(OP_CALL_LOCAL, 0, 2); /* A */
    put(OP_CALL_LOCAL, 0, 3); /* B */
    put(OP_EXIT, 0, 0);
    put(OP_CALL_LOCAL, 0, 3); /* A: C */
    put(OP_EXIT, 0, 0);
    put(OP_MOV64_IMM, 0, 1); /* B */
    put(OP_EXIT, 0, 0);
    put(OP_MOV64_IMM, 0, 2); /* C */
    put(OP_EXIT, 0, 0);
    const struct prog p = {.insns = c.insns, .n_insns = c.start[1]};
    case_parts_of(&p, &parts);
    CHECK_EQ(parts.n, 4);
    CHECK_EQ(parts.func[1].linked_at, 3);
    CHECK_EQ(parts.func[2].linked_at, 7);
    CHECK_EQ(parts.func[3].linked_at, 5);
    CHECK_EQ(there_and_back(false, &info, &same, NULL), BPFLAB_OK);
    CHECK(same);
    CHECK_EQ(info.n_whole, 0);
    c.insns[6] = (struct insn){.code = op_table[OP_MOV64_IMM].code}; /* B falls into C */
    case_parts_of(&p, &parts);
    CHECK_EQ(parts.n, 1);
    CHECK_EQ(there_and_back(false, &info, &same, NULL), BPFLAB_OK);
    CHECK(same);
    CHECK_EQ(info.n_whole, 1);
}

/* Symbols as ELF wants them: local ones first, and where they end is said. */
static void symbols_in_order(void) {
    uint64_t seed = 15, n_symbols = 0;
    for (uint32_t i = 0; i < 50; i++) {
        uint8_t *bytes;
        size_t n;
        generate(&seed, structured_kinds(), NULL);
        if (!CHECK_EQ(case_elf_write(&c, native_is_big(), &bytes, &n, NULL, NULL), BPFLAB_OK))
            return;
        const Elf64_Ehdr *const head = (const void *)bytes;
        const Elf64_Shdr *const sections = (const void *)(bytes + head->e_shoff);
        for (uint32_t k = 1; k < head->e_shnum; k++) {
            const Elf64_Sym *const symbols = (const void *)(bytes + sections[k].sh_offset);
            CHECK_EQ(sections[k].sh_offset % 8, 0);
            if (sections[k].sh_type != SHT_SYMTAB)
                continue;
            for (uint32_t m = 0; m < sections[k].sh_size / sizeof *symbols; m++, n_symbols++)
                CHECK_EQ(ELF64_ST_BIND(symbols[m].st_info) == STB_LOCAL, m < sections[k].sh_info);
        }
        free(bytes);
    }
    CHECK(n_symbols > 200);
}

/* An object of another case is seen to be one. */
static void differences(void) {
    uint64_t seed = 13, n = 0, n_seen = 0;
    for (uint32_t i = 0; i < 400; i++) {
        uint8_t *bytes;
        size_t n_bytes;
        struct object o;
        struct diag d = {.pc = -1};
        bool same = true;
        generate(&seed, structured_kinds(), NULL);
        if (!CHECK_EQ(case_elf_write(&c, false, &bytes, &n_bytes, NULL, &d), BPFLAB_OK))
            continue;
        const enum bpflab_err err = object_load(bytes, n_bytes, NULL, &o, &d);
        free(bytes);
        if (!CHECK_EQ(err, BPFLAB_OK))
            continue;
        const uint64_t v = input_next(&seed);
        const uint32_t at = (uint32_t)(v >> 8) % c.start[c.n_progs];
        switch (v % 4) {
        case 0: c.insns[at].imm ^= 1; break;
        case 1: c.insns[at].dst ^= 1; break;
        case 2: c.insns[at].off ^= 1; break;
        default: c.sleepable = !c.sleepable; break;
        }
        CHECK_EQ(case_elf_same(&c, &o, &same, &d), BPFLAB_OK);
        n++;
        n_seen += !same;
        CHECK(same || d.text[0]);
        object_fini(&o);
    }
    CHECK_EQ(n_seen, n);
}

/* out: did the tool end well? What it says last is shown if not */
static bool tool_takes(const char *verb, const char *path) {
    char command[512], line[256], last[256] = "";
    snprintf(command, sizeof command, "%s %s %s 2>&1", bpftool, verb, path);
    FILE *const p = popen(command, "r");
    while (p && fgets(line, sizeof line, p))
        memcpy(last, line, sizeof last);
    const int status = p ? pclose(p) : -1;
    if (status != 0)
        printf("%s: %s\n", command, last);
    return status == 0;
}

static bool write_file(const char *path, const uint8_t *bytes, size_t n_bytes) {
    FILE *const f = fopen(path, "wb");
    const bool written = f && fwrite(bytes, 1, n_bytes, f) == n_bytes;
    return f && fclose(f) == 0 && written;
}

/* May libbpf link it without a kernel, into a light skeleton? Not what fills prog arrays; older
 * bpftool knows only common types. */
static bool is_light(const struct case_elf_info *info) {
    const uint32_t types[] = {PROG_sched_cls, PROG_xdp, PROG_socket_filter, PROG_cgroup_skb};
    bool common = false;
    for (size_t i = 0; i < sizeof types / sizeof *types; i++)
        common = common || c.type == types[i];
    for (uint32_t pc = 0; pc < c.start[c.n_progs]; pc += insn_slots(c.insns[pc]))
        if (op_of(c.insns[pc]) == OP_LDDW_MAP_IDX && c.insns[pc].imm == FUZZ_MAP_PROGS)
            return false;
    return common && !info->n_numbered && !info->n_whole;
}

/* One case through bpftool. out: false: nothing could be tried */
static bool one_with_bpftool(const char *path, const char *linked, uint64_t *n_light) {
    struct case_elf_info info;
    struct object o;
    struct diag d = {.pc = -1};
    uint8_t *bytes;
    size_t n_bytes;
    char both[300];
    bool same = false;
    if (!CHECK_EQ(case_elf_write(&c, false, &bytes, &n_bytes, &info, NULL), BPFLAB_OK))
        return false;
    const bool written = CHECK(write_file(path, bytes, n_bytes));
    free(bytes);
    if (!written)
        return false;
    CHECK(tool_takes("btf dump file", path));
    CHECK(tool_takes("gen skeleton", path));
    if (is_light(&info)) {
        CHECK(tool_takes("gen skeleton -L", path));
        ++*n_light;
    }
    snprintf(both, sizeof both, "%s %s", linked, path);
    if (!CHECK(tool_takes("gen object", both)))
        return true;
    if (CHECK_EQ(object_load_file(linked, NULL, &o, &d), BPFLAB_OK)) {
        CHECK_EQ(case_elf_same(&c, &o, &same, &d), BPFLAB_OK);
        object_fini(&o);
    }
    if (!CHECK(same))
        printf("%s\n", d.text);
    return true;
}

/* libbpf inside bpftool reads types, maps, programs and relocations, links them, and what its
 * linker wrote is still the case. */
static void with_bpftool(void) {
    char dir[] = "/tmp/bpflab-case-elf-XXXXXX", path[128], linked[128];
    uint64_t seed = 14, n = 0, n_light = 0;
    if (access(bpftool, X_OK) != 0) {
        printf("skipped: %s is not installed, so no other tool reads the objects\n", bpftool);
        return;
    }
    if (!CHECK(mkdtemp(dir) != NULL))
        return;
    snprintf(path, sizeof path, "%s/case.o", dir);
    snprintf(linked, sizeof linked, "%s/linked.o", dir);
    check_note("bpftool");
    for (; n < check_rounds(DUMPED); n++) {
        generate(&seed, structured_kinds(), NULL);
        if (!one_with_bpftool(path, linked, &n_light))
            break;
    }
    check_note(NULL);
    CHECK_EQ(n, check_rounds(DUMPED));
    CHECK(n_light > 0);
    unlink(path);
    unlink(linked);
    rmdir(dir);
}

int main(void) {
    generated_cases();
    arbitrary_words();
    every_map();
    every_type();
    other_order();
    symbols_in_order();
    differences();
    with_bpftool();
    return check_end();
}
