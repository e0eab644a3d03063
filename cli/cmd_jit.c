/* cmd_jit.c: bpflab jit FILE: machine code for any target. */
#include <string.h>

#include "cli/cli.h"
#include "cli/input.h"
#include "cli/jitdump.h"
#include "cli/suggest.h"
#include "loader/core.h"

static const struct option_spec options[] = {
    {.name = "arch",
     .kind = OPTION_CHOICE,
     .metavar = "ARCH",
     .choices = "x86-64 x86-64-base arm64 riscv64 s390x stub",
     .help = "The machine. x86-64-base is x86-64 without BMI2 and MOVBE; stub is the template for "
             "new targets, a machine that does not exist. Default: this machine's."},
    {.name = "dump",
     .kind = OPTION_FLAG,
     .help = "Print each instruction with the machine code made of it."},
    {.name = "output",
     .letter = 'o',
     .kind = OPTION_FILE,
     .metavar = "OUT",
     .help = "Write the code to this file, as bare bytes; - is standard output."},
    {.name = "opt",
     .kind = OPTION_NUMBER,
     .metavar = "0|1",
     .max = 1,
     .help = "0: each instruction by itself; 1: better code. Default: 1."},
    {.name = "blind",
     .kind = OPTION_FLAG,
     .help = "Hide the program's constants: none appears in the code as it is."},
    {.name = "blind-seed",
     .kind = OPTION_NUMBER,
     .metavar = "N",
     .help = "What the numbers that hide them are made from. Default: 0."},
    {.name = "code-limit",
     .kind = OPTION_NUMBER,
     .metavar = "BYTES",
     .min = 1,
     .max = UINT32_MAX,
     .help = "Make no code that is longer. Default: no limit."},
    {.name = "fuel",
     .kind = OPTION_FLAG,
     .help = "Count backward jumps and calls, so that the code ends a run when its fuel is used "
             "up. Programs that are not accepted are always made so."},
    {.name = "no-verify",
     .kind = OPTION_FLAG,
     .help = "Do not verify first: the code is then made as for a program of which nothing is "
             "known."},
    {.name = "mem-bytes",
     .kind = OPTION_NUMBER,
     .metavar = "N",
     .max = UINT32_MAX,
     .help = "Bare programs: how much memory r1 points to, for the verifier. Default: a "
             "conformance case's own, else none."},
    INPUT_PROG_OPTION,
    INPUT_TYPE_OPTION,
    INPUT_OPTIONS,
};

/* struct task: one input, one target, and the sums over its programs. */
struct task {
    struct cli *c;
    struct input in;
    struct paper paper;
    struct jitmake_options opt;
    uint32_t from, to;
    uint64_t n_insns, code_bytes, compile_ns;
    bool own_stdout; /* -o - */
    bool given_up;   /* cli_fail was called: its JSON is the answer */
};

static int fail(struct task *t, enum bpflab_err err, struct diag *d) {
    t->given_up = true;
    if (!d->err)
        diag_set(d, err, "%s", err_text(err));
    return cli_fail(t->c, cli_status_of(err), t->in.name, d);
}

static int pick_target(struct cli *c, const struct jit_arch **out) {
    const char *const name = option_text(&c->opt, "arch");
    *out = name ? jit_target(name) : jit_host();
    if (*out)
        return CLI_YES;
    return cli_failf(c, CLI_UNDECIDED, NULL,
                     "jit: there is no target for this machine; choose one "
                     "with --arch");
}

static const char *verdict_of(const struct jitmake *m) {
    return m->verified ? verdict_name(m->verdict) : NULL;
}

static void json_one(struct task *t, const struct jitmake *m) {
    struct json *const j = &t->c->json;
    json_open_object(j);
    json_put_text(j, "name", m->prog->name);
    json_put_text(j, "section", m->prog->section);
    json_put_text(j, "arch", jit_target_name(t->opt.target));
    json_put_number(j, "n_insns", m->prog->n_insns);
    json_put_text(j, "verdict", verdict_of(m));
    if (m->err) {
        json_put_null(j, "code_bytes");
        json_put_null(j, "compile_ns");
        json_key(j, "error");
        json_open_object(j);
        json_put_text(j, "reason", m->diag.text[0] ? m->diag.text : err_text(m->err));
        if (m->diag.pc >= 0)
            json_put_number(j, "pc", (uint64_t)m->diag.pc);
        json_close_object(j);
    } else {
        json_put_number(j, "code_bytes", m->code.n_bytes);
        json_put_number(j, "compile_ns", m->compile_ns);
        json_put_null(j, "error");
        if (option_on(&t->c->opt, "dump"))
            jitdump_json(j, &t->paper, t->opt.target, m);
    }
    json_close_object(j);
}

static void print_one(struct task *t, const struct jitmake *m) {
    const struct cli *const c = t->c;
    printf("%s", cli_colour(c, CLI_BOLD));
    cli_plain(stdout, m->prog->name && m->prog->name[0] ? m->prog->name : "program");
    printf("%s: ", cli_colour(c, CLI_PLAIN));
    if (m->err)
        printf("no code for %s: the program is still valid and runs in the interpreter\n",
               jit_target_name(t->opt.target));
    else
        printf("%u instructions, %u bytes of %s code, made in %.1f us\n",
               (unsigned)m->prog->n_insns, (unsigned)m->code.n_bytes,
               jit_target_name(t->opt.target), (double)m->compile_ns / 1000);
    if (!m->err && option_on(&c->opt, "dump"))
        jitdump_print(c, stdout, &t->paper, t->opt.target, m);
}

/* What is said beside the result. */
static void remark(const struct task *t, const struct jitmake *m) {
    char why[320];
    const char *const name = m->prog->name && m->prog->name[0] ? m->prog->name : "the program";
    if (m->err)
        cli_note("%s: %s: %s", t->in.name, name, diag_format(&m->diag, why, sizeof why));
    else if (m->verified && m->verdict != VERDICT_ACCEPT)
        cli_note("%s: %s: not accepted (bpflab verify says why): the code is made as for a program "
                 "of which nothing is known",
                 t->in.name, name);
}

static int write_code(struct task *t, const struct jitmake *m) {
    const char *const output = option_text(&t->c->opt, "output");
    struct diag d = {.pc = -1};
    if (!output || m->err || !bytes_write(output, m->code.bytes, m->code.n_bytes, &d))
        return CLI_YES;
    t->given_up = true;
    return cli_fail(t->c, CLI_USAGE, output, &d);
}

/* One program. out: the exit status */
static int make_one(struct task *t, uint32_t prog) {
    struct jitmake m;
    struct diag d = {.pc = -1};
    const enum bpflab_err err = jitmake(&t->paper, prog, &t->opt, &m, &d);
    if (err)
        return fail(t, err, &d);
    t->n_insns += m.prog->n_insns;
    t->code_bytes += m.code.n_bytes;
    t->compile_ns += m.compile_ns;
    remark(t, &m);
    int status = write_code(t, &m);
    if (status == CLI_YES && t->c->as_json)
        json_one(t, &m);
    else if (status == CLI_YES && !t->own_stdout)
        print_one(t, &m);
    if (status == CLI_YES && m.err)
        status = cli_status_of(m.err);
    jitmake_fini(&m);
    return status;
}

static int make_all(struct task *t) {
    struct json *const j = &t->c->json;
    int worst = CLI_YES;
    if (t->c->as_json) {
        json_open_object(j);
        json_key(j, "programs");
        json_open_array(j);
    }
    for (uint32_t i = t->from; i < t->to; i++) {
        const int status = make_one(t, i);
        worst = status > worst ? status : worst;
        if (t->given_up)
            return status;
        if (!t->c->as_json && !t->own_stdout && i + 1 < t->to && option_on(&t->c->opt, "dump"))
            putchar('\n');
    }
    if (t->c->as_json) {
        json_close_array(j);
        json_put_text(j, "arch", jit_target_name(t->opt.target));
        json_put_number(j, "n_insns", t->n_insns);
        json_put_number(j, "code_bytes", t->code_bytes);
        json_put_number(j, "compile_ns", t->compile_ns);
        json_close_object(j);
    } else if (t->to - t->from > 1) {
        printf("all: %llu instructions, %llu bytes of %s code, made in %.1f us\n",
               (unsigned long long)t->n_insns, (unsigned long long)t->code_bytes,
               jit_target_name(t->opt.target), (double)t->compile_ns / 1000);
    }
    return worst;
}

/* The programs, checked against what the options ask of them. */
static int pick_programs(struct task *t) {
    struct cli *const c = t->c;
    const struct jit_arch *const target = t->opt.target;
    const char *const output = option_text(&c->opt, "output");
    t->own_stdout = output && !strcmp(output, "-");
    if (t->own_stdout && (c->as_json || option_on(&c->opt, "dump")))
        return cli_failf(c, CLI_USAGE, NULL, "jit: %s and -o - both write to standard output",
                         c->as_json ? "--json" : "--dump");
    input_retype(c, &t->in);
    const char *const wanted = option_text(&c->opt, "prog");
    const int status = output ? input_pick(c, &t->in, wanted, &t->from)
                              : input_range(c, &t->in, wanted, &t->from, &t->to);
    t->to = output ? t->from + 1 : t->to;
    if (status == CLI_YES && t->in.form == INPUT_ELF &&
        t->in.object.big_endian != jit_target_big_endian(target))
        cli_note("%s: made for %s-endian machines; what it reads in parts, or finds in its data, "
                 "means something else on %s",
                 t->in.name, t->in.object.big_endian ? "big" : "little", jit_target_name(target));
    return status;
}

static int run(struct cli *c) {
    struct task t = {.c = c};
    struct diag d = {.pc = -1};
    int status = pick_target(c, &t.opt.target);
    if (status == CLI_YES)
        status = input_open(c, c->opt.operands[0], &t.in);
    if (status != CLI_YES)
        return status;
    const struct core_source source = {.path = option_text(&c->opt, "btf")};
    if (core_target_new(&source, &t.opt.kernel) != BPFLAB_OK) {
        input_fini(&t.in);
        return cli_fail(c, CLI_INTERNAL, NULL, &(struct diag){.text = "out of memory"});
    }
    t.opt.verify = !option_on(&c->opt, "no-verify");
    t.opt.mem_bytes = (uint32_t)option_number(&c->opt, "mem-bytes", t.in.conf.mem_bytes);
    t.opt.jit = (struct jit_options){
        .opt = (int)option_number(&c->opt, "opt", 1),
        .blind = option_on(&c->opt, "blind"),
        .blind_seed = option_number(&c->opt, "blind-seed", 0),
        .fuel = option_on(&c->opt, "fuel"),
        .unwind = t.in.form == INPUT_CASE,
        .untraced = true,
        .max_bytes = (uint32_t)option_number(&c->opt, "code-limit", 0),
    };
    status = pick_programs(&t);
    if (status == CLI_YES) {
        const enum bpflab_err err = paper_new(&t.in.object, t.opt.target, &t.paper, &d);
        status = err ? fail(&t, err, &d) : make_all(&t);
        if (!err)
            paper_fini(&t.paper);
    }
    core_target_free(t.opt.kernel);
    input_fini(&t.in);
    return status;
}

const struct verb verb_jit = {
    .name = "jit",
    .summary = "make machine code for any target",
    .operands = "FILE",
    .min_operands = 1,
    .max_operands = 1,
    .takes_input = true,
    .description =
        "Compiles each program of FILE, or the one that --prog names, for the machine that --arch "
        "names. Nothing is run, so any target is made on any machine. The program is verified "
        "first: what is known of an accepted program makes its code shorter.\n"
        "\n"
        "The code is made for a process that does not exist: maps lie where bpflab puts them, and "
        "the code, helpers and kernel functions at made-up addresses so near each other that calls "
        "are direct.\n"
        "\n"
        "--dump shows the machine code below the instruction it was made of; several instructions "
        "above one piece of code became one operation, and one without code is not needed. "
        "What is rarely executed lies behind its function (cold0, cold1, ...), constants behind "
        "all of it (pool). Jumps and calls name what they lead to. The assembly is LLVM's, whose "
        "library (libLLVM 19) is used if it is installed; without it there are bytes only.\n"
        "\n"
        "A program that the target cannot have code for, whose constants cannot be hidden as "
        "--blind asks, or whose code is longer than --code-limit, is still valid and runs in the "
        "interpreter; the exit status is 3 then.",
    .json_keys =
        "arch, n_insns, code_bytes, compile_ns (each the sum over the programs), programs[] {name, "
        "section, arch, n_insns, verdict (null without verification), code_bytes, compile_ns (the "
        "median of several compilations), error {reason, pc} or null}; with --dump also parts[] "
        "{kind (enter, insns, cold, pool), pc, what, offset, n_bytes, insns[] {pc, text, source}, "
        "code[] {offset, bytes, text}}.",
    .examples = "    bpflab jit prog.o --arch arm64 --dump\n"
                "    bpflab jit prog.o --prog xdp_fw --arch s390x -o fw.bin\n"
                "    echo 'r0 = 42; exit' | bpflab jit - --arch riscv64 --dump",
    .options = options,
    .n_options = sizeof options / sizeof options[0],
    .run = run,
};
