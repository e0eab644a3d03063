/* state_test.c: states: copies, frames, references, and their text. */
#include "isa/prog.h"
#include "verifier/prune.h"
#include "verifier/tests/state_bed.h"

static struct prune_ids scratch;

static bool same(const struct state *a, const struct state *b) {
    const struct prune_live all = prune_live_all();
    return prune_covers(a, b, &all, PRUNE_EXACT, &scratch) &&
           prune_covers(b, a, &all, PRUNE_EXACT, &scratch);
}

/* A copy is the same, into fresh memory or used; the source may then go. */
static void test_copy(void) {
    uint64_t seed = 1;
    struct state used = {0};
    for (uint32_t i = 0; i < 2000; i++) {
        struct state st = bed_state(&seed, bed_below(&seed, 3));
        st.may_gotos = i;
        CHECK_EQ(state_copy(&used, &st), BPFLAB_OK);
        struct state fresh = bed_copy(&used);
        CHECK(same(&st, &used) && same(&fresh, &st));
        CHECK_EQ(fresh.may_gotos, i);
        CHECK(state_bytes(&fresh) <= state_bytes(&used));
        state_fini(&st);
        CHECK(same(&fresh, &used));
        state_fini(&fresh);
    }
    state_fini(&used);
    CHECK_EQ(state_bytes(&used), 0);
}

static void test_frames(void) {
    struct state st;
    CHECK_EQ(state_init(&st, 3), BPFLAB_OK);
    CHECK_EQ(state_frame(&st)->subprog, 3);
    CHECK_EQ(state_regs(&st)[REG_FP].kind, REG_STACK);
    CHECK_EQ(frame_need(state_frame(&st), 5), BPFLAB_OK);
    state_frame(&st)->slots[4].byte[0] = SLOT_MISC;
    CHECK_EQ(frame_need(state_frame(&st), 2), BPFLAB_OK);
    CHECK_EQ(state_frame(&st)->n_slots, 5);
    CHECK_EQ(frame_need(state_frame(&st), FRAME_MAX_SLOTS), BPFLAB_OK);
    CHECK_EQ(state_frame(&st)->slots[4].byte[0], SLOT_MISC);
    CHECK(slot_is(&state_frame(&st)->slots[FRAME_MAX_SLOTS - 1], SLOT_INVALID));
    for (uint32_t i = 1; i < STATE_MAX_FRAMES; i++) {
        CHECK_EQ(state_push(&st, i, 10 + i), BPFLAB_OK);
        CHECK_EQ(state_regs(&st)[REG_FP].frame, i);
        CHECK_EQ(frame_need(state_frame(&st), 1), BPFLAB_OK);
    }
    state_pop(&st);
    CHECK_EQ(st.depth, STATE_MAX_FRAMES - 2);
    CHECK_EQ(state_push(&st, 1, 1), BPFLAB_OK);
    CHECK_EQ(state_frame(&st)->n_slots, 0);
    state_fini(&st);
}

static void test_walk(void) {
    uint64_t seed = 2;
    for (uint32_t i = 0; i < 200; i++) {
        struct state st = bed_state(&seed, 1);
        uint32_t n = 0, expected = 2 * N_REGS;
        for (uint32_t f = 0; f < 2; f++)
            for (uint32_t k = 0; k < st.frames[f]->n_slots; k++)
                expected += slot_is_spill(&st.frames[f]->slots[k]);
        struct reg *r;
        for (struct reg_walk w = {.st = &st}; (r = reg_walk_next(&w)) != NULL; n++)
            CHECK(w.slot < 0 ? r == &st.frames[w.frame]->regs[w.reg]
                             : r == &st.frames[w.frame]->slots[w.slot].spilled);
        CHECK_EQ(n, expected);
        state_fini(&st);
    }
}

static void test_refs(void) {
    struct state st;
    CHECK_EQ(state_init(&st, 0), BPFLAB_OK);
    for (uint32_t id = 1; id <= 20; id++)
        CHECK_EQ(state_ref_add(&st, (struct ref){.kind = id % 5 ? REF_PTR : REF_LOCK, .id = id}),
                 BPFLAB_OK);
    CHECK_EQ(state_lock(&st)->id, 20);
    CHECK(!state_ref_find(&st, REF_PTR, 20) && state_ref_find(&st, REF_LOCK, 20));
    CHECK(state_ref_drop(&st, REF_LOCK, 20) && !state_ref_drop(&st, REF_LOCK, 20));
    CHECK_EQ(state_lock(&st)->id, 15);
    CHECK(state_ref_drop(&st, REF_PTR, 3));
    CHECK_EQ(st.n_refs, 18);
    CHECK_EQ(st.refs[2].id, 4); /* order is kept */
    state_fini(&st);
}

static void check_text(struct reg r, const char *want) {
    char text[400];
    const size_t n = reg_print(&r, text, sizeof text);
    CHECK_STR(text, want);
    CHECK_EQ(n, strlen(want));
    char small[8];
    CHECK_EQ(reg_print(&r, small, sizeof small), n < 7 ? n : 7);
    CHECK(!strncmp(small, want, 7));
}

static struct reg packet(int32_t off, int32_t range) {
    struct reg r = reg_pointer(REG_PACKET, 0);
    r.off = off;
    r.range = range;
    return r;
}

/* Texts as Linux logs them. */
static void test_reg_text(void) {
    struct reg r = reg_scalar(scalar_unknown());
    check_text(r, "scalar()");
    r.id = 3;
    r.precise = true;
    check_text(r, "Pscalar(id=3)");
    r.has_delta = true;
    r.off = 8;
    check_text(r, "Pscalar(id=3+8)");
    check_text(reg_const(0), "0");
    check_text(reg_const((uint64_t)-3), "-3");
    check_text(reg_const(UINT64_C(0x123456789)), "0x123456789");
    check_text(reg_scalar(scalar_from_urange(0, 255)),
               "scalar(smin=smin32=0,smax=umax=smax32=umax32=255,var_off=(0x0; 0xff))");
    check_text(reg_scalar(scalar_from_srange(-5, 70000)),
               "scalar(smin=smin32=-5,smax=smax32=0x11170)");
    check_text(reg_pointer(REG_CTX, 0), "ctx()");
    check_text(packet(14, 34), "pkt(off=14,r=34)");
    r = packet(0, 20);
    r.id = 2;
    r.v = scalar_from_urange(0, 60);
    check_text(r, "pkt(id=2,r=20,smin=smin32=0,smax=umax=smax32=umax32=60,var_off=(0x0; 0x3f))");
    r = reg_pointer(REG_STACK, 0);
    check_text(r, "fp0");
    r.off = -16;
    check_text(r, "fp-16");
    r = reg_pointer(REG_MEM, REG_F_NULL | REG_F_RDONLY);
    r.mem_bytes = 4;
    check_text(r, "rdonly_mem_or_null(sz=4)");
    r = reg_pointer(REG_BTF, REG_F_TRUSTED | REG_F_NULL);
    r.btf_id = 17;
    check_text(r, "trusted_ptr_or_null_#17()");
    check_text(reg_pointer(REG_ARENA, 0), "arena");
    char name[64];
    CHECK_STR(reg_kind_name(&r, name), "trusted_ptr_or_null_");
}

static void test_state_text(void) {
    char text[600], map_name[] = "counts";
    const struct map_def map = {.name = map_name, .key_size = 4, .value_size = 8};
    const struct text_names names = {.maps = &map, .n_maps = 1};
    struct state st;
    CHECK_EQ(state_init(&st, 0), BPFLAB_OK);
    struct frame *f = state_frame(&st);
    CHECK_EQ(frame_need(f, 5), BPFLAB_OK);
    f->regs[1] = reg_pointer(REG_CTX, 0);
    f->regs[2] = reg_pointer(REG_MAP_VALUE, REG_F_NULL);
    f->regs[2].id = 4;
    f->regs[2].off = 2;
    memset(f->slots[0].byte + 4, SLOT_MISC, 4);
    f->slots[1].spilled = f->regs[2];
    memset(f->slots[1].byte, SLOT_SPILL, 8);
    f->slots[2].spilled = reg_const(7);
    memset(f->slots[2].byte, SLOT_SPILL, 4);
    for (uint32_t k = 3; k < 5; k++) {
        memset(f->slots[k].byte, SLOT_DYNPTR, 8);
        f->slots[k].spilled = (struct reg){.kind = REG_DYNPTR, .dynptr = DYNPTR_RINGBUF, .ref = 9};
    }
    f->slots[4].spilled.first = 1;
    CHECK_EQ(state_ref_add(&st, (struct ref){.id = 9}), BPFLAB_OK);
    state_print_named(&st, 0, UINT16_MAX, UINT64_MAX, &names, text, sizeof text);
    CHECK_STR(text, "R1=ctx() R2=map_value_or_null(id=4,map=counts,ks=4,vs=8,off=2) R10=fp0 "
                    "fp-8=mmmm???? fp-16=map_value_or_null(id=4,map=counts,ks=4,vs=8,off=2) "
                    "fp-24=????7 fp-40=dynptr_ringbuf(ref_id=9) refs=9");
    state_print(&st, 0, 1u << 2, 1u << 3, text, sizeof text);
    CHECK_STR(text,
              "R2=map_value_or_null(id=4,map=#0,off=2) fp-40=dynptr_ringbuf(ref_id=9) refs=9");
    state_fini(&st);
}

int main(void) {
    test_copy();
    test_frames();
    test_walk();
    test_refs();
    test_reg_text();
    test_state_text();
    return check_end();
}
