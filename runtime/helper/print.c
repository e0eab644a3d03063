/* print.c: formatted output: into the trace, into a sequence file, into the program's memory. */
#include "runtime/helper/arg.h"
#include "runtime/helper/btfshow.h"
#include "runtime/helper/format.h"

enum {
    CONST_STRING_MAX = 1 << 20,
    BTF_PTR_BYTES = 16, /* struct btf_ptr: address, type id, flags that nobody reads */
    BTF_PTR_TYPE = 8,
};

/* The array of n_bytes of 64-bit arguments at addr.
 * out: how many, -EINVAL, or -EFAULT with a trap pending */
static int read_args(struct world *w, uint64_t addr, uint32_t n_bytes, uint64_t *args) {
    if (n_bytes % 8 || n_bytes > FORMAT_ARGS_MAX * 8 || (n_bytes && !addr))
        return -LX_EINVAL;
    const uint8_t *p = arg_read(w, addr, n_bytes);
    if (!p)
        return -LX_EFAULT;
    for (uint32_t i = 0; i < n_bytes / 8; i++)
        args[i] = world_get64(w, p + i * 8);
    return (int)(n_bytes / 8);
}

static void emit(struct world *w, const char *text, size_t n_bytes) {
    if (w->print)
        w->print(w->print_self, text, n_bytes);
}

/* Print to the trace; at most FORMAT_TEXT_MAX - 1 bytes go out, all are counted. */
static uint64_t trace_text(struct world *w, const uint8_t *fmt, uint32_t fmt_bytes,
                           const uint64_t *args, uint32_t n_args) {
    char text[FORMAT_TEXT_MAX];
    const int64_t n = format_text(w, text, sizeof text, fmt, fmt_bytes, args, n_args);
    if (n >= 0)
        emit(w, text, n < FORMAT_TEXT_MAX ? (size_t)n : FORMAT_TEXT_MAX - 1);
    return arg_int(n);
}

uint64_t helper_trace_printk(uint64_t r1, uint64_t r2, uint64_t r3, uint64_t r4, uint64_t r5,
                             struct world *w) {
    const uint64_t args[3] = {r3, r4, r5};
    const uint8_t *fmt = arg_read(w, r1, (uint32_t)r2);
    return fmt ? trace_text(w, fmt, (uint32_t)r2, args, 3) : 0;
}

uint64_t helper_trace_vprintk(uint64_t r1, uint64_t r2, uint64_t r3, uint64_t r4, uint64_t r5,
                              struct world *w) {
    HELPER_UNUSED1(r5);
    uint64_t args[FORMAT_ARGS_MAX];
    const uint8_t *fmt = arg_read(w, r1, (uint32_t)r2);
    const int n = fmt ? read_args(w, r3, (uint32_t)r4, args) : 0;
    if (n < 0)
        return arg_int(n);
    return fmt ? trace_text(w, fmt, (uint32_t)r2, args, (uint32_t)n) : 0;
}

uint64_t helper_snprintf(uint64_t r1, uint64_t r2, uint64_t r3, uint64_t r4, uint64_t r5,
                         struct world *w) {
    uint64_t args[FORMAT_ARGS_MAX];
    const uint32_t size = (uint32_t)r2;
    char *out = arg_write(w, r1, size);
    const int64_t fmt_len = world_cstr(w, r3, CONST_STRING_MAX);
    if (fmt_len < 0)
        world_trap(w, r3 ? RUN_TRAP_MEMORY : RUN_TRAP_NULL, r3);
    if (!out || fmt_len < 0)
        return 0;
    const int n = read_args(w, r4, (uint32_t)r5, args);
    if (n < 0)
        return arg_int(n);
    const int64_t len =
        format_text(w, out, size, w->mem + world_off(r3), (uint64_t)fmt_len + 1, args, (uint32_t)n);
    return arg_int(len < 0 ? len : len + 1);
}

/* A sequence file's reader is the world's printer, which takes everything. */
uint64_t helper_seq_printf(uint64_t r1, uint64_t r2, uint64_t r3, uint64_t r4, uint64_t r5,
                           struct world *w) {
    HELPER_UNUSED1(r1);
    uint64_t args[FORMAT_ARGS_MAX];
    char text[4 * FORMAT_TEXT_MAX];
    const uint8_t *fmt = arg_read(w, r2, (uint32_t)r3);
    const int n_args = fmt ? read_args(w, r4, (uint32_t)r5, args) : 0;
    if (!fmt || n_args < 0)
        return arg_int(n_args);
    const int64_t n = format_text(w, text, sizeof text, fmt, (uint32_t)r3, args, (uint32_t)n_args);
    if (n < 0)
        return arg_int(n);
    if (n >= (int64_t)sizeof text)
        return helper_err(LX_EOVERFLOW);
    emit(w, text, (size_t)n);
    return 0;
}

uint64_t helper_seq_write(uint64_t r1, uint64_t r2, uint64_t r3, uint64_t r4, uint64_t r5,
                          struct world *w) {
    HELPER_UNUSED3(r1, r4, r5);
    const char *data = arg_read(w, r2, (uint32_t)r3);
    if (data)
        emit(w, data, (uint32_t)r3);
    return 0;
}

/* Print what the struct btf_ptr at addr says; text as btfshow has it.
 * out: 0 or negative errno */
static int show(struct world *w, uint64_t addr, uint32_t size, uint64_t flags,
                struct textbuf *text) {
    const uint8_t *p = arg_read(w, addr, size);
    if (!p)
        return -LX_EFAULT;
    if (flags & ~(uint64_t)BTFSHOW_ALL || size != BTF_PTR_BYTES || !w->env->vmlinux)
        return -LX_EINVAL;
    const uint32_t type_id = world_get32(w, p + BTF_PTR_TYPE);
    return type_id ? btfshow(w, type_id, world_get64(w, p), flags, text) : -LX_EINVAL;
}

uint64_t helper_snprintf_btf(uint64_t r1, uint64_t r2, uint64_t r3, uint64_t r4, uint64_t r5,
                             struct world *w) {
    const uint32_t size = (uint32_t)r2;
    struct textbuf text = {.p = arg_write(w, r1, size), .size = size};
    if (!text.p)
        return 0;
    const int err = show(w, r3, (uint32_t)r4, r5, &text);
    if (!err || text.used)
        text_end(&text);
    return arg_int(err ? err : (int)text.used);
}

uint64_t helper_seq_printf_btf(uint64_t r1, uint64_t r2, uint64_t r3, uint64_t r4, uint64_t r5,
                               struct world *w) {
    HELPER_UNUSED2(r1, r5);
    return arg_int(show(w, r2, (uint32_t)r3, r4, NULL));
}
