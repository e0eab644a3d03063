/* serve.h: what an executor has, and how it answers. */
#ifndef BPFLAB_ENGINE_EXECUTOR_SERVE_H
#define BPFLAB_ENGINE_EXECUTOR_SERVE_H

#include "engine/bare.h"
#include "engine/machine.h"
#include "engine/pack.h"
#include "engine/protocol.h"
#include "engine/wire.h"

enum {
    LOG_BYTES = 1 << 20
};

struct server {
    uint8_t *shared;
    struct execmem *mem;
    uint64_t enter_addr, exit_addr;
    uint64_t code_addr; /* where programs may lie */
    uint32_t code_bytes;
    bool at_base; /* worlds are at their fixed address */
    /* PROTO_OPEN: an object; open says whether there is one */
    bool open;
    struct packed packed;
    struct instance instance;
    struct snapshot *fresh;
    struct machine machine;
    struct machine_prog *progs;
    struct machine_job job;
    bool prepared;
    /* PROTO_BATCH: a world for bare programs */
    struct world *world;
    struct bare bare;
    /* what programs printed since the last answer that told it */
    char *log;
    size_t log_bytes;
};

/* server_init: memory for code, the entry stub.
 * errors: those of execmem; SYSTEM */
enum bpflab_err server_init(struct server *s, uint8_t *shared, bool one_mapping);
void server_fini(struct server *s);

/* server_hello: who this is. out: bytes of the message in the reply area
 * server_answer: do the n_bytes of requests in the request area. out: bytes of the reply */
uint64_t server_hello(struct server *s);
uint64_t server_answer(struct server *s, uint64_t n_bytes);

/* server_close_object: forget the object, if there is one.
 * server_close_world: the same of the world for bare programs. */
void server_close_object(struct server *s);
void server_close_world(struct server *s);

/* server_progress: tell the host how far this is, in case nothing more comes. */
void server_progress(struct server *s, uint64_t done, uint64_t reply_bytes);

/* server_batch: PROTO_BATCH. */
enum bpflab_err server_batch(struct server *s, struct wire_in *in, struct wire_out *out,
                             struct diag *d);

/* read_code: a program's code out of a message and into place; code->bytes stay NULL.
 * errors: FORMAT, RANGE (outside the code area), NOMEM */
enum bpflab_err read_code(struct server *s, struct wire_in *in, struct machine_prog *out);

#endif
