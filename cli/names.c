/* names.c: runtime's prototypes as the assembler wants them.
 */
#include "cli/names.h"

#include "runtime/proto.h"

static const char *name_of(uint32_t id) {
    const struct helper_proto *p = helper_proto_of(id);
    return p ? p->name : NULL;
}

const struct asm_names names_of_helpers = {.helper_name = name_of, .helper_id = helper_find};

const struct asm_names *names_for(const struct prog *p) {
    return p->type == PROG_raw ? NULL : &names_of_helpers;
}
