/* core_fixture.h: a local and a target BTF made in the test, and one-line checks of a relocation.
 */
#ifndef BPFLAB_LOADER_TESTS_CORE_FIXTURE_H
#define BPFLAB_LOADER_TESTS_CORE_FIXTURE_H

#include "isa/tests/btf_build.h"
#include "loader/core.h"
#include "tests/check.h"

struct fixture {
    struct btf *local;
    uint8_t *bytes; /* of the target */
    struct core_target *target;
    struct core *core;
};

static inline bool fixture_init(struct fixture *f, const struct btf_build *local,
                                const struct btf_build *target) {
    size_t size;
    *f = (struct fixture){.local = build_parse(local, NULL), .bytes = build_bytes(target, &size)};
    struct core_source s = {.bytes = f->bytes, .size_bytes = size};
    return CHECK(f->local) && CHECK_EQ(core_target_new(&s, &f->target), BPFLAB_OK) &&
           CHECK_EQ(core_new(f->local, f->target, &f->core), BPFLAB_OK);
}

static inline void fixture_fini(struct fixture *f) {
    core_free(f->core);
    core_target_free(f->target);
    btf_free(f->local);
    free(f->bytes);
}

static inline bool insn_same(struct insn a, struct insn b) {
    return a.code == b.code && a.dst == b.dst && a.src == b.src && a.off == b.off && a.imm == b.imm;
}

/* apply: relocate in[0..n); in and res are for the caller to look at. */
static inline enum bpflab_err apply(const struct fixture *f, uint32_t kind, uint32_t type,
                                    const char *access, struct insn *in, uint32_t n,
                                    struct core_result *res) {
    struct core_reloc r = {.type_id = type, .kind = kind, .access = access};
    struct insn before[2] = {in[0], n > 1 ? in[1] : (struct insn){0}};
    struct diag d = {0};
    enum bpflab_err err = core_apply(f->core, &r, in, n, res, &d);
    if (err) { /* an error says why and changes nothing */
        CHECK_EQ(d.err, err);
        CHECK(d.text[0] != 0);
        CHECK(n == 0 || insn_same(before[0], in[0]));
        CHECK(n < 2 || insn_same(before[1], in[1]));
    } else {
        CHECK((res->outcome == CORE_APPLIED) == (res->text[0] == 0));
    }
    return err;
}

static inline void at_line(int line, uint32_t kind, const char *access, bool ok) {
    if (!ok)
        printf("    from line %d: %s %s\n", line, core_kind_name(kind), access);
}

/* r1 = imm */
static inline void mov(const struct fixture *f, uint32_t kind, uint32_t type, const char *access,
                       int32_t old, int32_t want, int line) {
    struct insn in = {.code = 0xb7, .dst = 1, .imm = old};
    struct core_result res = {.outcome = CORE_POISONED};
    bool ok = CHECK_EQ(apply(f, kind, type, access, &in, 1, &res), BPFLAB_OK) &&
              CHECK_EQ(res.outcome, CORE_APPLIED) && CHECK_EQ(in.imm, want) &&
              CHECK_EQ(in.code, 0xb7) && CHECK_EQ(in.dst, 1) && CHECK_EQ(in.off, 0) &&
              CHECK_EQ(res.new_value, (int64_t)want);
    at_line(line, kind, access, ok);
}

/* r1 = imm64 */
static inline void mov64(const struct fixture *f, uint32_t kind, uint32_t type, const char *access,
                         uint64_t old, uint64_t want, int line) {
    struct insn in[2] = {{.code = 0x18, .dst = 1, .imm = (int32_t)(uint32_t)old},
                         {.imm = (int32_t)(uint32_t)(old >> 32)}};
    struct core_result res = {.outcome = CORE_POISONED};
    bool ok = CHECK_EQ(apply(f, kind, type, access, in, 2, &res), BPFLAB_OK) &&
              CHECK_EQ(res.outcome, CORE_APPLIED) && CHECK_EQ(insn_imm64(in[0], in[1]), want) &&
              CHECK_EQ(in[0].code, 0x18) && CHECK_EQ(in[1].code, 0);
    at_line(line, kind, access, ok);
}

/* a memory instruction of any code: its offset and its code change */
static inline void mem(const struct fixture *f, uint32_t type, const char *access, uint8_t code,
                       int16_t off, uint8_t want_code, int16_t want_off, int line) {
    int32_t imm = code >> 5 == 6 ? 0 : 7; /* 0: an atomic addition */
    struct insn in = {.code = code, .dst = 1, .src = 2, .off = off, .imm = imm};
    struct core_result res = {.outcome = CORE_POISONED};
    bool ok = CHECK_EQ(apply(f, CORE_FIELD_BYTE_OFFSET, type, access, &in, 1, &res), BPFLAB_OK) &&
              CHECK_EQ(res.outcome, CORE_APPLIED) && CHECK_EQ(in.off, want_off) &&
              CHECK_EQ(in.code, want_code) && CHECK_EQ(in.imm, imm) && CHECK_EQ(in.src, 2);
    at_line(line, CORE_FIELD_BYTE_OFFSET, access, ok);
}

/* poisoned: this instruction becomes the invalid call, and the report says why. */
static inline void poisoned(const struct fixture *f, uint32_t kind, uint32_t type,
                            const char *access, struct insn first, const char *why, int line) {
    struct insn in[2] = {first, {.imm = 0}};
    bool wide = first.code == 0x18;
    struct core_result res = {.outcome = CORE_APPLIED};
    bool ok = CHECK_EQ(apply(f, kind, type, access, in, wide ? 2 : 1, &res), BPFLAB_OK) &&
              CHECK_EQ(res.outcome, CORE_POISONED) &&
              CHECK(insn_same(in[0], (struct insn){.code = 0x85, .imm = 195896080})) &&
              CHECK(!wide || insn_same(in[1], in[0])) && CHECK(strstr(res.text, why) != NULL) &&
              CHECK(strstr(res.text, access) != NULL) &&
              CHECK(strstr(res.text, core_kind_name(kind)) != NULL);
    if (!ok)
        printf("    %s\n", res.text);
    at_line(line, kind, access, ok);
}

/* refused: an error of this kind. */
static inline void refused(const struct fixture *f, uint32_t kind, uint32_t type,
                           const char *access, struct insn first, uint32_t n, enum bpflab_err want,
                           int line) {
    struct insn in[2] = {first, {.imm = 0}};
    struct core_result res;
    at_line(line, kind, access, CHECK_EQ(apply(f, kind, type, access, in, n, &res), want));
}

#define MOV(f, kind, type, access, old, want)   mov(f, kind, type, access, old, want, __LINE__)
#define MOV64(f, kind, type, access, old, want) mov64(f, kind, type, access, old, want, __LINE__)
#define MEM(f, type, access, code, off, want_code, want_off)                                       \
    mem(f, type, access, code, off, want_code, want_off, __LINE__)
#define POISONED(f, kind, type, access, insn, why)                                                 \
    poisoned(f, kind, type, access, insn, why, __LINE__)
#define REFUSED(f, kind, type, access, insn, n, err)                                               \
    refused(f, kind, type, access, insn, n, err, __LINE__)

#define INSN_MOV(value)   ((struct insn){.code = 0xb7, .dst = 1, .imm = (value)})
#define INSN_LDXW(at)     ((struct insn){.code = 0x61, .dst = 1, .src = 2, .off = (at)})
#define INSN_IMM64(value) ((struct insn){.code = 0x18, .dst = 1, .imm = (value)})

#endif
