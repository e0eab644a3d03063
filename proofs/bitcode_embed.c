/* bitcode_embed.c: the theorems' bitcode, made by the build, as data of the program. */
#include "proofs/bitcode_embed.h"

/* clang-format off */
#define EMBED(name, file)                                                                          \
    __asm__(".pushsection .rodata\n.balign 16\n"                                                   \
            ".global " name "\n" name ":\n.incbin \"" file "\"\n"                                  \
            ".global " name "_end\n" name "_end:\n.byte 0\n.popsection\n")
/* clang-format on */

EMBED("bpflab_theorems_o0", BITCODE_O0);
EMBED("bpflab_theorems_o2", BITCODE_O2);
extern const unsigned char bpflab_theorems_o0[], bpflab_theorems_o0_end[];
extern const unsigned char bpflab_theorems_o2[], bpflab_theorems_o2_end[];

struct embedded bitcode_embedded(unsigned level) {
    const unsigned char *const begin = level == 0 ? bpflab_theorems_o0 : bpflab_theorems_o2;
    const unsigned char *const end = level == 0 ? bpflab_theorems_o0_end : bpflab_theorems_o2_end;
    return (struct embedded){begin, (size_t)(end - begin)};
}
