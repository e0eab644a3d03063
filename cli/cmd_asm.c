/* cmd_asm.c: bpflab asm FILE -o OUT: text to bytes.
 */
#include <stdlib.h>
#include <string.h>

#include "cli/cli.h"
#include "cli/input.h"

static const struct option_spec options[] = {
    {.name = "output",
     .letter = 'o',
     .kind = OPTION_FILE,
     .metavar = "OUT",
     .help =
         "Write the raw instructions to this file; - is standard output. Default: hex digits on "
         "standard output."},
    INPUT_PROG_OPTION,
    INPUT_OPTIONS,
};

static void print_hex(const uint8_t *bytes, size_t n) {
    for (size_t i = 0; i < n; i++)
        printf("%02x%c", bytes[i], i % INSN_BYTES == INSN_BYTES - 1 ? '\n' : ' ');
}

static void print_json(struct json *j, const char *output, const uint8_t *bytes, size_t n) {
    json_open_object(j);
    json_put_number(j, "n_insns", n / INSN_BYTES);
    json_put_number(j, "n_bytes", n);
    json_put_text(j, "output", output);
    json_key(j, "bytes");
    json_bytes(j, bytes, n);
    json_close_object(j);
}

/* deliver: check the program, then write it where it is wanted. */
static int deliver(struct cli *c, const struct input *in, const struct prog *p) {
    const char *output = option_text(&c->opt, "output");
    struct diag d = {.pc = -1};
    size_t n = (size_t)p->n_insns * INSN_BYTES;
    if (c->as_json && output && !strcmp(output, "-"))
        return cli_failf(c, CLI_USAGE, NULL, "asm: --json and -o - both write to standard output");
    uint8_t *bytes = malloc(n + 1);
    if (!bytes)
        return cli_failf(c, CLI_INTERNAL, in->name, "out of memory");
    for (uint32_t i = 0; i < p->n_insns; i++)
        insn_encode(p->insns[i], p->big_endian, bytes + (size_t)i * INSN_BYTES);
    int status = CLI_YES;
    if (prog_check(p, &d)) {
        char why[320];
        cli_note("%s: not a program that can run: %s", in->name, diag_format(&d, why, sizeof why));
    }
    d = (struct diag){.pc = -1};
    if (output && bytes_write(output, bytes, n, &d))
        status = cli_fail(c, CLI_USAGE, output, &d);
    else if (c->as_json)
        print_json(&c->json, output, bytes, n);
    else if (!output)
        print_hex(bytes, n);
    free(bytes);
    return status;
}

static int run(struct cli *c) {
    struct input in;
    uint32_t index;
    int status = input_open(c, c->opt.operands[0], &in);
    if (status != CLI_YES)
        return status;
    status = input_pick(c, &in, option_text(&c->opt, "prog"), &index);
    if (status == CLI_YES)
        status = deliver(c, &in, &in.object.progs[index]);
    input_fini(&in);
    return status;
}

const struct verb verb_asm = {
    .name = "asm",
    .summary = "turn assembly text into instructions",
    .operands = "FILE",
    .min_operands = 1,
    .max_operands = 1,
    .takes_input = true,
    .description = "Assembles FILE and writes the instructions, 8 bytes each, to OUT, or as hex "
                   "digits, one instruction a line, to standard output. Both syntaxes are "
                   "understood, also mixed: uBPF's (add32 %r1, 5; ldxw %r2, [%r1+4]; jeq %r1, 3, "
                   "+2) and the kernel's (w1 += 5; r2 = *(u32 *)(r1 + 4); if r1 == 3 goto +2), "
                   "with labels (name:) and # comments.\n"
                   "\n"
                   "An input that is not text gives the bytes of its program. What text can say "
                   "but no machine accepts (a jump out of the program, a reserved field) is "
                   "assembled, with a note on standard error.",
    .json_keys = "n_insns, n_bytes, output, bytes",
    .examples = "    bpflab asm prog.s -o prog.bin\n"
                "    bpflab asm prog.s --big-endian -o prog-be.bin\n"
                "    printf 'r0 = 42; exit' | bpflab asm - | bpflab run -",
    .options = options,
    .n_options = sizeof options / sizeof options[0],
    .run = run,
};
