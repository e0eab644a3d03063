/* bitcode_embed.c: the theorems' bitcode, made by the build, as data of the program. */
#include "proofs/bitcode_embed.h"

/* clang-format off */
#define EMBED(name, file)                                                                          \
    __asm__(".pushsection .rodata\n.balign 16\n"                                                   \
            ".global " name "\n" name ":\n.incbin \"" file "\"\n"                                  \
            ".global " name "_end\n" name "_end:\n.byte 0\n.popsection\n")
/* clang-format on */

EMBED("bpflab_domain_o0", BITCODE_DOMAIN_O0);
EMBED("bpflab_domain_o2", BITCODE_DOMAIN_O2);
EMBED("bpflab_interp_o0", BITCODE_INTERP_O0);
EMBED("bpflab_interp_o2", BITCODE_INTERP_O2);
extern const unsigned char bpflab_domain_o0[], bpflab_domain_o0_end[];
extern const unsigned char bpflab_domain_o2[], bpflab_domain_o2_end[];
extern const unsigned char bpflab_interp_o0[], bpflab_interp_o0_end[];
extern const unsigned char bpflab_interp_o2[], bpflab_interp_o2_end[];

struct embedded bitcode_embedded(unsigned module, unsigned level) {
    static const struct {
        const unsigned char *begin, *end;
    } all[BITCODE_MODULES][2] = {
        {{bpflab_domain_o0, bpflab_domain_o0_end}, {bpflab_domain_o2, bpflab_domain_o2_end}},
        {{bpflab_interp_o0, bpflab_interp_o0_end}, {bpflab_interp_o2, bpflab_interp_o2_end}},
    };
    const unsigned char *const begin = all[module][level].begin;
    return (struct embedded){begin, (size_t)(all[module][level].end - begin)};
}
