/* stub_test.c: what the template back end makes of programs, read back and compared with a file.
 *
 *   stub_test GOLDEN            compare
 *   stub_test GOLDEN --bless    write it anew
 *
 * The reader knows the template's encoding from its description alone; it also checks that every
 * jump leads to an instruction.
 */
#include "isa/asm.h"
#include "jit/jit.h"
#include "tests/check.h"

#include <stdlib.h>

static const struct {
    const char *title, *text;
    bool blind, fuel, untraced;
    int opt;
} programs[] = {
    {"arithmetic, each instruction by itself",
     "r0 = r1\nr0 += 5\nw0 *= w2\nr0 s/= 7\nr0 <<= r3\nr0 = -r0\nr0 = be16 r0\nr0 = (s8)r0\nexit",
     .opt = 0},
    {"the same, better",
     "r0 = r1\nr0 += 5\nw0 *= w2\nr0 s/= 7\nr0 <<= r3\nr0 = -r0\nr0 = be16 r0\n"
     "r0 = (s8)r0\nexit",
     .opt = 1},
    {"constants: inline, of the pool, twice the same",
     "r0 = 1 ll\nr1 = 0x1122334455667788 ll\nr2 = 0x1122334455667788 ll\nr0 += r1\nr0 += r2\nexit",
     .opt = 1},
    {"memory",
     "r2 = *(u32 *)(r1 + 4)\nr3 = *(s8 *)(r1 - 1)\n*(u64 *)(r10 - 8) = r2\n"
     "*(u16 *)(r10 - 16) = 7\nr3 = atomic_fetch_add((u64 *)(r10 - 8), r3)\n"
     "r0 = *(u64 *)(r10 - 8)\nexit",
     .opt = 0},
    {"a loop, with fuel", "r0 = 0\nl: r0 += 1\nif r0 < 10 goto l\nif w0 & 1 goto l\nexit",
     .fuel = true, .opt = 1},
    {"a small loop, in one line", "r0 = 0\nr2 = 1\nl: r0 += r2\nif r0 < 10 goto l\nexit", .opt = 1},
    {"functions", "r6 = r1\ncall local f\nr0 += r6\nexit\nf: r0 = 7\nexit", .opt = 1},
    {"helpers: one that is there, one that is not, a tail call",
     "call 7\ncall 9\nr2 = map_idx(0) ll\nr3 = 1\ncall 12\nr0 = 0\nexit", .opt = 1},
    {"constants hidden", "r0 = 0x12345678\nif r0 == 0x1234 goto +1\nr0 += 3\nexit", .blind = true,
     .opt = 1},
};

static FILE *out;

static int64_t number(const uint8_t *p, unsigned n) {
    uint64_t v = 0;
    for (unsigned i = 0; i < n; i++)
        v |= (uint64_t)p[i] << 8 * i;
    return n < 8 ? (int64_t)(v << (64 - 8 * n)) >> (64 - 8 * n) : (int64_t)v;
}

/* What stands behind each letter: a digit: so many bytes as a number; b: one byte; d, D: a distance
 * of one byte, of four. */
static const char *operands_of(uint8_t letter) {
    static const struct {
        char letter;
        const char *operands;
    } table[] = {
        {'A', "bbbbb"}, {'I', "bbbb4"}, {'C', "b8"},    {'Q', "bD"},  {'L', "bbb4"},
        {'S', "bbb4"},  {'T', "b4b4"},  {'M', "bbbb4"}, {'E', "2bb"}, {'R', "2bb"},
        {'G', "2bb"},   {'J', "d"},     {'j', "D"},     {'P', "D"},   {'B', "bbbbd"},
        {'b', "bbbbD"}, {'K', "bbb4d"}, {'k', "bbb4D"}, {'N', ""},    {'H', "8"},
        {'X', "8"},
    };
    for (unsigned i = 0; i < sizeof table / sizeof table[0]; i++)
        if (table[i].letter == letter)
            return table[i].operands;
    return NULL;
}

/* One instruction. out: its bytes, 0 if it is none; *to: where it leads, 0 if nowhere */
static uint32_t read_insn(const uint8_t *p, uint32_t off, uint32_t *to) {
    const char *what = operands_of(p[0]);
    uint32_t n = 1;
    *to = 0;
    if (!what)
        return 0;
    fprintf(out, "%5u  %c", (unsigned)off, p[0]);
    for (; *what; what++) {
        const unsigned size = *what == 'b' || *what == 'd' ? 1U
                              : *what == 'D'               ? 4U
                                                           : (unsigned)(*what - '0');
        const int64_t v = number(p + n, size);
        n += size;
        if (*what == 'd' || *what == 'D') {
            *to = off + (uint32_t)v;
            fprintf(out, " ->%u", (unsigned)*to);
        } else if (*what == '8') {
            fprintf(out, " %#llx", (unsigned long long)v);
        } else {
            fprintf(out, " %lld", (long long)v);
        }
    }
    fputc('\n', out);
    return n;
}

static void read_code(const struct jit_code *c) {
    const uint32_t end = c->pc_off[c->n_insns];
    bool *const begins = calloc((size_t)c->n_bytes + 16, sizeof *begins);
    uint32_t *const leads = calloc((size_t)c->n_bytes + 16, sizeof *leads);
    for (uint32_t off = 0, n; off < end && begins && leads; off += n) {
        begins[off] = true;
        n = read_insn(c->bytes + off, off, &leads[off]);
        if (!CHECK(n && off + n <= end))
            break;
    }
    for (uint32_t off = 0; off < end && begins && leads; off++)
        if (leads[off])
            CHECK(leads[off] < end ? begins[leads[off]]
                                   : leads[off] % 8 == 0 && leads[off] < c->n_bytes);
    for (uint32_t off = (end + 7) & ~7U; off < c->n_bytes; off += 8)
        fprintf(out, "%5u  pool %#llx\n", (unsigned)off,
                (unsigned long long)number(c->bytes + off, 8));
    free(begins);
    free(leads);
}

static void compile(unsigned i) {
    static const struct jit_map map = {.handle = UINT64_C(0x200000002000)};
    static const uint64_t helpers[] = {[7] = 0x7000};
    struct prog p = {.type = PROG_raw};
    struct diag d = {.pc = -1};
    struct jit_code code;
    const struct jit_options opt = {.opt = programs[i].opt,
                                    .blind = programs[i].blind,
                                    .fuel = programs[i].fuel,
                                    .trusted = !programs[i].fuel};
    struct jit_bind bind = {.maps = &map,
                            .n_maps = 1,
                            .helpers = helpers,
                            .n_helpers = sizeof helpers / sizeof helpers[0],
                            .exit_addr = 0xe000,
                            .frame_stride = 576,
                            .max_frames = 8};
    for (uint64_t t = 0; t < N_JIT_THUNKS; t++)
        bind.thunks[t] = 0xf000 + t;
    check_note(programs[i].title);
    fprintf(out, "%s# %s\n", i ? "\n" : "", programs[i].title);
    enum bpflab_err err =
        asm_parse(programs[i].text, strlen(programs[i].text), NULL, &p.insns, &p.n_insns, &d);
    if (!err)
        err = jit_compile(&p, jit_target("stub"), &opt, &bind, 0x400000, &code, &d);
    if (CHECK_EQ(err, BPFLAB_OK)) {
        read_code(&code);
        jit_code_fini(&code);
    } else {
        printf("    %s\n", d.text);
    }
    free(p.insns);
}

int main(int argc, char **argv) {
    char *text = NULL, *golden = NULL;
    size_t n = 0, n_golden = 0;
    const bool bless = argc == 3 && !strcmp(argv[2], "--bless");
    if (argc != 2 && !bless)
        return 2;
    out = open_memstream(&text, &n);
    for (unsigned i = 0; i < sizeof programs / sizeof programs[0]; i++)
        compile(i);
    fclose(out);
    FILE *const f = fopen(argv[1], bless ? "w" : "r");
    if (f && bless)
        CHECK(fwrite(text, 1, n, f) == n);
    else if (f)
        n_golden = getdelim(&golden, &(size_t){0}, 0, f) < 0 ? 0 : strlen(golden);
    CHECK(f != NULL);
    if (f)
        fclose(f);
    if (!bless && !CHECK(n == n_golden && !memcmp(text, golden, n)))
        printf("%s    (jit_stub_test %s --bless writes this)\n", text, argv[1]);
    free(text);
    free(golden);
    return check_end();
}
