/* asm_forms_test.c: every form of either syntax against the exact words, written down by hand
 * from RFC 9669 and held
 * against llvm-mc where it knows the form (asm_llvm_test.c).
 */
#include "isa/tests/asm_util.h"
#include "tests/check.h"

/* A word reads imm, off, src, dst, code from left to right. */
struct form {
    const char *text;
    uint64_t words[3];
    unsigned n;
};
#define ONE(text, word)      {text, {UINT64_C(word)}, 1}
#define TWO(text, lo, hi)    {text, {UINT64_C(lo), UINT64_C(hi)}, 2}
#define THREE(text, a, b, c) {text, {UINT64_C(a), UINT64_C(b), UINT64_C(c)}, 3}

/* clang-format off */
static const struct form kernel_forms[] = {
    ONE("r0 += r1",                                  0x000000000000100f),
    ONE("r0 += 5",                                   0x0000000500000007),
    ONE("r0 += -8",                                  0xfffffff800000007),
    ONE("w0 = w1",                                   0x00000000000010bc),
    ONE("w3 -= 0xffffffff",                          0xffffffff00000314),
    ONE("r1 = 5",                                    0x00000005000001b7),
    ONE("r1=-1",                                     0xffffffff000001b7),
    ONE("r1 = +7",                                   0x00000007000001b7),
    ONE("r1 = -0x80000000",                          0x80000000000001b7),
    ONE("r1 = 2147483647",                           0x7fffffff000001b7),
    ONE("%r1 = %r2",                                 0x00000000000021bf),
    ONE("r1 = (s8)r2",                               0x00000000000821bf),
    ONE("r1 = (s32) r2",                             0x00000000002021bf),
    ONE("w1 = (s16)w2",                              0x00000000001021bc),
    ONE("r1 = -r1",                                  0x0000000000000187),
    ONE("w1 = -w1",                                  0x0000000000000184),
    ONE("r1 = be16 r1",                              0x00000010000001dc),
    ONE("r1 = le64 r1",                              0x00000040000001d4),
    ONE("r1 = bswap32 r1",                           0x00000020000001d7),
    ONE("r0 s/= r1",                                 0x000000000001103f),
    ONE("w0 s%= 3",                                  0x0000000300010094),
    ONE("r9 s>>= 63",                                0x0000003f000009c7),
    ONE("w9 <<= w10",                                0x000000000000a96c),
    ONE("r2 >>= 1",                                  0x0000000100000277),
    ONE("r2 |= r3",                                  0x000000000000324f),
    ONE("r2 &= -4",                                  0xfffffffc00000257),
    ONE("r2 ^= 1",                                   0x00000001000002a7),
    ONE("r2 *= 3",                                   0x0000000300000227),
    ONE("r2 /= 3",                                   0x0000000300000237),
    ONE("r2 %= r3",                                  0x000000000000329f),
    ONE("r2%=%r3",                                   0x000000000000329f),
    ONE("*(u32 *)(r1 + 4) = r2",                     0x0000000000042163),
    ONE("*(u32 *)(r1 + 4) = w2",                     0x0000000000042163),
    ONE("*(u8*)(r1+0)=w2",                           0x0000000000002173),
    ONE("*(u16 *)(r1 -2) = r2",                      0x00000000fffe216b),
    ONE("*(u64 *)(r10 - 8) = 5",                     0x00000005fff80a7a),
    ONE("*(u8 *)(r10) = -1",                         0xffffffff00000a72),
    ONE("r2 = *(s16 *)(r1 + 0)",                     0x0000000000001289),
    ONE("r2 = *(s32 *)(r1 + 32767)",                 0x000000007fff1281),
    ONE("w2 = *(u8 *)(r1 - 32768)",                  0x0000000080001271),
    ONE("r2 = *(u64 *)(r1 +0)",                      0x0000000000001279),
    ONE("if w1 s> 3 goto +2",                        0x0000000300020166),
    ONE("if r1 == 0x3 goto pc+2",                    0x0000000300020115),
    ONE("if r1 != r2 goto pc-2",                     0x00000000fffe215d),
    ONE("if r1 & 7 goto +0",                         0x0000000700000145),
    ONE("if r1 s<= -5 goto +1",                      0xfffffffb000101d5),
    ONE("if r1<-5 goto -1",                          0xfffffffbffff01a5),
    ONE("if w1 >= w2 goto +0x10",                    0x000000000010213e),
    ONE("if r1 > 1 goto 3",                          0x0000000100030125),
    ONE("if r1 <= r2 goto +1",                       0x00000000000121bd),
    ONE("if r1 s< r2 goto +1",                       0x00000000000121cd),
    ONE("if r1 s>= r2 goto +1",                      0x000000000001217d),
    ONE("goto +5",                                   0x0000000000050005),
    ONE("goto pc-1",                                 0x00000000ffff0005),
    ONE("goto +0x5 <LBB0_2+0x10>",                   0x0000000000050005),
    ONE("gotol +100000",                             0x000186a000000006),
    ONE("gotol pc-100000",                           0xfffe796000000006),
    ONE("may_goto +3",                               0x00000000000300e5),
    ONE("may_goto pc+3",                             0x00000000000300e5),
    ONE("gotox r1",                                  0x000000000000010d),
    ONE("lock *(u64 *)(r1 + 0) += r2",               0x00000000000021db),
    ONE("lock *(u32 *)(r1 + 4) |= w2",               0x00000040000421c3),
    ONE("lock *(u32 *)(r1 +4) &= r2",                0x00000050000421c3),
    ONE("lock *(u64 *)(r1 +4) ^= r2",                0x000000a0000421db),
    ONE("r2 = atomic_fetch_add((u64 *)(r1 + 0), r2)", 0x00000001000021db),
    ONE("w2 = atomic_fetch_or((u32 *)(r1+0), w2)",   0x00000041000021c3),
    ONE("r2 = atomic_fetch_and((u32 *)(r1+0), r2)",  0x00000051000021c3),
    ONE("r2 = atomic64_fetch_xor((u64 *)(r1 +8), r2)", 0x000000a1000821db),
    ONE("r2 = xchg_64(r1 + 0, r2)",                  0x000000e1000021db),
    ONE("w2 = xchg32_32(r1 - 4, w2)",                0x000000e1fffc21c3),
    ONE("r2 = atomic64_xchg((u64 *)(r1 +0), r2)",    0x000000e1000021db),
    ONE("r2 = atomic_xchg((u32 *)(r1 +0), r2)",      0x000000e1000021c3),
    ONE("r0 = cmpxchg_64(r1 + 0, r0, r2)",           0x000000f1000021db),
    ONE("w0 = cmpxchg32_32(r1 + 0, w0, w2)",         0x000000f1000021c3),
    ONE("r0 = atomic64_cmpxchg((u64 *)(r1 +0), r0, r2)", 0x000000f1000021db),
    ONE("r0 = atomic_cmpxchg((u32 *)(r1 +0), r0, r2)", 0x000000f1000021c3),
    ONE("r0 = load_acquire((u64 *)(r1 + 0))",        0x00000100000010db),
    ONE("w0 = load_acquire((u8 *)(r1 + 1))",         0x00000100000110d3),
    ONE("r0 = load_acquire((u16 *)(r1 + 1))",        0x00000100000110cb),
    ONE("store_release((u64 *)(r1 + 0), r2)",        0x00000110000021db),
    ONE("store_release((u32 *)(r1 - 4), w2)",        0x00000110fffc21c3),
    ONE("call 5",                                    0x0000000500000085),
    ONE("call 0x5",                                  0x0000000500000085),
    ONE("call bpf_map_lookup_elem",                  0x0000000100000085),
    ONE("call bpf_map_lookup_elem#1",                0x0000000100000085),
    ONE("call unknown#195896080",                    0x0bad231000000085),
    ONE("call bpf_obj_new_impl#54321",               0x0000d43100002085),
    ONE("call pc+3",                                 0x0000000300001085),
    ONE("call -1",                                   0xffffffff00001085),
    ONE("call local -1",                             0xffffffff00001085),
    ONE("call kfunc 77",                             0x0000004d00002085),
    ONE("call kfunc 77, 3",                          0x0000004d00032085),
    ONE("callx r1",                                  0x000000000000018d),
    ONE("callx 1",                                   0x000000010000008d),
    TWO("r1 = 0x1122334455667788 ll",                0x5566778800000118, 0x1122334400000000),
    TWO("r1 = 5ll",                                  0x0000000500000118, 0),
    TWO("r1 = -1 ll",                                0xffffffff00000118, 0xffffffff00000000),
    TWO("r1 = 18446744073709551615 ll",              0xffffffff00000118, 0xffffffff00000000),
    TWO("r1 = -9223372036854775808 ll",              0x0000000000000118, 0x8000000000000000),
    TWO("r1 = map_fd(5) ll",                         0x0000000500001118, 0),
    TWO("r1 = map_value(5, 8) ll",                   0x0000000500002118, 0x0000000800000000),
    TWO("r1 = map_value(5) ll",                      0x0000000500002118, 0),
    TWO("r1 = var(70, 1) ll",                        0x0000004600003118, 0x0000000100000000),
    TWO("r1 = code(+4) ll",                          0x0000000400004118, 0),
    TWO("r1 = map_idx(-1) ll",                       0xffffffff00005118, 0),
    TWO("r1 = map_idx_value(2, 0xffffffff) ll",      0x0000000200006118, 0xffffffff00000000),
    TWO("ld_pseudo r1, 0x2, 0x800000005",            0x0000000500002118, 0x0000000800000000),
    ONE("r0 = *(u8 *)skb[23]",                       0x0000001700000030),
    ONE("r0 = *(u32 *)skb[-0x100000]",               0xfff0000000000020),
    ONE("r0 = *(u16 *)skb[r1 + 4]",                  0x0000000400001048),
    ONE("r0 = *(u16 *)skb[r1]",                      0x0000000000001048),
    ONE("r1 = addr_space_cast(r2, 0, 1)",            0x00000001000121bf),
    ONE("r1 = addr_space_cast(r2, 0x1, 0x0)",        0x00010000000121bf),
    ONE("exit",                                      0x0000000000000095),
    /* what a checker refuses, but text can say */
    ONE("r10 = 0",                                   0x0000000000000ab7),
    ONE("r1 <<= 64",                                 0x0000004000000167),
};

static const struct form ubpf_forms[] = {
    ONE("add %r1, 5",                0x0000000500000107),
    ONE("add r1, r2",                0x000000000000210f),
    ONE("add64 r1, r2",              0x000000000000210f),
    ONE("add32 %r1, %r2",            0x000000000000210c),
    ONE("mov %r0, 0xffffffff",       0xffffffff000000b7),
    ONE("mov32 %r0, -13",            0xfffffff3000000b4),
    ONE("sdiv %r0, %r1",             0x000000000001103f),
    ONE("smod32 %r0, -3",            0xfffffffd00010094),
    ONE("neg %r3",                   0x0000000000000387),
    ONE("neg32 %r3",                 0x0000000000000384),
    ONE("movsx832 %r0, %r1",         0x00000000000810bc),
    ONE("movsx3264 %r0, %r1",        0x00000000002010bf),
    ONE("le16 %r0",                  0x00000010000000d4),
    ONE("be64 %r0",                  0x00000040000000dc),
    ONE("swap16 %r0",                0x00000010000000d7),
    ONE("bswap64 %r0",               0x00000040000000d7),
    ONE("cast_kern %r1, %r2",        0x00000001000121bf),
    ONE("cast_user %r1, %r2",        0x00010000000121bf),
    ONE("ja +2",                     0x0000000000020005),
    ONE("ja -1",                     0x00000000ffff0005),
    ONE("ja32 +65536",               0x0001000000000006),
    ONE("jeq %r1, 3, +2",            0x0000000300020115),
    ONE("jeq32 %r1, %r2, -2",        0x00000000fffe211e),
    ONE("jslt %r1, 0xfffffffe, +1",  0xfffffffe000101c5),
    ONE("jset32 %r1, 0x8, +1",       0x0000000800010146),
    ONE("may_goto +3",               0x00000000000300e5),
    ONE("gotox %r3",                 0x000000000000030d),
    ONE("ldxb %r0, [%r1]",           0x0000000000001071),
    ONE("ldxh %r0, [%r1+2]",         0x0000000000021069),
    ONE("ldxw %r0, [%r1 + 0x1]",     0x0000000000011061),
    ONE("ldxdw %r0, [%r10-8]",       0x00000000fff8a079),
    ONE("ldxsw %r0, [r10-4]",        0x00000000fffca081),
    ONE("stb [%r1+2], 0x11",         0x0000001100020172),
    ONE("stdw [%r10-16], -1",        0xfffffffffff00a7a),
    ONE("stxw [%r1+2], %r2",         0x0000000000022163),
    ONE("lock add [%r10-8], %r1",    0x00000000fff81adb),
    ONE("lock fetch add32 [%r10-8], %r1", 0x00000001fff81ac3),
    ONE("lock fetch xor [%r10-8], %r1", 0x000000a1fff81adb),
    ONE("lock xchg32 [%r10-8], %r1", 0x000000e1fff81ac3),
    ONE("lock cmpxchg [%r10-8], %r1", 0x000000f1fff81adb),
    ONE("load_acquire %r0, [%r1+8]", 0x00000100000810db),
    ONE("load_acquire16 %r0, [%r1]", 0x00000100000010cb),
    ONE("store_release8 [%r1], %r2", 0x00000110000021d3),
    ONE("store_release32 [%r1+4], %r2", 0x00000110000421c3),
    ONE("call 5",                    0x0000000500000085),
    ONE("call helper 5",             0x0000000500000085),
    ONE("call runtime 5",            0x0000000500002085),
    ONE("call local +3",             0x0000000300001085),
    ONE("call %r2",                  0x000000000000028d),
    ONE("callx %r2",                 0x000000000000028d),
    ONE("exit",                      0x0000000000000095),
    ONE("ldabsb 0x17",               0x0000001700000030),
    ONE("ldindw %r7, -4",            0xfffffffc00007040),
    TWO("lddw %r1, 0x1122334455667788", 0x5566778800000118, 0x1122334400000000),
    TWO("lddw %r0, 2147483648",      0x8000000000000018, 0),
    TWO("lddw %r0, -2",              0xfffffffe00000018, 0xffffffff00000000),
    TWO("lddw_map_fd %r1, 5",        0x0000000500001118, 0),
    TWO("lddw_map_value %r1, 5, 8",  0x0000000500002118, 0x0000000800000000),
    TWO("lddw_var %r1, 70, 1",       0x0000004600003118, 0x0000000100000000),
    TWO("lddw_code %r1, +4",         0x0000000400004118, 0),
    TWO("lddw_map_idx %r1, 5",       0x0000000500005118, 0),
    TWO("lddw_map_idx_value %r1, 5", 0x0000000500006118, 0),
};

static const struct form text_forms[] = {
    {"", {0}, 0},
    {" \t\r\n\n ; ;; # nothing\n// nothing\n/* no\nthing */", {0}, 0},
    ONE(".word 0x1122334455667788",  0x1122334455667788),
    TWO(".8byte 1, 0x18",            1, 0x18),
    ONE(".quad -1",                  0xffffffffffffffff),
    TWO("exit;exit",                 0x95, 0x95),
    TWO("exit#c;exit\n exit // ; exit", 0x95, 0x95),
    TWO("exit /* ;\n exit; */ ;exit", 0x95, 0x95),
    ONE("r1 /* a */ = /**/ 5 # b",   0x00000005000001b7),
    TWO("mov %r1, 5\nr1 = 5",        0x00000005000001b7, 0x00000005000001b7),
    /* labels */
    TWO("a: goto a; b: goto b",      0x00000000ffff0005, 0x00000000ffff0005),
    TWO("ja b\nb: exit",             0x0000000000000005, 0x95),
    TWO("ja end\nexit\nend:",        0x0000000000010005, 0x95),
    THREE("goto .Lx_1$\nr1 = 5 ll\n.Lx_1$:", 0x0000000000020005, 0x0000000500000118, 0),
    THREE("a: b: lddw %r1, 5\nif r1 == 1 goto b", 0x0000000500000118, 0, 0x00000001fffd0115),
    THREE("gotol f; exit; f: ja32 f", 0x0000000100000006, 0x95, 0xffffffff00000006),
    THREE("call f; call local f; f: exit", 0x0000000100001085, 0x0000000000001085, 0x95),
    THREE("r1 = f ll\nf: exit",      0x0000000100004118, 0, 0x95),
    THREE("f: r1 = code(f) ll; exit", 0xffffffff00004118, 0, 0x95),
    THREE("lddw_code %r1, f\nf: exit", 0x0000000100004118, 0, 0x95),
    THREE("1: goto 1b; goto 1f; 1: exit", 0x00000000ffff0005, 0x0000000000000005, 0x95),
    THREE("0: exit; 0: goto 0b; exit", 0x95, 0x00000000ffff0005, 0x95),
    THREE("jeq %r1, 0, exit\nexit\nexit", 0x0000000000000115, 0x95, 0x95),
    THREE("exit\nexit: ja exit; exit", 0x95, 0x00000000ffff0005, 0x95),
    THREE("call local; call kfunc\nlocal: kfunc: exit", 0x0000000100001085, 0x0000000000001085, 0x95),
    TWO("call runtime\nruntime: exit", 0x0000000000001085, 0x95),
    TWO("call helper\nhelper: exit",  0x0000000000001085, 0x95),
    /* a label goes before a helper of the same name */
    TWO("call bpf_map_lookup_elem; bpf_map_lookup_elem: exit", 0x0000000000001085, 0x95),
    /* listings */
    TWO("; 5: not code\n 12: (b7) r1 = 5   ; R1_w=5\n13: (95) exit", 0x00000005000001b7, 0x95),
    THREE("0: (b7) r1 = 5 ; R1=5\nexit; exit", 0x00000005000001b7, 0x95, 0x95),
    TWO("0: (18) r1 = 0x5     ; R1_w=5", 0x0000000500000118, 0),
    TWO("0: (18) r1 = 0xffff888103a59000", 0x03a5900000000118, 0xffff888100000000),
    ONE("   0:\tb7 01 00 00 05 00 00 00\tr1 = 0x5", 0x00000005000001b7),
    TWO("       0:\t18 01 00 00 05 00 00 00 00 00 00 00 00 00 00 00\tr1 = 0x5 ll", 0x0000000500000118, 0),
    ONE("4:\t85 10 00 00 03 00 00 00\tcall 0x3", 0x0000000300001085),
    ONE("4:\t85 01 00 00 00 00 00 03\tcall 0x3", 0x0000000300001085),
    ONE("5:\t85 20 00 00 d2 04 00 00\tcall 0x4d2", 0x000004d200002085),
    ONE("5:\t85 00 00 00 d2 04 00 00\tcall 0x4d2", 0x000004d200000085),
    TWO("0000000000000000 <f>:\n 0: r1 = 5\n 1: goto -0x2 <f>", 0x00000005000001b7, 0x00000000fffe0005),
    TWO("0000000000000000 <f>:\n exit\n goto f", 0x95, 0x00000000fffe0005),
};
/* clang-format on */

static void check_forms(const struct form *forms, size_t n) {
    for (size_t i = 0; i < n; i++) {
        struct insn *insns = NULL;
        uint32_t n_insns = 0;
        struct diag d = {0};
        char message[512];
        check_note(forms[i].text);
        const enum bpflab_err err =
            parse_exact(forms[i].text, strlen(forms[i].text), &insns, &n_insns, &d);
        if (err)
            puts(diag_format(&d, message, sizeof message));
        if (CHECK_EQ(err, BPFLAB_OK) && CHECK(insns) && CHECK_EQ(n_insns, forms[i].n))
            for (unsigned k = 0; k < n_insns; k++)
                CHECK_EQ(slot_word(insns[k]), forms[i].words[k]);
        free(insns);
    }
    check_note(NULL);
}

/* Every row is written in both tables, so that a row without a hand-checked word does not go
 * unnoticed. */
static void print_forms(void) {
    static const struct {
        uint64_t lo, hi;
        const char *kernel, *ubpf;
    } forms[] = {
        {0x100f, 0, "r0 += r1", "add %r0, %r1"},
        {0xfffffff800000004, 0, "w0 += -8", "add32 %r0, -8"},
        {0x00010000000001b7, 0, "r1 = 0x10000", "mov %r1, 0x10000"},
        {0x80000000000001b7, 0, "r1 = -0x80000000", "mov %r1, -0x80000000"},
        {0x00000000000821bf, 0, "r1 = (s8)r2", "movsx864 %r1, %r2"},
        {0x0000000000000184, 0, "w1 = -w1", "neg32 %r1"},
        {0x00000020000001d7, 0, "r1 = bswap32 r1", "swap32 %r1"},
        {0x00000001000121bf, 0, "r1 = addr_space_cast(r2, 0, 1)", "cast_kern %r1, %r2"},
        {0x0000000300020166, 0, "if w1 s> 3 goto +2", "jsgt32 %r1, 3, +2"},
        {0x00000000ffff0005, 0, "goto -1", "ja -1"},
        {0x0001000000000006, 0, "gotol +65536", "ja32 +65536"},
        {0x00000000000300e5, 0, "may_goto +3", "may_goto +3"},
        {0x000000000000030d, 0, "gotox r3", "gotox %r3"},
        {0x00000000fff8a279, 0, "r2 = *(u64 *)(r10 - 8)", "ldxdw %r2, [%r10-8]"},
        {0x0000000000001289, 0, "r2 = *(s16 *)(r1 + 0)", "ldxsh %r2, [%r1]"},
        {0x0000000000042163, 0, "*(u32 *)(r1 + 4) = r2", "stxw [%r1+4], %r2"},
        {0x00000005fff80a7a, 0, "*(u64 *)(r10 - 8) = 5", "stdw [%r10-8], 5"},
        {0x0000001700000030, 0, "r0 = *(u8 *)skb[23]", "ldabsb 23"},
        {0x8000000000001048, 0, "r0 = *(u16 *)skb[r1 - 2147483648]", "ldindh %r1, -0x80000000"},
        {0x00000000000021c3, 0, "lock *(u32 *)(r1 + 0) += w2", "lock add32 [%r1], %r2"},
        {0x00000041000021db, 0, "r2 = atomic_fetch_or((u64 *)(r1 + 0), r2)",
         "lock fetch or [%r1], %r2"},
        {0x000000e1fffc21c3, 0, "w2 = xchg32_32(r1 - 4, w2)", "lock xchg32 [%r1-4], %r2"},
        {0x000000f1000021db, 0, "r0 = cmpxchg_64(r1 + 0, r0, r2)", "lock cmpxchg [%r1], %r2"},
        {0x00000100000010db, 0, "r0 = load_acquire((u64 *)(r1 + 0))", "load_acquire %r0, [%r1]"},
        {0x00000110000021d3, 0, "store_release((u8 *)(r1 + 0), w2)", "store_release8 [%r1], %r2"},
        {0x0000000500000085, 0, "call 5", "call 5"},
        {0x0000000100000085, 0, "call bpf_map_lookup_elem", "call bpf_map_lookup_elem"},
        {0xffffffff00000085, 0, "call 0xffffffff", "call 0xffffffff"},
        {0x000000d400000085, 0, "call 212", "call 212"}, /* a name too long to read back */
        {0x0000000300001085, 0, "call pc+3", "call local +3"},
        {0x0000004d00032085, 0, "call kfunc 77, 3", "call kfunc 77, 3"},
        {0x000000000000028d, 0, "callx r2", "callx %r2"},
        {0x000000020000008d, 0, "callx 2", "callx 2"},
        {0x0000000000000095, 0, "exit", "exit"},
        {0x5566778800000118, 0x1122334400000000, "r1 = 0x1122334455667788 ll",
         "lddw %r1, 0x1122334455667788"},
        {0x0000000500002118, 0x0000000800000000, "r1 = map_value(5, 8) ll",
         "lddw_map_value %r1, 5, 8"},
        {0x0000000400004118, 0, "r1 = code(+4) ll", "lddw_code %r1, +4"},
        {0x0000000500005118, 0, "r1 = map_idx(5) ll", "lddw_map_idx %r1, 5"},
        /* invalid, but sayable; and not sayable */
        {0x0000000000000ab7, 0, "r10 = 0", "mov %r10, 0"},
        {0x0000000000000bb7, 0, ".word 0x0000000000000bb7", ".word 0x0000000000000bb7"},
        {0x00000001000010bf, 0, ".word 0x00000001000010bf", ".word 0x00000001000010bf"},
        {0x0000000000000118, 0x95, ".word 0x0000000000000118, 0x0000000000000095",
         ".word 0x0000000000000118, 0x0000000000000095"},
    };
    for (size_t i = 0; i < sizeof forms / sizeof *forms; i++) {
        const struct insn in = word_slot(forms[i].lo), next = word_slot(forms[i].hi);
        char text[ASM_LINE_MAX];
        asm_print(in, &next, ASM_KERNEL, &test_names, text);
        CHECK_STR(text, forms[i].kernel);
        asm_print(in, &next, ASM_UBPF, &test_names, text);
        CHECK_STR(text, forms[i].ubpf);
    }
}

/* A row that no form above writes down would be a row nobody has checked by hand. */
static void count_rows(const struct form *forms, size_t n, bool seen[N_OPS]) {
    for (size_t i = 0; i < n; i++)
        for (unsigned k = 0; k < forms[i].n; k += insn_slots(word_slot(forms[i].words[k])))
            if (op_of(word_slot(forms[i].words[k])) != OP_INVALID)
                seen[op_of(word_slot(forms[i].words[k]))] = true;
}

/* The names may be missing, wholly or in part. */
static void without_names(void) {
    static const struct asm_names none = {NULL, NULL};
    struct insn *insns = NULL;
    uint32_t n = 0;
    struct diag d;
    CHECK_EQ(asm_parse("call f#7", 8, NULL, &insns, &n, NULL), BPFLAB_OK);
    CHECK(n == 1 && slot_word(insns[0]) == 0x700000085);
    free(insns);
    CHECK_EQ(asm_parse("call f", 6, &none, &insns, &n, &d), BPFLAB_E_UNDEFINED);
    CHECK_EQ(asm_parse("call f", 6, NULL, &insns, &n, NULL), BPFLAB_E_UNDEFINED);
    char text[ASM_LINE_MAX];
    asm_print(word_slot(0x100000085), NULL, ASM_KERNEL, &none, text);
    CHECK_STR(text, "call 1");
}

#define COUNT(a) (sizeof(a) / sizeof *(a))

int main(void) {
    check_forms(kernel_forms, COUNT(kernel_forms));
    check_forms(ubpf_forms, COUNT(ubpf_forms));
    check_forms(text_forms, COUNT(text_forms));
    print_forms();
    without_names();
    bool seen[N_OPS] = {false};
    bool classes[CLASS_EXIT + 1] = {false}, written[CLASS_EXIT + 1] = {false};
    count_rows(kernel_forms, COUNT(kernel_forms), seen);
    for (int op = 0; op < N_OPS; op++)
        if (seen[op])
            classes[op_table[op].cls] = true;
    memset(seen, 0, sizeof seen);
    count_rows(ubpf_forms, COUNT(ubpf_forms), seen);
    for (int op = 0; op < N_OPS; op++)
        if (seen[op])
            written[op_table[op].cls] = true;
    for (int cls = 0; cls <= CLASS_EXIT; cls++)
        CHECK(classes[cls] && written[cls]);
    return check_end();
}
