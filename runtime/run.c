/* run.c: the names of runtime/run.def. */
#include "runtime/run.h"

static const struct {
    const char *id, *text;
} kinds[] = {
#define RUN(name, id, text) [RUN_##name] = {id, text},
#include "runtime/run.def"
};

const char *run_kind_id(enum run_kind kind) {
    return (unsigned)kind < N_RUN_KINDS ? kinds[kind].id : "unknown";
}

const char *run_kind_text(enum run_kind kind) {
    return (unsigned)kind < N_RUN_KINDS ? kinds[kind].text : "unknown end of a run";
}
