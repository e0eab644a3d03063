/* guard_test.c: which programs' accesses look where they lead before they are made: told by the
 * cold parts of the code, for targets of both byte orders.
 */
#include <stdlib.h>

#include "isa/asm.h"
#include "jit/arch.h"
#include "runtime/proto.h"
#include "tests/check.h"

static const struct {
    uint32_t type;
    bool little, big; /* guarded on machines of that byte order? */
} cases[] = {
    {PROG_raw, false, false},
    {PROG_kprobe, false, false},
    {PROG_xdp, true, true},
    {PROG_sched_cls, true, true},
    /* nothing but a port in their sockets, which the padding behind it follows */
    {PROG_sk_msg, false, true},
    {PROG_sk_reuseport, false, true},
    {PROG_sock_ops, false, true},
    {PROG_cgroup_sockopt, false, true},
};

static uint32_t cold_parts(const struct jit_arch *a, const struct prog *p) {
    const struct jit_bind bind = {.exit_addr = 0x10000, .frame_stride = 576, .max_frames = 8};
    const struct jit_options o = {.opt = 1};
    struct jit_code code = {0};
    struct diag d = {0};
    CHECK_EQ(jit_compile(p, a, &o, &bind, 0x20000, &code, &d), BPFLAB_OK);
    const uint32_t n = code.n_colds;
    jit_code_fini(&code);
    return n;
}

int main(void) {
    static const char text[] = "r0 = *(u32 *)(r2 + 48)\nexit";
    struct insn *insns;
    struct prog p;
    struct diag d = {0};
    uint32_t n;
    if (!CHECK_EQ(asm_parse(text, strlen(text), NULL, &insns, &n, &d), BPFLAB_OK) ||
        !CHECK_EQ(prog_init_insns(&p, insns, n), BPFLAB_OK))
        return check_end();
    for (unsigned t = 0; jit_target_at(t); t++) {
        const struct jit_arch *const a = jit_target_at(t);
        check_note(a->name);
        for (size_t i = 0; i < sizeof cases / sizeof *cases && a->alu; i++) {
            p.type = cases[i].type;
            CHECK_EQ(cold_parts(a, &p) > 0, a->big_endian ? cases[i].big : cases[i].little);
        }
    }
    free(insns);
    prog_fini(&p);
    return check_end();
}
