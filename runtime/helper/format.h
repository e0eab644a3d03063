/* format.h: the kernel's printf as programs may use it. */
#ifndef BPFLAB_RUNTIME_HELPER_FORMAT_H
#define BPFLAB_RUNTIME_HELPER_FORMAT_H

#include "runtime/helper/textbuf.h"
#include "runtime/world.h"

enum {
    FORMAT_ARGS_MAX = 12,
    FORMAT_TEXT_MAX = 1024, /* of bpf_trace_printk, with the NUL */
};

/* format_text: print args by fmt into out.
 *
 * Conversions:
 *   %d %i %u %x %X          with l and ll
 *   %c %s %pks %pus         strings, of the kernel or of user space where it says so
 *   %p %pK                  addresses hashed by the world's seed
 *   %px                     addresses as they are
 *   %ps %pS %pB             symbols of the environment
 *   %pi4 %pI4 %pi6 %pI6     IP addresses: that many bytes of memory
 *   %%
 * Flags "-+ 0" and a width. Strings and addresses that cannot be read print as nothing or zeros.
 *
 * in:     fmt holds a NUL within fmt_bytes; n_args <= FORMAT_ARGS_MAX
 * out:    length of the whole text without its NUL; out holds what fits, NUL-terminated if
 *         out_bytes > 0. Negative errno:
 *         -EINVAL  a format that Linux refuses
 *         -ENOSPC  the arguments' strings exceed 512 bytes in all
 * errors: none
 * cost:   O(length written), whatever the widths
 * source: kernel/bpf/helpers.c, lib/vsprintf.c */
int64_t format_text(const struct world *w, char *out, uint64_t out_bytes, const uint8_t *fmt,
                    uint64_t fmt_bytes, const uint64_t *args, uint32_t n_args);

/* format_pointer: v as %px (raw) or %p prints it, 16 digits wide where no width is asked for. */
void format_pointer(const struct world *w, struct textbuf *t, uint64_t v, bool raw,
                    struct text_spec spec);

#endif
