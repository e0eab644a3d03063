/* judged_test.c: the provider's verdict on theorems whose end is known (exec/judged.c, judged.ll):
 * bad/ and false/ are refuted, ends/ in one obligation alone, good/ proved, error/ errors; a plant
 * is caught; a contract that is proved by itself, or not at all, or not at this level, is an error.
 * What the optimiser makes of what is wrong is its choice, so of C only what is right is judged at
 * -O2.
 */
#include <stdlib.h>

#include "proofs/provider_bitcode.h"
#include "tests/check.h"

static unsigned totals[4];

/* struct seen: results of one unit. */
struct seen {
    unsigned n[4]; /* by enum smt_result */
    char why[200];
};

static void note(void *self, const struct obligation *o) {
    struct seen *const s = self;
    s->n[o->result]++;
    if (o->result == SMT_ERROR)
        snprintf(s->why, sizeof s->why, "%.190s", o->counterexample);
}

/* reason_of: what an error must say. */
static const char *reason_of(const char *name) {
    static const char *const reasons[][2] = {
        {"assume_false", "cannot be"},
        {"contradiction", "cannot be"},
        {"dead_check", "cannot be"},
        {"behind_other_path", "cannot be"},
        {"products_contradict", "cannot be"},
        {"no_checks", "nothing is checked"},
        {"symbolic_index", "not constant within its object: %"},
        {"unbounded_loop", "no end: a loop without a constant bound: br"},
        {"unbounded_recursion", "a function that cannot be followed"},
        {"inline_assembly", "a call that is not understood: %"},
        {"real_number", "not understood: %"},
        {"vector", "not understood: "},
        {"vector_constant", "not understood: "},
        {"volatile_load", "a volatile or atomic access: store volatile"},
        {"atomic_load", "a volatile or atomic access: %"},
        {"atomic_add", "not understood: %"},
        {"pointer_as_number", "not understood: %"},
        {"number_as_pointer", "not understood: %"},
        {"distance_of_objects", "a distance that is not within one object: %"},
        {"indirect_call", "not always one function: %"},
        {"null_call", "not always one function: call"},
        {"wrong_type_of_pointer", "as something else than it is: call"},
        {"pointer_order", "a comparison that is not understood: %"},
        {"weak_function", "another may replace"},
        {"variable_copy", "a copy of variable length: call"},
        {"variadic_intrinsic", "an intrinsic that is not understood: call"},
        {"cycle_counter", "an intrinsic that is not understood: %"},
        {"irreducible", "irreducible"},
        {"restrict_pointers", "noalias: %"},
        {"very_wide", "too wide: %"},
        {"contract_without_theorem", "no theorem contract/unproved"},
        {"odd_width_dirty", "bits that were not stored as such: %"},
        {"byte_of_truth", "that a stored number does not fill: %"},
        {"gep_nusw", "must not wrap, wherever its object is: %"},
        {"gep_nuw", "must not wrap, wherever its object is: %"},
        {"gep_constant_nuw", "must not wrap, wherever its object is: ptr getelementptr nuw"},
        {"contract_not_proved", "contract/hollow does not prove its contract"},
        {"contract_of_another_text", "contract/other_than_proved does not prove its contract"},
        {"hollow", "does not prove its contract"},
        {"other_than_proved", "does not prove its contract"},
        {"by_source_only", "contract/at_source is not proved at this level"},
        {"uses_not_literal", "no string literal: call"},
        {"uses_too_late", "of a function that was called before: call"},
        {"uses_not_reached", "named where the theorem does not get to: call"},
        {"uses_by_pointer", "no string literal: call"},
        {"hint_not_literal", "no string literal: call"},
        {"hint_elsewhere", "that the theorem itself does not name: call"},
        {"assume_bundle", "a call with operand bundles: call"},
        {"wrong_type", "as something else than it is: %"},
        {"wrong_convention", "as something else than it is: %"},
        {"dereferenceable_or_null", "an attribute that is not understood: call"},
        {"freeze_of_pointer", "freeze of something else"},
        {"fence", "not understood: fence"},
        {"lifetime_of_two", "a lifetime that is not understood: call"},
    };
    for (size_t i = 0; i < sizeof reasons / sizeof *reasons; i++)
        if (strcmp(reasons[i][0], name) == 0)
            return reasons[i][1];
    return "";
}

static bool is(const struct unit *u, const char *start) {
    return strncmp(u->name, start, strlen(start)) == 0;
}

static void judge(const struct unit *u, const struct seen *s, bool optimised) {
    char name[100];
    check_note(u->name);
    snprintf(name, sizeof name, "%.90s", strchr(u->name, '/') + 1);
    name[strcspn(name, "@")] = 0;
    CHECK_EQ(s->n[SMT_TIMEOUT], 0);
    if (is(u, "good/") || is(u, "plant/") || is(u, "contract/next@") ||
        is(u, "contract/at_source@") || is(u, "level/by_source_only@O0")) {
        CHECK(s->n[SMT_PROVED] > 0);
        CHECK_EQ(s->n[SMT_REFUTED] + s->n[SMT_ERROR], 0);
        totals[0]++;
    } else if (is(u, "level/") || is(u, "contract/hollow@") ||
               is(u, "contract/other_than_proved@")) {
        CHECK(s->n[SMT_ERROR] > 0 && strstr(s->why, reason_of(name)));
        totals[2]++;
    } else if (is(u, "contract/")) {
        CHECK(s->n[SMT_ERROR] > 0 && strstr(s->why, "is proved by itself"));
        totals[1]++;
    } else if (optimised) {
        return;
    } else if (is(u, "error/")) {
        CHECK(s->n[SMT_ERROR] > 0);
        if (!CHECK(strstr(s->why, reason_of(name))))
            printf("    %s\n", s->why);
        totals[2]++;
    } else {
        CHECK(is(u, "bad/") || is(u, "false/") || is(u, "ends/"));
        CHECK(is(u, "ends/") ? s->n[SMT_REFUTED] == 1 : s->n[SMT_REFUTED] > 0);
        CHECK_EQ(s->n[SMT_ERROR], 0);
        totals[3]++;
    }
}

/* judge_all: of two files; optimised: the second is the optimiser's. */
static void judge_all(const char *o0, const char *o2, bool optimised) {
    const struct prove_options opt = {.timeout_ms = 20000, .bitcode = {o0, o2}};
    struct unit *units;
    size_t n;
    char err[160] = "";
    if (!CHECK(provider_bitcode.list(&opt, &units, &n, err))) {
        printf("    %s\n", err);
        return;
    }
    for (size_t i = 0; i < n; i++) {
        struct seen s = {0};
        provider_bitcode.run(&opt, &units[i], note, &s);
        judge(&units[i], &s, optimised && strstr(units[i].name, "@O2") != NULL);
    }
    free(units);
}

int main(int argc, char **argv) {
    if (!CHECK(argc == 4))
        return check_end();
    judge_all(argv[1], argv[2], true);
    judge_all(argv[3], argv[3], false);
    printf("%u proved, %u circular, %u errors, %u refuted\n", totals[0], totals[1], totals[2],
           totals[3]);
    CHECK(totals[0] > 150 && totals[1] == 6 && totals[2] > 50 && totals[3] > 120);
    return check_end();
}
