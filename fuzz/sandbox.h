/* sandbox.h: what a fuzzing process gives up before generated code runs in it.
 *
 * A seccomp filter, for the calling thread and those that it starts, with a list of what is
 * allowed: memory, clocks, threads, signals to itself, files. No programs are started and no
 * processes made, nothing is traced, there are no sockets, no mounts, no bpf(), no signals to
 * others. Nor are there core files. Paths are not looked at: where files may be opened for writing,
 * any file may that the user can write.
 *
 * What asks for more is stopped by SIGSYS, whose handler says which call it was and aborts: the
 * fuzzer keeps the input as it does with any crash. Only processes, pipes and pairs of sockets just
 * fail, since libFuzzer asks for them to name functions, and goes on without. Built with a
 * sanitizer, whose runtime does unusual things when it reports (it starts a symbolizer, and traces
 * its own threads to look for leaks), everything fails with EPERM instead, and tracing and
 * processes without programs are allowed.
 */
#ifndef BPFLAB_FUZZ_SANDBOX_H
#define BPFLAB_FUZZ_SANDBOX_H

#include <stdbool.h>

enum fuzz_sandbox_files {
    FUZZ_SANDBOX_READS,  /* files are opened for reading only, and none is removed */
    FUZZ_SANDBOX_WRITES, /* libFuzzer writes its corpus and its findings from here */
};

/* fuzz_sandbox: for good.
 * out: false: the system refused, errno says why */
bool fuzz_sandbox(enum fuzz_sandbox_files files);

/* fuzz_sandbox_traps: is what asks for more stopped, or does it fail? */
bool fuzz_sandbox_traps(void);

#endif
