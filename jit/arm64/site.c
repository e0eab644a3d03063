/* site.c: what depends on where it lies.
 *
 *   kind        form 0                      form 1                   form 2
 *   JUMP        b, 128 MiB                  far, 2 GiB
 *   CALL        bl, 128 MiB                 far, 2 GiB
 *   BRANCH      compare, branch: 32 KiB     compare, branch over     compare, branch over
 *               (one bit) or 1 MiB          b, 128 MiB               far, 2 GiB
 *   CALL_HOST   bl, 128 MiB                 address, blr
 *   JUMP_HOST   b, 128 MiB                  address, br
 *   CONST       ldr of the pool, 1 MiB      inline
 *
 * far: the distance is put together, added to the own address and jumped to: five instructions.
 */
#include "jit/arm64/arm64.h"
#include "jit/arm64/enc_mem.h"

void arm64_far(struct jit_buf *b, int64_t distance, bool call) {
    const uint32_t d = (uint32_t)distance;
    arm64_adr(b, X_FAR, 0);
    arm64_movz(b, ARM64_W, X_DISTANCE, d & 0xffff, 0);
    arm64_movk(b, ARM64_W, X_DISTANCE, d >> 16, 1);
    arm64_add_sxtw(b, X_FAR, X_FAR, X_DISTANCE);
    if (call)
        arm64_blr(b, X_FAR);
    else
        arm64_br(b, X_FAR);
}

static unsigned last_form(const struct jit_site *s) {
    return s->kind == JSITE_BRANCH ? 2 : 1;
}

unsigned arm64_site_bytes(const struct jit_site *s, unsigned form) {
    if (form > last_form(s))
        return 0;
    switch ((enum jit_site_kind)s->kind) {
    case JSITE_JUMP:
    case JSITE_CALL: return form ? ARM64_FAR_BYTES : 4;
    case JSITE_BRANCH: return arm64_branch_bytes(s, form);
    case JSITE_CALL_HOST: return 8 + (form ? 4 * arm64_set_count(s->target) + 4 : 4);
    case JSITE_JUMP_HOST: return form ? 4 * arm64_set_count(s->target) + 4 : 4;
    case JSITE_CONST: return form ? 4 * arm64_set_count((uint64_t)s->k) : 4;
    }
    return 0;
}

bool arm64_site_fits(const struct jit_site *s, unsigned form, int64_t distance) {
    if (form > last_form(s))
        return false;
    switch ((enum jit_site_kind)s->kind) {
    case JSITE_JUMP:
    case JSITE_CALL: return arm64_fits(distance, form ? 32 : 28);
    case JSITE_BRANCH: return arm64_branch_fits(s, form, distance);
    case JSITE_CALL_HOST: return form || (distance % 4 == 0 && arm64_fits(distance - 4, 28));
    case JSITE_JUMP_HOST: return form || (distance % 4 == 0 && arm64_fits(distance, 28));
    case JSITE_CONST: return form || arm64_fits(distance, 21);
    }
    return false;
}

static void call_host(struct jit_buf *b, const struct jit_site *s, unsigned form,
                      int64_t distance) {
    arm64_mov(b, ARM64_X, X5, arm64_reg(JR_STATE)); /* the sixth argument */
    if (form == 0) {
        arm64_bl(b, distance - 4);
    } else {
        arm64_set(b, X_FAR, s->target);
        arm64_blr(b, X_FAR);
    }
    arm64_mov(b, ARM64_X, arm64_reg(JR_0), X0);
}

void arm64_site(struct jit_buf *b, const struct jit_site *s, unsigned form, int64_t distance) {
    switch ((enum jit_site_kind)s->kind) {
    case JSITE_JUMP:
        if (form)
            arm64_far(b, distance, false);
        else
            arm64_b(b, distance);
        break;
    case JSITE_CALL:
        if (form)
            arm64_far(b, distance, true);
        else
            arm64_bl(b, distance);
        break;
    case JSITE_BRANCH: arm64_branch(b, s, form, distance); break;
    case JSITE_CALL_HOST: call_host(b, s, form, distance); break;
    case JSITE_JUMP_HOST:
        if (form == 0) {
            arm64_b(b, distance);
        } else {
            arm64_set(b, X_FAR, s->target);
            arm64_br(b, X_FAR);
        }
        break;
    case JSITE_CONST:
        if (form)
            arm64_set(b, arm64_reg(s->a), (uint64_t)s->k);
        else
            arm64_ldr_literal(b, arm64_reg(s->a), distance);
        break;
    }
}
