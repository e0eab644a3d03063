/* cmd_run.c: bpflab run FILE: run a program once, N times, or on every packet of a capture.
 */
#include <inttypes.h>
#include <stdlib.h>

#include "cli/cli.h"
#include "cli/engine.h"
#include "cli/input.h"
#include "cli/mapset.h"
#include "cli/runreport.h"
#include "cli/vouch.h"
#include "runtime/proto.h"

static const struct option_spec options[] = {
    INPUT_PROG_OPTION,
    ENGINE_OPTIONS,
    {.name = "mem",
     .kind = OPTION_BYTES,
     .metavar = "HEX|@FILE",
     .help = "Memory of a bare program: r1 is its address, r2 its length. Default: a conformance "
             "case's -- mem section, else none. Of a fuzz case, the first -- input is what this, "
             "--packet and --ctx default to."},
    {.name = "packet",
     .kind = OPTION_BYTES,
     .metavar = "HEX|@FILE",
     .help = "The packet, from the Ethernet header on. Default: 64 zero bytes."},
    {.name = "pcap",
     .kind = OPTION_FILE,
     .metavar = "FILE",
     .help = "Run on every packet of a pcap or pcapng file and count the return values; maps "
             "persist from packet to packet."},
    {.name = "setup",
     .kind = OPTION_TEXT,
     .metavar = "NAME",
     .help = "Run this program of the object once before, on the same maps and default input: "
             "what user space would fill in."},
    MAPSET_OPTION,
    {.name = "advance",
     .kind = OPTION_NUMBER,
     .metavar = "NS",
     .min = 1,
     .help = "Let this much of the world's time pass after the last run: timers that are due "
             "fire."},
    {.name = "ctx",
     .kind = OPTION_BYTES,
     .metavar = "HEX|@FILE",
     .help = "The context's first bytes, for program types whose context is opaque or has plain "
             "fields."},
    {.name = "repeat",
     .kind = OPTION_NUMBER,
     .metavar = "N",
     .min = 1,
     .max = UINT64_C(1) << 40,
     .help = "Run N times and report the mean time. Memory and maps stay as each run leaves "
             "them; a packet's start and end are put back. Default: 1."},
    {.name = "fuel",
     .kind = OPTION_NUMBER,
     .metavar = "N",
     .min = 1,
     .help = "End the run after this many backward jumps, calls of functions, callbacks and tail "
             "calls. Default: 2^40."},
    {.name = "timeout",
     .kind = OPTION_NUMBER,
     .metavar = "SECONDS",
     .min = 1,
     .max = 86400,
     .help = "End machine code that runs in a child process, with all its repeats, after this "
             "long. Default: --fuel, or you, end what does not end."},
    {.name = "trace",
     .kind = OPTION_FLAG,
     .help = "Show every step of the first run, with the registers and memory that it changed."},
    {.name = "no-verify",
     .kind = OPTION_FLAG,
     .help =
         "Do not verify the program first. Machine code of a program that no verifier has "
         "accepted runs in a child process and counts fuel; the interpreter checks every access "
         "of every program."},
    INPUT_TYPE_OPTION,
    INPUT_OPTIONS,
};

/* struct task: everything a run is made of. */
struct task {
    struct cli *c;
    struct input in;
    uint32_t prog;
    uint32_t setup; /* --setup's program; prog itself if there is none */
    const struct prog *p;
    struct engine_session *session;
    struct vouch vouch;
    struct bytes mem, packet, ctx;
    struct instance_input input;
    struct runview view;
    struct run_log log;
    struct json trace;
    uint64_t repeat;
    uint64_t n_fired; /* by --advance: callbacks, and how the last of them ended */
    struct run_end timers;
};

static int fail(struct task *t, enum bpflab_err err, struct diag *d) {
    if (!d->err)
        diag_set(d, err, "%s", err_text(err));
    return cli_fail(t->c, cli_status_of(err), t->in.name, d);
}

static int read_bytes(struct task *t, const char *name, struct bytes *out) {
    const char *arg = option_text(&t->c->opt, name);
    struct diag d = {.pc = -1};
    if (!arg || !bytes_argument(arg, out, &d))
        return CLI_YES;
    char what[80];
    snprintf(what, sizeof what, "--%s%s%.60s", name, arg[0] == '@' ? " " : "",
             arg[0] == '@' ? arg : "");
    return cli_fail(t->c, CLI_USAGE, what, &d);
}

/* input_of: what the options name, else what the file has. */
static struct instance_input input_of(struct task *t) {
    static const uint8_t none[1];
    struct instance_input i = t->in.fuzz ? inputcase_input(t->in.fuzz)
                                         : (struct instance_input){
                                               .mem = t->in.conf.mem,
                                               .mem_bytes = t->in.conf.mem_bytes,
                                           };
    if (option_on(&t->c->opt, "mem")) {
        i.mem = t->mem.at;
        i.mem_bytes = t->mem.n;
    }
    if (option_on(&t->c->opt, "packet")) {
        i.packet = t->packet.at ? t->packet.at : none;
        i.packet_bytes = t->packet.n;
    }
    if (option_on(&t->c->opt, "ctx")) {
        i.ctx = t->ctx.at;
        i.ctx_bytes = t->ctx.n;
    }
    i.fuel = option_number(&t->c->opt, "fuel", 0);
    return i;
}

/* read_input: the bytes that the options name; notes about those that the program's type cannot
 * use. */
static int read_input(struct task *t) {
    const struct progtype *pt = progtype_of(t->p->type);
    bool raw = t->p->type == PROG_raw, packet = !raw && pt && pt->packet;
    int status = read_bytes(t, "mem", &t->mem);
    if (status == CLI_YES)
        status = read_bytes(t, "packet", &t->packet);
    if (status == CLI_YES)
        status = read_bytes(t, "ctx", &t->ctx);
    if (status != CLI_YES)
        return status;
    const char *type = prog_type_name(t->p->type);
    type = type ? type : "unknown";
    if (option_on(&t->c->opt, "mem") && !raw)
        cli_note("--mem is for bare programs; programs of type %s do not use it", type);
    if (option_on(&t->c->opt, "packet") && !packet)
        cli_note("programs of type %s have no packet; --packet is not used", type);
    if (option_on(&t->c->opt, "ctx") && raw)
        cli_note("bare programs have no context; --ctx is not used");
    if (option_on(&t->c->opt, "pcap") && !packet)
        return cli_failf(t->c, CLI_USAGE, t->in.name,
                         "programs of type %s have no packet: --pcap cannot feed it", type);
    t->input = input_of(t);
    return CLI_YES;
}

static struct runreport report_of(const struct task *t) {
    return (struct runreport){.c = t->c, .p = t->p, .view = &t->view, .log = &t->log};
}

/* start_trace: the tracer that --trace asks for, or NULL. With --json its steps go to an array of
 * their own. */
static struct tracer *start_trace(struct task *t, struct tracer *tracer) {
    if (!option_on(&t->c->opt, "trace"))
        return NULL;
    *tracer = (struct tracer){.c = t->c, .f = stdout};
    if (t->c->as_json) {
        json_open_array(&t->trace);
        tracer->j = &t->trace;
    }
    return tracer;
}

/* status_of: running out of fuel or time decides nothing; any other trap is a no. */
static int status_of(const struct run_end *end) {
    switch (end->kind) {
    case RUN_EXIT: return CLI_YES;
    case RUN_TRAP_FUEL:
    case RUN_HUNG: return CLI_UNDECIDED;
    default: return CLI_NO;
    }
}

/* finish_json: the timers, the trace's array, and the end of the object. */
static void finish_json(struct task *t, const struct tracer *tracer) {
    struct json *j = &t->c->json;
    if (option_on(&t->c->opt, "advance")) {
        json_key(j, "timers");
        json_open_object(j);
        json_put_number(j, "fired", t->n_fired);
        runview_json_trap(j, &t->timers, NULL);
        json_close_object(j);
    }
    if (tracer) {
        json_close_array(&t->trace);
        j->failed |= t->trace.failed;
        json_key(j, "trace");
        json_raw(j, t->trace.text ? t->trace.text : "[]");
        json_put_number(j, "trace_left_out", tracer->n_left_out);
    }
    json_close_object(j);
}

/* run_advance: let the time that --advance names pass, if the run ended well. */
static int run_advance(struct task *t, const struct run_end *end) {
    const uint64_t ns = option_number(&t->c->opt, "advance", 0);
    struct diag d = {.pc = -1};
    t->timers = (struct run_end){.kind = RUN_EXIT};
    if (!ns || end->kind != RUN_EXIT)
        return CLI_YES;
    enum bpflab_err err = engine_run_timers(t->session, ns, &t->timers, &t->n_fired, &d);
    if (!err)
        err = engine_pull(t->session, &d);
    if (err)
        return fail(t, err, &d);
    cli_note("%" PRIu64 " timer callbacks in %" PRIu64 " ns", t->n_fired, ns);
    char text[RUN_END_TEXT_MAX];
    if (t->timers.kind != RUN_EXIT)
        cli_note("a timer callback ended in a trap: %s", run_end_text(&t->timers, text));
    return CLI_YES;
}

static int run_once(struct task *t) {
    struct run_result r;
    struct diag d = {.pc = -1};
    struct tracer storage, *tracer = start_trace(t, &storage);
    enum bpflab_err err = engine_prepare(t->session, t->prog, &t->input, &d);
    if (!err)
        err = runview_take(t->session, t->p, &t->view);
    if (!err)
        err = runner_repeat(t->session, t->repeat, tracer, &t->log, &r, &d);
    if (err)
        return fail(t, err, &d);
    const int status = run_advance(t, &r.end);
    if (status != CLI_YES)
        return status;
    struct runreport about = report_of(t);
    if (t->c->as_json) {
        runreport_json(&about, &r);
        finish_json(t, tracer);
    } else {
        runreport_print(&about, &r);
    }
    return status_of(r.end.kind == RUN_EXIT ? &t->timers : &r.end);
}

static int run_capture(struct task *t, const char *path) {
    struct capture packets;
    struct packets_result r;
    struct diag d = {.pc = -1};
    if (capture_read(path, &packets, &d))
        return cli_fail(t->c, CLI_USAGE, path, &d);
    if (packets.n_cut)
        cli_note("%s: %zu packets were cut short when they were captured", path, packets.n_cut);
    int status = CLI_YES;
    struct tracer storage, *tracer = start_trace(t, &storage);
    enum bpflab_err err = BPFLAB_OK;
    if (packets.n_packets == 0)
        status = cli_failf(t->c, CLI_USAGE, path, "the capture holds no packet");
    else if ((err = engine_prepare(t->session, t->prog, &t->input, &d)) ||
             (err = runview_take(t->session, t->p, &t->view)) ||
             (err = packets_run(t->session, t->prog, &t->input, &packets, t->repeat, tracer,
                                &t->log, &r, &d)))
        status = fail(t, err, &d);
    capture_fini(&packets);
    if (status == CLI_YES)
        status = run_advance(t, &r.end);
    if (status != CLI_YES)
        return status;
    /* The packet and the context are the last one's: what they were before says nothing. */
    free(t->view.packet);
    free(t->view.ctx);
    t->view.packet = t->view.ctx = NULL;
    struct runreport about = report_of(t);
    if (t->c->as_json) {
        runreport_json_packets(&about, &r, t->repeat);
        finish_json(t, tracer);
    } else {
        runreport_print_packets(&about, &r, t->repeat);
    }
    if (r.n_traps)
        return r.n_traps > r.n_out_of_fuel ? CLI_NO : CLI_UNDECIDED;
    return status_of(&t->timers);
}

/* fall_back: a valid program that the engine has no code for runs in the interpreter. */
static enum bpflab_err fall_back(struct task *t, const struct engine_options *opt, struct diag *d) {
    const struct diag *why = engine_falls_back(t->session, t->prog);
    if (!why)
        why = engine_falls_back(t->session, t->setup);
    if (!why)
        return BPFLAB_OK;
    const struct world_config cfg = engine_instance(t->session)->world->cfg;
    struct engine interp;
    char text[320];
    cli_note("%s: no machine code: %s; the interpreter runs it", t->in.name,
             diag_format(why, text, sizeof text));
    engine_close(t->session);
    t->session = NULL;
    const enum bpflab_err err = engine_find("interp", false, &interp, d);
    return err ? err : engine_open(&interp, &t->in.object, &cfg, opt, &t->session, d);
}

/* open_session: the engine, with what the verifier knows where machine code is made. Code of a
 * program that nobody vouches for counts fuel and runs in a child. */
static int open_session(struct task *t) {
    struct engine_options opt = engine_options_of(t->c);
    struct vouch *const v = &t->vouch;
    struct engine engine;
    struct diag d = {.pc = -1};
    int status = engine_pick(t->c, false, &engine);
    if (status != CLI_YES)
        return status;
    enum bpflab_err err = BPFLAB_OK;
    const struct vouch_run runs[] = {{t->prog, (uint32_t)t->input.mem_bytes}, {t->setup, 0}};
    if (engine.kind != ENGINE_INTERP && !option_on(&t->c->opt, "no-verify"))
        err = vouch_for(t->c, &t->in.object, runs, option_on(&t->c->opt, "setup") ? 2 : 1, v);
    opt.trusted = v->trusted;
    opt.facts = v->by_program;
    opt.fuel = !v->trusted || option_on(&t->c->opt, "fuel");
    opt.unwind = t->in.form == INPUT_CASE;
    opt.untraced = true; /* calls are counted in the interpreter's run: lookups may be inlined */
    opt.timeout_ms = option_on(&t->c->opt, "timeout")
                         ? (uint32_t)option_number(&t->c->opt, "timeout", 0) * 1000
                         : UINT32_MAX;
    if (!err && !v->trusted)
        status = engine_pick(t->c, true, &engine);
    if (!err && status == CLI_YES)
        err = engine_open(&engine, &t->in.object, NULL, &opt, &t->session, &d);
    if (!err && status == CLI_YES)
        err = fall_back(t, &opt, &d);
    if (!err && status == CLI_YES && engine_why(t->session, t->prog)->err)
        err = (d = *engine_why(t->session, t->prog)).err;
    if (!err && status == CLI_YES && t->in.fuzz)
        err = inputcase_words(t->in.fuzz, t->session, &d);
    return err ? fail(t, err, &d) : status;
}

/* run_setup: the program that --setup names, once, before anything is measured or compared. */
static int run_setup(struct task *t) {
    const char *name = option_text(&t->c->opt, "setup");
    const struct instance_input input = {0};
    struct diag d = {.pc = -1};
    struct engine_result r;
    if (!name)
        return CLI_YES;
    enum bpflab_err err = engine_prepare(t->session, t->setup, &input, &d);
    if (!err && !engine_local(t->session)) /* the host's world counts instructions: it keeps up */
        interp_run(engine_instance(t->session)->world, engine_job(t->session));
    if (!err)
        err = engine_run(t->session, 1, &r, &d);
    if (err)
        return fail(t, err, &d);
    if (r.end.kind == RUN_EXIT)
        return CLI_YES;
    char text[RUN_END_TEXT_MAX];
    return cli_failf(t->c, status_of(&r.end), t->in.name, "setup program %s: %s", name,
                     run_end_text(&r.end, text));
}

static int run(struct cli *c) {
    struct task t = {.c = c};
    const char *pcap = option_text(&c->opt, "pcap");
    struct engine engine;
    int status = engine_pick(c, false, &engine);
    if (status != CLI_YES)
        return status;
    if (pcap && option_on(&c->opt, "packet"))
        return cli_failf(c, CLI_USAGE, NULL, "run: --packet and --pcap exclude each other");
    status = input_open(c, c->opt.operands[0], &t.in);
    if (status != CLI_YES)
        return status;
    input_retype(c, &t.in);
    json_init(&t.trace);
    t.repeat = option_number(&c->opt, "repeat", 1);
    status = input_pick(c, &t.in, option_text(&c->opt, "prog"), &t.prog);
    if (status == CLI_YES) {
        t.p = &t.in.object.progs[t.prog];
        status = read_input(&t);
        t.setup = t.prog;
        if (status == CLI_YES && option_on(&c->opt, "setup"))
            status = input_pick(c, &t.in, option_text(&c->opt, "setup"), &t.setup);
        if (status == CLI_YES)
            status = open_session(&t);
        if (status == CLI_YES)
            status = mapset_apply(c, t.in.name, t.session);
        if (status == CLI_YES)
            status = run_setup(&t);
        if (status == CLI_YES)
            status = pcap ? run_capture(&t, pcap) : run_once(&t);
        runview_fini(&t.view);
        engine_close(t.session);
        vouch_fini(&t.vouch);
    }
    run_log_fini(&t.log);
    json_fini(&t.trace);
    bytes_fini(&t.mem);
    bytes_fini(&t.packet);
    bytes_fini(&t.ctx);
    input_fini(&t.in);
    return status;
}

const struct verb verb_run = {
    .name = "run",
    .summary = "run a program and show what it did",
    .operands = "FILE",
    .min_operands = 1,
    .max_operands = 1,
    .takes_input = true,
    .description = "Runs one program of FILE in a world of its own: maps as the object defines "
                   "them, a packet or memory as the options say, a clock and random numbers that "
                   "are the same every time. The interpreter checks every access.\n"
                   "\n"
                   "Shows r0, with its name where the program's type gives it one (XDP_PASS), "
                   "the instructions executed, the time, and what changed: packet, memory, "
                   "context, map entries by key, text that the program printed. A run that is "
                   "stopped by a trap shows the instruction, those around it and its source "
                   "line, and ends with exit status 1; one that ran out of fuel or time with 3.\n"
                   "\n"
                   "Instructions are counted, and --trace shown, in a run of the interpreter's "
                   "that starts from the same state; the timed runs count nothing.\n"
                   "\n"
                   "For an engine that makes machine code the program is verified first. What the "
                   "verifier proves goes into the code; a program that it does not accept runs all "
                   "the same, in a child process that may crash, with fuel. A program that the "
                   "engine has no code for (--blind may make too much of it for --code-limit) is "
                   "still valid: the interpreter runs it, and a note says so.",
    .json_keys =
        "engine, program, r0 (\"0x...\"; null after a trap), r0_name, insns (of the first run), "
        "time_ns (per run, mean over the repeats), runs, helper_calls (of the first run), trap "
        "{kind, pc (null if it cannot be told), reason, cause, address, helper, program, text, "
        "source} or null, packet, memory and context {changed, before, after} or null, redirect, "
        "maps[] {name, type, changes[] {key, cpu, "
        "before, after}, n_changes}, printed; with --trace: trace[] {pc, depth, text, regs, "
        "address, written} of the first 100,000 steps, trace_left_out; with --advance: timers "
        "{fired, trap}.\n"
        "\n"
        "With --pcap: packets, results[] {r0, name, n}, other_results, traps and trap_packet; "
        "insns is of all packets, time_ns per packet, r0 the last packet's.",
    .examples = "    bpflab run prog.s --mem 0102030405060708\n"
                "    bpflab run fw.o --prog xdp_fw --packet @syn.bin --trace\n"
                "    bpflab run fw.o --prog xdp_fw --setup load_policy --pcap traffic.pcap\n"
                "    bpflab run fw.o --map allowed:0a000001=01 --packet @syn.bin\n"
                "    echo 'r0 = 42; exit' | bpflab run - --repeat 1M --json",
    .options = options,
    .n_options = sizeof options / sizeof options[0],
    .run = run,
};
