/* ir_text.h: hashes of what the globals of a module are, each by its own text.
 *
 * In LLVM's text a function names its struct types, metadata, groups of attributes and string
 * literals, which stand elsewhere. A name is given anew when something else is added to the module
 * (!5, #2, @.str.7), so what it stands for is hashed in its place.
 */
#ifndef BPFLAB_PROOFS_IR_TEXT_H
#define BPFLAB_PROOFS_IR_TEXT_H

#include <llvm-c/Core.h>
#include <stdint.h>

/* struct text_hash: head: of a function, what stands before its body: its type, attributes of its
 * result, its parameters and itself; of others the whole. */
struct text_hash {
    uint64_t whole, head;
};

struct texts;

/* texts_new: of all globals of a module. It is printed once: printing one function alone looks
 * through the whole module each time.
 * out: NULL: no memory; for texts_free */
struct texts *texts_new(LLVMModuleRef m);
void texts_free(struct texts *t);

/* texts_of: in: v is a global of the module */
struct text_hash texts_of(const struct texts *t, LLVMValueRef v);

#endif
