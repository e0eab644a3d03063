/* format.h: the kernel's printf as programs may use it. */
#ifndef BPFLAB_RUNTIME_HELPER_FORMAT_H
#define BPFLAB_RUNTIME_HELPER_FORMAT_H

#include "runtime/world.h"

enum {
    FORMAT_ARGS_MAX = 12,
    FORMAT_TEXT_MAX = 1024, /* of bpf_trace_printk, with the NUL */
};

/* format_text: print args by fmt into out.
 *
 * fmt must hold a NUL within fmt_bytes. Conversions: %d %i %u %x %X with l and ll, %c, %s %pks %pus
 * (strings), %p %pK (hashed by the world's seed), %px, %ps %pS %pB (symbols of the environment),
 * %pi4 %pI4 %pi6 %pI6 (addresses of that many bytes in memory), %%; flags "-+ 0" and a width.
 * Strings and addresses that cannot be read print as nothing or zeros.
 *
 * in:     n_args <= FORMAT_ARGS_MAX
 * out:    length of the whole text without its NUL; out holds what fits, NUL-terminated if
 * out_bytes > 0; -EINVAL for a format that Linux refuses, -ENOSPC if the arguments' strings exceed
 * 512 bytes in all cost:   O(length written), whatever the widths  */
int64_t format_text(const struct world *w, char *out, uint64_t out_bytes, const uint8_t *fmt,
                    uint64_t fmt_bytes, const uint64_t *args, uint32_t n_args);

#endif
