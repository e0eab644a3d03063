/* provider_lemma.h: the facts behind the lemmas of products.c, proved by themselves. */
#ifndef BPFLAB_PROOFS_PROVIDER_LEMMA_H
#define BPFLAB_PROOFS_PROVIDER_LEMMA_H

#include "proofs/prove.h"

/* Units lemma/NAME and plant/lemma/NAME. Obligations:
 *   lemma/NAME: holds         for all integers (or bit vectors)
 *   lemma/NAME: possible      what is given can be
 *   plant/lemma/NAME: refuted what it must not say is refuted */
extern const struct provider provider_lemma;

/* lemma_name, lemma_users: the i-th lemma and the functions of products.c that it is for, separated
 * by blanks; NULL behind the last. */
const char *lemma_name(unsigned i);
const char *lemma_users(unsigned i);

#endif
