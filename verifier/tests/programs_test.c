/* programs_test.c: whole programs: loops, callbacks, pruning with every kind of slot, references,
 * packets, limits of calls and stack. Each rejection stands beside the program that is accepted.
 */
#include "verifier/tests/btf_bed.h"
#include "verifier/tests/verify_bed.h"

#define COUNT(a) (sizeof(a) / sizeof *(a))

#define ANY     "r6 = r1\ncall bpf_get_prandom_u32\nr7 = r0\n" /* r6: context; r7: any u32 */
#define OUT     "out: r0 = 0\nexit"
#define LOOP(n) "r1 = " n "\nr2 = cb ll\nr3 = r10\nr4 = 0\ncall bpf_loop\n"
#define CB_END  "r0 = 0\nexit"
#define PACKET  "r2 = *(u32 *)(r1 + 76)\nr3 = *(u32 *)(r1 + 80)\n"
#define LOOKUP(m)                                                                                  \
    "*(u32 *)(r10 - 4) = 0\nr1 = map_idx(" m ") ll\nr2 = r10\nr2 += -4\n"                          \
    "call bpf_map_lookup_elem\n"

/* ---- loops that do not end, in both explorations ---- */

static const struct verify_case loops[] = {
    {.text = ANY "r8 = 0\nl: r8 += 1\nif r8 < 10 goto l\n" OUT, .explore = EXPLORE_BOTH},
    /* around a call that calls back, around an iterator's making: those bound nothing */
    {.text = ANY "l: " LOOP("3") "if r7 != 5 goto l\n" OUT "\ncb: " CB_END,
     .words = "infinite loop detected"},
    {.text = ANY "l: " LOOP("3") "if r7 != 5 goto l\n" OUT "\ncb: " CB_END,
     .words = "no counter",
     .explore = EXPLORE_FIXPOINT},
    {.text = ANY "*(u64 *)(r10 - 8) = 0\nl: *(u64 *)(r10 - 8) = 0\n" LOOP(
         "3") "if r7 != 5 goto l\n" OUT "\ncb: *(u64 *)(r2 - 8) = 1\n" CB_END,
     .words = "infinite loop detected"},
    {.text = ANY "r8 = 0\nl: " LOOP("3") "r8 += 1\nif r8 < 5 goto l\n" OUT "\ncb: " CB_END,
     .explore = EXPLORE_BOTH},
    /* a counter that wraps around at another of its steps */
    {.text = ANY "w8 = 0\nl: w8 += 1\nw8 += 0x7fffffff\nw8 += 0x7fffffff\nw8 += 1\n"
                 "if r7 != 5 goto l\n" OUT,
     .words = "no counter",
     .explore = EXPLORE_FIXPOINT},
    {.text = ANY "w8 = 0\nl: w8 -= 0x7fffffff\nw8 -= 0x7fffffff\nw8 -= 2\nif r7 != 5 goto l\n" OUT,
     .words = "no counter",
     .explore = EXPLORE_FIXPOINT},
    {.text = ANY "r8 = 0\nl: w8 += 1\nif r8 != 0 goto l\n" OUT,
     .words = "",
     .explore = EXPLORE_FIXPOINT},
    {.text = ANY "r8 = 0\nl: w8 += 1\nif r7 != 0 goto l\n" OUT,
     .words = "no counter",
     .explore = EXPLORE_FIXPOINT},
    {.text = ANY "r8 = 0\nl: r8 += 2\nif r8 != 7 goto l\n" OUT,
     .words = "no counter",
     .explore = EXPLORE_FIXPOINT},
    {.text = ANY "r8 = 10\nl: r8 -= 1\nif r8 s> 0 goto l\n" OUT, .explore = EXPLORE_BOTH},
    /* a counter that an outer loop sets back, that is set in the other arm, that a move resets */
    {.text = ANY "o: r8 = 0\nl: r8 += 1\nif r8 < 10 goto l\nif r7 != 5 goto o\n" OUT,
     .words = "no counter",
     .explore = EXPLORE_FIXPOINT},
    {.text = ANY "r8 = 0\nl: if r7 == 1 goto a\nr8 += 1\ngoto b\na: r8 = 0\nb: if r8 < 10 goto "
                 "l\n" OUT,
     .words = "no counter",
     .explore = EXPLORE_FIXPOINT},
    {.text = ANY "r8 = 0\nl: r8 += 1\nr9 = r8\nr8 = r9\nif r9 < 10 goto l\n" OUT,
     .words = "no counter",
     .explore = EXPLORE_FIXPOINT},
    {.text = ANY "r8 = 0\nr9 = 0\no: r9 += 1\nr8 = 0\nl: r8 += 1\nif r8 < 10 goto l\n"
                 "if r9 < 10 goto o\n" OUT,
     .explore = EXPLORE_BOTH},
    /* up and down */
    {.text = ANY "r8 = 0\nl: r8 += 1\nr8 += -1\nif r7 != 5 goto l\n" OUT,
     .words = "no counter",
     .explore = EXPLORE_FIXPOINT},
    /* entered in two places (irreducible) */
    {.text = ANY "r8 = 0\nif r7 == 1 goto b\na: r8 += 1\nif r8 >= 10 goto out\nb: r8 += 1\n"
                 "if r8 < 10 goto a\n" OUT,
     .explore = EXPLORE_BOTH},
    {.text = ANY "r8 = 0\nif r7 == 1 goto b\na: r9 = 1\nif r7 == 3 goto out\nb: r8 += 1\n"
                 "if r7 != 7 goto a\n" OUT,
     .words = "no counter",
     .explore = EXPLORE_FIXPOINT},
    /* a counter in memory that only a callee changes */
    {.text = ANY "*(u64 *)(r10 - 8) = 0\nl: r1 = r10\ncall local f\nr8 = *(u64 *)(r10 - 8)\n"
                 "if r8 < 10 goto l\n" OUT
                 "\nf: r2 = *(u64 *)(r1 - 8)\nr2 += 1\n*(u64 *)(r1 - 8) = r2\n" CB_END,
     .words = "no counter",
     .explore = EXPLORE_FIXPOINT},
    /* may_goto always jumps once its budget is spent */
    {.text = "r0 = 0\nl: may_goto l\nexit", .words = "no counter", .explore = EXPLORE_FIXPOINT},
    {.text = "r0 = 0\nl: may_goto l\nexit", .words = "infinite loop detected"},
    {.text = ANY "l: if r7 == 5 goto out\nmay_goto l\n" OUT,
     .words = "no counter",
     .explore = EXPLORE_FIXPOINT},
    {.text = "r7 = 0\nl: may_goto out\nr7 += 1\ngoto l\n" OUT, .explore = EXPLORE_BOTH},
};

/* ---- callbacks ---- */

static const struct verify_case callbacks[] = {
    {.text = "*(u64 *)(r10 - 8) = 4\n" LOOP("10") OUT "\ncb: " CB_END, .explore = EXPLORE_BOTH},
    /* what the callback leaves on the stack counts behind the call */
    {.text = "*(u64 *)(r10 - 8) = 4\n" LOOP("10") "r1 = r10\nr2 = *(u64 *)(r10 - 8)\nr1 += r2\n"
                                                  "*(u8 *)(r1 - 8) = 0\n" OUT
                                                  "\ncb: *(u64 *)(r2 - 8) = 200\n" CB_END,
     .words = "write to stack R1"},
    {.text = "*(u64 *)(r10 - 8) = 4\n" LOOP("10") "r1 = r10\nr2 = *(u64 *)(r10 - 8)\nr1 += r2\n"
                                                  "*(u8 *)(r1 - 8) = 0\n" OUT
                                                  "\ncb: *(u64 *)(r2 - 8) = 3\n" CB_END},
    /* and in the callback's next call */
    {.text = "*(u64 *)(r10 - 8) = 4\n" LOOP("10") OUT
     "\ncb: r3 = *(u64 *)(r2 - 8)\nr4 = r10\nr4 += r3\n*(u8 *)(r4 - 8) = 0\n"
     "*(u64 *)(r2 - 8) = 200\n" CB_END,
     .words = "write to stack R4"},
    {.text = "*(u64 *)(r10 - 16) = 4\n*(u64 *)(r10 - 8) = 4\n" LOOP("10") OUT
     "\ncb: r3 = *(u64 *)(r2 - 16)\nr4 = r10\nr4 += r3\n*(u8 *)(r4 - 8) = 0\n"
     "r3 = *(u64 *)(r2 - 8)\n*(u64 *)(r2 - 16) = r3\n*(u64 *)(r2 - 8) = 200\n" CB_END,
     .words = "math between fp pointer"},
    /* a pointer that the callback overwrites */
    {.text =
         "*(u64 *)(r10 - 8) = r10\n" LOOP("10") "r1 = *(u64 *)(r10 - 8)\n*(u8 *)(r1 - 1) = 0\n" OUT
                                                "\ncb: *(u64 *)(r2 - 8) = 5\n" CB_END,
     .words = "R1 invalid mem access 'scalar'"},
    /* nested */
    {.text = "*(u64 *)(r10 - 8) = 4\n" LOOP(
         "10") "r1 = r10\nr2 = *(u64 *)(r10 - 8)\nr1 += r2\n"
               "*(u8 *)(r1 - 8) = 0\n" OUT
               "\ncb: r3 = r2\nr1 = 3\nr2 = in ll\nr4 = 0\ncall bpf_loop\nr0 = 0\nexit\n"
               "in: *(u64 *)(r2 - 8) = 200\nr0 = 0\nexit",
     .words = "write to stack R1"},
    {.text = "*(u64 *)(r10 - 8) = 4\n" LOOP(
         "10") "r1 = r10\nr2 = *(u64 *)(r10 - 8)\nr1 += r2\n"
               "*(u8 *)(r1 - 8) = 0\n" OUT
               "\ncb: r3 = r2\nr1 = 3\nr2 = in ll\nr4 = 0\ncall bpf_loop\nr0 = 0\nexit\n"
               "in: *(u64 *)(r2 - 8) = 2\nr0 = 0\nexit"},
    {.text = LOOP("10") OUT "\ncb: r0 = 2\nexit", .words = "should have been in [0, 1]"},
    {.text = LOOP("10") OUT "\ncb: r0 = r10\nexit", .words = "cannot return stack pointer"},
    /* the values of a map */
    {.text = "r1 = map_idx(1) ll\nr2 = cb ll\nr3 = r10\nr4 = 0\ncall bpf_for_each_map_elem\n" OUT
             "\ncb: r0 = *(u8 *)(r3 + 63)\nr0 = *(u8 *)(r2 + 3)\n" CB_END},
    {.text = "r1 = map_idx(1) ll\nr2 = cb ll\nr3 = r10\nr4 = 0\ncall bpf_for_each_map_elem\n" OUT
             "\ncb: r0 = *(u8 *)(r3 + 64)\n" CB_END,
     .words = "invalid access to map value"},
    {.text = "r1 = map_idx(1) ll\nr2 = cb ll\nr3 = r10\nr4 = 0\ncall bpf_for_each_map_elem\n" OUT
             "\ncb: *(u8 *)(r2 + 0) = 1\n" CB_END,
     .words = "write to change key"},
    /* how often a loop calls: 0 times leaves all as it was, 1 time may not be all */
    {.text = "*(u64 *)(r10 - 8) = 4\n" LOOP("0") "r1 = r10\nr2 = *(u64 *)(r10 - 8)\nr1 += r2\n"
                                                 "*(u8 *)(r1 - 8) = 0\n" OUT
                                                 "\ncb: *(u64 *)(r2 - 8) = 200\n" CB_END},
    {.text = ANY "*(u64 *)(r10 - 8) = 4\nr1 = r7\nr2 = cb ll\nr3 = r10\nr4 = 0\ncall bpf_loop\n"
                 "r1 = r10\nr2 = *(u64 *)(r10 - 8)\nr1 += r2\n*(u8 *)(r1 - 8) = 0\n" OUT
                 "\ncb: r3 = *(u64 *)(r2 - 8)\nr3 += 1\n*(u64 *)(r2 - 8) = r3\n" CB_END,
     .words = "R1"},
    /* LD_ABS has no place in one */
    {.text = "r6 = r1\n" LOOP("2") OUT "\ncb: r6 = 0\n.word 0x30\nr0 = 0\nexit",
     .words = "LD_ABS is not allowed in subprogs"},
};

/* ---- pruning: slots of every kind. The path explored first leaves 4, or what is harmless ---- */

#define K(first, second)                                                                           \
    ANY "*(u64 *)(r10 - 16) = 0\n" second "if r7 == 0 goto k\n" first "k: goto +0\n"
#define AT16 "r1 = r10\nr1 += r3\n*(u8 *)(r1 - 8) = 0\n" OUT
#define SLOT(first, second, then)                                                                  \
    {.text = K(first, second) then AT16, .words = "write to stack R1", .every_state = true}

static const struct verify_case slots[] = {
    SLOT("*(u64 *)(r10 - 16) = 4\n", "*(u64 *)(r10 - 16) = 200\n", "r3 = *(u64 *)(r10 - 16)\n"),
    SLOT("*(u32 *)(r10 - 16) = 4\n", "*(u32 *)(r10 - 16) = 200\n", "r3 = *(u32 *)(r10 - 16)\n"),
    SLOT("*(u8 *)(r10 - 16) = 4\n", "*(u8 *)(r10 - 16) = 200\n", "r3 = *(u8 *)(r10 - 16)\n"),
    /* zero bytes against others */
    SLOT("*(u8 *)(r10 - 13) = 0\n", "*(u8 *)(r10 - 13) = 200\n", "r3 = *(u8 *)(r10 - 13)\n"),
    SLOT("*(u32 *)(r10 - 12) = 0\n", "*(u32 *)(r10 - 12) = 200\n", "r3 = *(u32 *)(r10 - 12)\n"),
    SLOT("r8 = 0\n*(u8 *)(r10 - 13) = r8\n", "r8 = 200\n*(u8 *)(r10 - 13) = r8\n",
         "r3 = *(u8 *)(r10 - 13)\n"),
    SLOT("r8 = 0\n", "r8 = 200\n", "*(u8 *)(r10 - 13) = r8\nr3 = *(u8 *)(r10 - 13)\n"),
    SLOT("r8 = 0\n", "r8 = 200\n", "*(u64 *)(r10 - 16) = r8\nr3 = *(u8 *)(r10 - 15)\n"),
    /* half a spilled number over another, or over zero */
    {.text = K("*(u32 *)(r10 - 12) = 0\n",
               "*(u64 *)(r10 - 16) = r7\n*(u8 *)(r10 - 12) = 1\n") "*(u32 *)(r10 - 16) = 0\nr3 = "
                                                                   "*(u64 *)(r10 - 16)\n" AT16,
     .words = "math between fp pointer",
     .every_state = true},
    /* through a variable offset */
    SLOT("", "*(u64 *)(r10 - 16) = 200\nif r7 == 0 goto k\n*(u64 *)(r10 - 16) = 0\n",
         "r4 = r7\nr4 &= 7\nr1 = r10\nr1 += r4\nr3 = *(u8 *)(r1 - 16)\n"),
    /* by a callee, which gets the address */
    {.text = K("*(u64 *)(r10 - 16) = 4\n",
               "*(u64 *)(r10 - 16) = 200\n") "r1 = r10\nr1 += -16\n"
                                             "call local f\nr3 = r0\n" AT16
                                             "\nf: r0 = *(u64 *)(r1 + 0)\nexit",
     .words = "write to stack R1",
     .every_state = true},
    {.text = K("*(u64 *)(r10 - 16) = 4\n",
               "*(u64 *)(r10 - 16) = 200\n") "r1 = r10\nr1 += -16\n"
                                             "call local f\n" OUT
                                             "\nf: r0 = *(u64 *)(r1 + 0)\nr2 = r10\nr2 += r0\n"
                                             "*(u8 *)(r2 - 8) = 0\nr0 = 0\nexit",
     .words = "write to stack R2",
     .every_state = true},
    /* a pointer against a number, against another pointer */
    {.text = K("*(u64 *)(r10 - 16) = r10\n",
               "*(u64 *)(r10 - 16) = 200\n") "r3 = *(u64 *)(r10 - 16)\n*(u8 *)(r3 - 1) = 0\n" OUT,
     .words = "R3 invalid mem access 'scalar'",
     .every_state = true},
    {.text = K("*(u64 *)(r10 - 16) = r10\n",
               "r1 = r10\nr1 += -508\n*(u64 *)(r10 - 16) = r1\n") "r3 = *(u64 *)(r10 - 16)\n*(u64 "
                                                                  "*)(r3 - 8) = 0\n" OUT,
     .words = "stack",
     .every_state = true},
    {.text = K("*(u64 *)(r10 - 16) = r10\n",
               "*(u64 *)(r10 - 16) = r6\n") "r3 = *(u64 *)(r10 - 16)\n*(u64 *)(r3 - 8) = 0\n" OUT,
     .words = "invalid bpf_context access",
     .every_state = true},
    /* what a helper reads in a variable size: a spilled pointer may not be there (unprivileged) */
    {.text = K("*(u64 *)(r10 - 16) = 4\n",
               "*(u64 *)(r10 - 16) = 200\n") "r4 = r7\nr4 &= 7\nr4 += 1\nr1 = r6\nr2 = 0\nr3 = "
                                             "r10\nr3 += -16\nr5 = 0\n"
                                             "call bpf_skb_store_bytes\n" OUT,
     .every_state = true},
    /* a helper writes where a number was known */
    {.text = ANY "*(u64 *)(r10 - 16) = 4\nr1 = r6\nr2 = 0\nr3 = r10\nr3 += -16\nr4 = 8\n"
                 "call bpf_skb_load_bytes\nr3 = *(u64 *)(r10 - 16)\n" AT16,
     .words = "math between fp pointer"},
    {.text = ANY "*(u64 *)(r10 - 16) = 4\nr1 = r6\nr2 = 0\nr3 = r10\nr3 += -24\nr4 = r7\nr4 &= 15\n"
                 "r4 += 1\ncall bpf_skb_load_bytes\nr3 = *(u64 *)(r10 - 16)\n" AT16,
     .words = "math between fp pointer"},
};

/* ---- what is held ---- */

#define RESERVE   "r1 = map_idx(2) ll\nr2 = 16\nr3 = 0\ncall bpf_ringbuf_reserve\n"
#define SUBMIT(r) "r1 = " r "\nr2 = 0\ncall bpf_ringbuf_submit\n"
#define SK                                                                                         \
    "r6 = r1\n*(u64 *)(r10 - 48) = 0\n*(u64 *)(r10 - 40) = 0\n*(u64 *)(r10 - 32) = 0\n"            \
    "*(u64 *)(r10 - 24) = 0\n*(u64 *)(r10 - 16) = 0\nr2 = r10\nr2 += -48\nr3 = 12\nr4 = 0\nr5 = "  \
    "0\n"                                                                                          \
    "call bpf_sk_lookup_tcp\n"

static const struct verify_case held[] = {
    {.text = RESERVE "if r0 == 0 goto out\n" SUBMIT("r0") OUT},
    {.text = RESERVE "if r0 == 0 goto out\n" OUT, .words = "Unreleased reference"},
    {.text = RESERVE SUBMIT("r0") OUT, .words = "R1 type=ringbuf_mem_or_null"},
    {.text = RESERVE "if r0 == 0 goto out\nr6 = r0\n" SUBMIT("r0") "*(u8 *)(r6 + 0) = 0\n" OUT,
     .words = "R6 invalid mem access 'scalar'"},
    {.text = RESERVE "if r0 == 0 goto out\nr6 = r0\n" SUBMIT("r0") SUBMIT("r6") OUT,
     .words = "R1 type=scalar"},
    /* the test on a copy is a test of both */
    {.text = RESERVE "r6 = r0\nif r6 == 0 goto out\n" SUBMIT("r0") OUT},
    {.text = RESERVE
     "*(u64 *)(r10 - 8) = r0\nif r0 == 0 goto out\nr6 = *(u64 *)(r10 - 8)\n" SUBMIT("r6") OUT},
    /* acquired on one path only */
    {.text = ANY "r8 = 0\nif r7 == 0 goto k\n" RESERVE
                 "r8 = r0\nk: if r8 == 0 goto out\n" SUBMIT("r8") OUT},
    {.text = ANY "r8 = 0\nif r7 == 0 goto k\n" RESERVE "r8 = r0\nk: if r7 == 0 goto out\n"
                 "if r8 == 0 goto out\nif r7 == 1 goto out\n" SUBMIT("r8") OUT,
     .words = "Unreleased reference",
     .every_state = true},
    /* two, of which one is given back twice and the other never */
    {.text = ANY RESERVE "if r0 == 0 goto out\nr8 = r0\n" RESERVE "if r0 != 0 goto two\n" SUBMIT(
         "r8") "goto out\ntwo: r9 = r0\n" SUBMIT("r9") SUBMIT("r9") OUT,
     .words = "R1 type=scalar"},
    {.text = ANY RESERVE "if r0 == 0 goto out\nr8 = r0\n" RESERVE "if r0 != 0 goto two\n" SUBMIT(
         "r8") "goto out\ntwo: r9 = r0\n" SUBMIT("r9") SUBMIT("r8") OUT},
    /* in a callback, and across one */
    {.text = RESERVE "if r0 == 0 goto out\nr6 = r0\n*(u64 *)(r10 - 8) = r0\n" LOOP("2") SUBMIT("r6")
         OUT "\ncb: " CB_END},
    {.text = LOOP("2") OUT "\ncb: " RESERVE CB_END, .words = "Unreleased reference"},
    {.text = LOOP("2") OUT "\ncb: " RESERVE "if r0 == 0 goto e\n" SUBMIT("r0") "e: " CB_END},
    {.text = RESERVE "if r0 == 0 goto out\n*(u64 *)(r10 - 8) = r0\n" LOOP("2") OUT
     "\ncb: r1 = *(u64 *)(r2 - 8)\nr2 = 0\ncall bpf_ringbuf_submit\n" CB_END,
     .words = ""},
    /* sockets and their casts */
    {.text = SK "if r0 == 0 goto out\nr1 = r0\ncall bpf_sk_release\n" OUT},
    {.text = SK "if r0 == 0 goto out\nr7 = r0\nr1 = r0\ncall bpf_tcp_sock\nif r0 == 0 goto rel\n"
                "r8 = r0\nr1 = r7\ncall bpf_sk_release\nr0 = *(u32 *)(r8 + 0)\ngoto out\n"
                "rel: r1 = r7\ncall bpf_sk_release\n" OUT,
     .words = "R8 invalid mem access 'scalar'"},
    {.text = SK "if r0 == 0 goto out\nr7 = r0\nr1 = r0\ncall bpf_tcp_sock\nif r0 == 0 goto rel\n"
                "r8 = *(u32 *)(r0 + 0)\nrel: r1 = r7\ncall bpf_sk_release\n" OUT},
    {.text = SK "if r0 == 0 goto out\nr7 = r0\nr1 = r0\ncall bpf_tcp_sock\nif r0 == 0 goto out\n"
                "r1 = r7\ncall bpf_sk_release\n" OUT,
     .words = "Unreleased reference"},
    /* ends that leave it behind */
    {.text = ANY RESERVE "if r0 == 0 goto out\nr8 = r0\nr1 = r6\nr2 = map_idx(3) ll\nr3 = 0\n"
                         "call bpf_tail_call\n" SUBMIT("r8") OUT,
     .words = "tail_call would lead to reference leak"},
    {.text = ANY RESERVE "if r0 == 0 goto out\nr8 = r0\n.word 0x30\n" SUBMIT("r8") OUT,
     .words = "BPF_LD_[ABS|IND] cannot be mixed"},
};

/* ---- packets ---- */

static const struct verify_case packets[] = {
    {.text = PACKET "r4 = r2\nr4 += 8\nif r4 > r3 goto out\nr0 = *(u64 *)(r2 + 0)\n" OUT},
    {.text = PACKET "r4 = r2\nr4 += 8\nif r4 > r3 goto out\nr0 = *(u8 *)(r2 + 8)\n" OUT,
     .words = "invalid access to packet"},
    {.text = PACKET "r4 = r2\nr4 += 8\nif r4 >= r3 goto out\nr0 = *(u8 *)(r2 + 8)\n" OUT},
    {.text = PACKET "r4 = r2\nr4 += 8\nif r4 >= r3 goto out\nr0 = *(u8 *)(r2 + 9)\n" OUT,
     .words = "invalid access to packet"},
    {.text = PACKET "r4 = r2\nr4 += 8\nif r3 < r4 goto out\nr0 = *(u64 *)(r2 + 0)\n" OUT},
    {.text = PACKET "r4 = r2\nr4 += 8\nif r3 <= r4 goto out\nr0 = *(u8 *)(r2 + 8)\n" OUT},
    {.text =
         PACKET "r4 = r2\nr4 += 8\nif r3 >= r4 goto ok\ngoto out\nok: r0 = *(u64 *)(r2 + 0)\n" OUT},
    {.text =
         PACKET "r4 = r2\nr4 += 8\nif r3 >= r4 goto ok\ngoto out\nok: r0 = *(u8 *)(r2 + 8)\n" OUT,
     .words = "invalid access to packet"},
    {.text =
         PACKET "r4 = r2\nr4 += 8\nif r4 < r3 goto ok\ngoto out\nok: r0 = *(u8 *)(r2 + 8)\n" OUT},
    {.text =
         PACKET "r4 = r2\nr4 += 8\nif r4 <= r3 goto ok\ngoto out\nok: r0 = *(u8 *)(r2 + 8)\n" OUT,
     .words = "invalid access to packet"},
    {.text = PACKET "r4 = r2\nr4 += 8\nif w4 > w3 goto out\nr0 = *(u64 *)(r2 + 0)\n" OUT,
     .words = "invalid access to packet"},
    {.text =
         PACKET "r4 = r2\nr4 += 8\nif r4 == r3 goto ok\ngoto out\nok: r0 = *(u64 *)(r2 + 0)\n" OUT,
     .words = "invalid access to packet"},
    /* at the end, or beyond it, is known further up only */
    {.text = PACKET "r4 = r2\nr4 += 8\nif r4 >= r3 goto a\ngoto out\na: r4 += -8\n"
                    "if r4 >= r3 goto out\nr0 = *(u8 *)(r4 + 100)\n" OUT,
     .words = "invalid access to packet"},
    {.text = PACKET "r4 = r2\nr4 += 8\nif r4 >= r3 goto a\ngoto out\na: r4 -= 8\n"
                    "if r4 >= r3 goto out\nr0 = *(u8 *)(r4 + 100)\n" OUT,
     .words = "invalid access to packet"},
    {.text = PACKET "r4 = r2\nr4 += 8\nif r4 > r3 goto a\ngoto out\na: r5 = *(u8 *)(r1 + 0)\n"
                    "r4 -= r5\nif r4 > r3 goto out\nr0 = *(u8 *)(r4 + 100)\n" OUT,
     .words = "R4 min value is negative"},
    {.text = PACKET "r4 = r2\nr4 += 8\nif r4 >= r3 goto a\ngoto out\na: r4 += 8\n"
                    "if r4 >= r3 goto out\nr0 = *(u8 *)(r4 + 100)\n" OUT},
    {.text = PACKET "r4 = r2\nr4 += 8\nif r4 >= r3 goto a\ngoto out\na: if r4 > r3 goto out\n"
                    "r0 = *(u8 *)(r2 + 7)\n" OUT},
    /* a variable part: proved for its own identity alone */
    {.text = PACKET
     "r5 = *(u32 *)(r1 + 0)\nr5 &= 255\nr2 += r5\nr4 = r2\nr4 += 8\nif r4 > r3 goto out\n"
     "r0 = *(u64 *)(r2 + 0)\n" OUT},
    {.text = PACKET "r5 = *(u32 *)(r1 + 0)\nr5 &= 255\nr4 = r2\nr4 += r5\nr2 += r5\nr4 += 8\n"
                    "if r4 > r3 goto out\nr0 = *(u64 *)(r2 + 0)\n" OUT,
     .words = "invalid access to packet"},
    {.text = PACKET "r5 = *(u32 *)(r1 + 0)\nr2 += r5\nr4 = r2\nr4 += 8\nif r4 > r3 goto out\n"
                    "r0 = *(u64 *)(r2 + 0)\n" OUT,
     .words = "invalid access to packet"},
    /* a range ends when a helper, a function, a tail call or a callback changes the packet */
    {.text = "r6 = r1\n" PACKET "r4 = r2\nr4 += 8\nif r4 > r3 goto out\nr7 = r2\nr1 = r6\nr2 = 8\n"
             "call bpf_skb_pull_data\nr0 = *(u8 *)(r7 + 0)\n" OUT,
     .words = "R7 invalid mem access 'scalar'"},
    {.text = "r6 = r1\n" PACKET "r4 = r2\nr4 += 8\nif r4 > r3 goto out\nr7 = r2\nr1 = r6\n"
             "call local f\nr0 = *(u8 *)(r7 + 0)\n" OUT "\nf: r2 = 8\ncall bpf_skb_pull_data\nexit",
     .words = "R7 invalid mem access 'scalar'"},
    {.text = "r6 = r1\n" PACKET "r4 = r2\nr4 += 8\nif r4 > r3 goto out\n*(u64 *)(r10 - 8) = r2\n"
             "r1 = r6\nr2 = 8\ncall bpf_skb_pull_data\nr7 = *(u64 *)(r10 - 8)\n"
             "r0 = *(u8 *)(r7 + 0)\n" OUT,
     .words = "R7 invalid mem access 'scalar'"},
    {.text = "r6 = r1\n" PACKET "r4 = r2\nr4 += 8\nif r4 > r3 goto out\nr7 = r2\n"
             "*(u64 *)(r10 - 8) = r6\n" LOOP(
                 "1") "r0 = *(u8 *)(r7 + 0)\n" OUT
                      "\ncb: r1 = *(u64 *)(r2 - 8)\nr2 = 8\ncall bpf_skb_pull_data\n" CB_END,
     .words = "R7 invalid mem access 'scalar'"},
    /* metadata */
    {.text = "r2 = *(u32 *)(r1 + 140)\nr3 = *(u32 *)(r1 + 76)\nr4 = r2\nr4 += 4\n"
             "if r4 > r3 goto out\nr0 = *(u32 *)(r2 + 0)\n" OUT},
    {.text = "r2 = *(u32 *)(r1 + 140)\nr3 = *(u32 *)(r1 + 76)\nr3 += 4\nr4 = r2\nr4 += 4\n"
             "if r4 > r3 goto out\nr0 = *(u32 *)(r2 + 0)\n" OUT,
     .words = "invalid access to packet"},
    {.text = "r2 = *(u32 *)(r1 + 140)\nr3 = *(u32 *)(r1 + 80)\nr4 = r2\nr4 += 4\n"
             "if r4 > r3 goto out\nr0 = *(u32 *)(r2 + 0)\n" OUT,
     .words = "invalid access to packet"},
};

/* ---- limits, atomics, maps in maps, the arena ---- */

static const struct verify_case limits[] = {
    /* stack of chains: what is written in part, at an offset that varies, or by a helper, counts */
    {.text = "*(u32 *)(r10 - 256) = 0\ncall local f\n" OUT "\nf: *(u32 *)(r10 - 256) = 0\n" CB_END},
    {.text = "*(u32 *)(r10 - 256) = 0\ncall local f\n" OUT "\nf: *(u8 *)(r10 - 257) = 0\n" CB_END,
     .words = "combined stack size"},
    {.text = ANY "r7 &= 8\nr2 = r10\nr2 += r7\n*(u8 *)(r2 - 512) = 0\ncall local f\n" OUT
                 "\nf: *(u32 *)(r10 - 256) = 0\n" CB_END,
     .words = "combined stack size"},
    {.text = "r6 = r1\nr2 = 0\nr3 = r10\nr3 += -512\nr4 = 8\ncall bpf_skb_load_bytes\n"
             "call local f\n" OUT "\nf: *(u32 *)(r10 - 256) = 0\n" CB_END,
     .words = "combined stack size"},
    {.text = "*(u64 *)(r10 - 400) = 0\n" LOOP("1") OUT "\ncb: *(u64 *)(r10 - 400) = 0\n" CB_END,
     .words = "combined stack size"},
    {.text = "call local f\n" OUT "\nf: call local g\nexit\ng: call local h\nexit\n"
             "h: call local i\nexit\ni: call local j\nexit\nj: call local m\nexit\n"
             "m: call local n\nexit\nn: r0 = 0\nexit"},
    {.text = "call local f\n" OUT "\nf: call local g\nexit\ng: call local h\nexit\n"
             "h: call local i\nexit\ni: call local j\nexit\nj: call local m\nexit\n"
             "m: call local n\nexit\nn: call local o\nexit\no: r0 = 0\nexit",
     .words = "the call stack of"},
    {.text = "call local f\n" OUT "\nf: call local f\nexit", .words = "call stack"},
    /* a caller's stack through arguments, not a callee's through what it returns */
    {.text =
         "r1 = r10\ncall local f\nr0 = *(u64 *)(r10 - 8)\nexit\nf: *(u64 *)(r1 - 8) = 5\n" CB_END},
    {.text = "call local f\n*(u8 *)(r0 - 8) = 0\n" OUT "\nf: *(u64 *)(r10 - 8) = 1\nr0 = r10\nexit",
     .words = "cannot return stack pointer"},
    {.text = "r1 = r10\ncall local f\nr0 = 0\nexit\nf: *(u64 *)(r1 - 8) = r10\n" CB_END,
     .words = "cannot spill pointers to stack into stack frame of the caller"},
    /* atomics */
    {.text = "*(u64 *)(r10 - 8) = 1\nr2 = 2\nlock *(u64 *)(r10 - 8) += r2\nr0 = *(u64 *)(r10 - 8)\n"
             "if r0 == 1 goto out\nr0 = r5\n" OUT,
     .words = "R5 !read_ok"},
    {.text = "r2 = 2\nlock *(u32 *)(r1 + 0) += r2\n" OUT, .words = "ctx is not allowed"},
    {.text =
         PACKET "r4 = r2\nr4 += 8\nif r4 > r3 goto out\nr5 = 1\nlock *(u64 *)(r2 + 0) += r5\n" OUT,
     .words = "pkt is not allowed"},
    {.text = LOOKUP("1") "if r0 == 0 goto out\nr2 = 1\nlock *(u64 *)(r0 + 56) += r2\n" OUT},
    {.text = LOOKUP("1") "if r0 == 0 goto out\nr2 = 1\nlock *(u64 *)(r0 + 64) += r2\n" OUT,
     .words = "invalid access to map value"},
    {.text = LOOKUP("1") "if r0 == 0 goto out\nr2 = 1\nlock *(u64 *)(r0 + 4) += r2\n" OUT,
     .words = "misaligned"},
    {.text = LOOKUP("1") "r2 = 1\nlock *(u64 *)(r0 + 0) += r2\n" OUT, .words = "map_value_or_null"},
    {.text = "*(u64 *)(r10 - 8) = r10\nr2 = 2\nr2 = atomic_fetch_add((u64 *)(r10 - 8), r2)\n"
             "r3 = *(u64 *)(r10 - 8)\n*(u8 *)(r3 - 1) = 0\n" OUT,
     .words = "R3 invalid mem access 'scalar'"},
    /* maps in maps */
    {.text =
         LOOKUP("4") "if r0 == 0 goto out\nr1 = r0\nr2 = r10\nr2 += -4\n"
                     "call bpf_map_lookup_elem\nif r0 == 0 goto out\nr0 = *(u8 *)(r0 + 63)\n" OUT},
    {.text = LOOKUP("4") "r1 = r0\nr2 = r10\nr2 += -4\ncall bpf_map_lookup_elem\n" OUT,
     .words = "R1 type=map_value_or_null"},
    {.text = LOOKUP("4") "if r0 == 0 goto out\nr0 = *(u8 *)(r0 + 0)\n" OUT, .words = ""},
    {.text =
         LOOKUP("4") "if r0 == 0 goto out\nr1 = r0\nr2 = r10\nr2 += -4\n"
                     "call bpf_map_lookup_elem\nif r0 == 0 goto out\nr0 = *(u8 *)(r0 + 64)\n" OUT,
     .words = "invalid access to map value"},
    /* an array has every element that a constant key names */
    {.text = "*(u32 *)(r10 - 4) = 3\nr1 = map_idx(7) ll\nr2 = r10\nr2 += -4\n"
             "call bpf_map_lookup_elem\nr0 = *(u8 *)(r0 + 7)\n" OUT,
     .words = "map_value_or_null"},
    {.text = "*(u64 *)(r10 - 8) = 3\nr1 = map_idx(7) ll\nr2 = r10\nr2 += -8\n"
             "call bpf_map_lookup_elem\nr0 = *(u8 *)(r0 + 7)\n" OUT},
    {.text = "*(u64 *)(r10 - 8) = 4\nr1 = map_idx(7) ll\nr2 = r10\nr2 += -8\n"
             "call bpf_map_lookup_elem\nr0 = *(u8 *)(r0 + 7)\n" OUT,
     .words = "map_value_or_null"},
    {.text = K("*(u64 *)(r10 - 16) = 3\n",
               "*(u64 *)(r10 - 16) = 4\n") "r1 = map_idx(7) ll\nr2 = r10\nr2 += -16\ncall "
                                           "bpf_map_lookup_elem\n"
                                           "r0 = *(u8 *)(r0 + 7)\n" OUT,
     .words = "map_value_or_null",
     .every_state = true},
    /* LD_ABS in the program itself */
    {.text = "r6 = r1\n.word 0x30\nr0 = 0\nexit"},
    {.text = "r6 = r1\nr1 = 0\n.word 0x30\nr0 = r1\nexit", .words = "R1 !read_ok"},
    {.text = "r6 = 1\n.word 0x30\nr0 = 0\nexit", .words = "R6 != pointer to skb"},
};

/* A global function that takes a pointer or NULL: that a number is 0 matters where it is passed.
 * The path that passes 0 comes first; the other passes any number. */
static void test_null_argument(void) {
    static const char text[] =
        "call 7\nr7 = r0\ncall 7\nr1 = r0\nif r7 == 0 goto k\nr1 = 0\nk: goto +0\n"
        "call local f\nr0 = 0\nexit\nf: r0 = 0\nexit";
    struct btf_bed types = {0};
    const uint32_t number = bb_int(&types, "int", 4);
    const struct bb_field params[] = {{"p", bb_ptr(&types, number), 0}, {NULL, 0, 0}};
    const uint32_t func = bb_func(&types, "f", number, params);
    struct subprog subs[] = {
        {.start = 0, .name = (char *)(uintptr_t)"main"},
        {.start = 10, .name = (char *)(uintptr_t)"f", .global = true, .btf_id = func}};
    struct prog p = {.type = PROG_sched_cls, .subprogs = subs, .n_subprogs = COUNT(subs)};
    const struct verify_input in = {.prog = &p};
    const struct verify_options opt = {.every_state = true};
    struct verify_result r;
    struct insn *insns;
    struct diag d = {0};
    struct btf *const btf = bb_finish(&types);
    p.btf = btf;
    if (!CHECK(btf) ||
        !CHECK_EQ(asm_parse(text, strlen(text), NULL, &insns, &p.n_insns, &d), BPFLAB_OK))
        return;
    p.insns = insns;
    CHECK_EQ(verify(&in, &opt, &r, &d), BPFLAB_OK);
    CHECK_EQ(r.verdict, VERDICT_REJECT);
    CHECK(strstr(r.report.linux_text, "R1 type=scalar expected=fp") != NULL);
    verify_result_fini(&r);
    btf_free(btf);
    free(insns);
}

int main(void) {
    test_null_argument();
    verify_check_all(loops, COUNT(loops));
    verify_check_all(callbacks, COUNT(callbacks));
    verify_check_all(slots, COUNT(slots));
    verify_check_all(held, COUNT(held));
    verify_check_all(packets, COUNT(packets));
    verify_check_all(limits, COUNT(limits));
    return check_end();
}
