/* sandbox.h: what a process gives up before it runs anybody's code: an executor, a fuzzing worker.
 *
 * Limits hold everywhere: no core files, no files written, few descriptors, no further processes
 * (unless root's, whom that limit does not bind), and the process ends with the thread that started
 * it. On the machine itself a seccomp filter leaves it the
 * system calls that memory, clocks and answering need; what asks for another one ends. Under
 * qemu-user there is no filter: qemu refuses guests one, since it needs more calls than they do;
 * nor is there one in a build with a sanitizer.
 */
#ifndef BPFLAB_ENGINE_SANDBOX_H
#define BPFLAB_ENGINE_SANDBOX_H

#include <stdbool.h>
#include <stdint.h>

/* sandbox_limits: at the start. sandbox_filter: when all is set up.
 * in:  more: numbers of system calls that it may make besides; at most 32
 * out: false if the system refused */
bool sandbox_limits(void);
bool sandbox_filter(const uint16_t *more, uint8_t n_more);

#endif
