/* case_text.h: a case as text, for people to read, change and keep: what the files of corpus are,
 * one a case, each with where it comes from. Text and back is the same case, whatever words its
 * programs are made of.
 *
 *   # A line that begins with # is a comment, in every section.
 *   -- case
 *   title     a spilled bound survives a call        one line for people
 *   found-by  containment                            the oracle that should have objected
 *   fixed-in  1a2b3c4                                where it no longer happens
 *   expect    reject                                 accept, reject or unknown: the verdict
 *   type      sched_cls                              of all programs: Linux's names, or numbers
 *   attach    cgroup_inet_egress
 *   sleepable
 *   -- asm                                           program 0; -- asm 1 and -- asm 2: the others
 *   r6 = r1
 *   r1 = map_idx(3) ll                               # hash
 *   call kfunc 7                                     # bpf_iter_num_new
 *   exit
 *   -- kfuncs                                        which function each number above stands for
 *   7 bpf_iter_num_new
 *   -- input                                         what it is run on; may be repeated
 *   seed   0x1
 *   words  0x0 0x1 0x2 0x3                           more than one line of them; the rest is 0
 *   packet 000000000000                              likewise
 *
 * The section case comes first: by it the text is known. In it only type must be there. The numbers
 * of kernel functions are the file's own, so that it outlives changes of the table; those that
 * -- kfuncs does not name are left as they are. A text without -- input has one, of zeros; an input
 * that names no packet has 64 zeros.
 */
#ifndef BPFLAB_FUZZ_CASE_TEXT_H
#define BPFLAB_FUZZ_CASE_TEXT_H

#include "fuzz/case.h"

enum {
    CASE_TITLE_BYTES = 160, /* of text and terminator */
    CASE_WORD_BYTES = 48,
};

enum case_expect {
    CASE_EXPECT_NOTHING,
    CASE_EXPECT_ACCEPT,
    CASE_EXPECT_REJECT,
    CASE_EXPECT_UNKNOWN,
};

/* struct case_note: where a case comes from; empty where it is not said. */
struct case_note {
    char title[CASE_TITLE_BYTES];
    char found_by[CASE_WORD_BYTES]; /* as oracle_name has it, or anything else */
    char fixed_in[CASE_WORD_BYTES];
    enum case_expect expect;
};

/* case_expect_name: "accept"; NULL for CASE_EXPECT_NOTHING. */
const char *case_expect_name(enum case_expect e);

/* case_text_is: is this a case's text? By content: its first section is case (loader/text.h).
 * cost: O(bytes) */
bool case_text_is(const uint8_t *bytes, size_t n_bytes);

/* case_text_write: the text of a case.
 * in:     note may be NULL; what of it is no printable text is written as a blank
 * out:    *text malloc'ed, terminated; *n_bytes without the terminator
 * errors: NOMEM
 * cost:   O(instructions) */
enum bpflab_err case_text_write(const struct fuzz_case *c, const struct case_note *note,
                                char **text, size_t *n_bytes);

/* case_text_read: the case that a text says.
 * in:     text need not be terminated; note may be NULL
 * out:    *out, *note; on an error what is in them is of no use
 * errors: SYNTAX, UNDEFINED (a type, a kernel function), DUPLICATE, RANGE, TOO_LONG, EMPTY (a
 *         program without instructions), asm_parse's, NOMEM; d has line, column and reason
 * cost:   O(text) */
enum bpflab_err case_text_read(const char *text, size_t n_bytes, struct fuzz_case *out,
                               struct case_note *note, struct diag *d);

#endif
