/* sandbox.h: what an executor gives up before it runs anybody's code.
 *
 * Limits hold everywhere: no core files, no files written, few descriptors, no further processes
 * (unless root's, whom that limit does not bind), and the executor ends with the thread of its host
 * that started it. On the machine itself a seccomp filter leaves it the
 * system calls that memory, clocks and answering need; what asks for another one ends. Under
 * qemu-user there is no filter: qemu refuses guests one, since it needs more calls than they do;
 * nor is there one in a build with a sanitizer.
 */
#ifndef BPFLAB_ENGINE_EXECUTOR_SANDBOX_H
#define BPFLAB_ENGINE_EXECUTOR_SANDBOX_H

#include <stdbool.h>

/* sandbox_limits: at the start. sandbox_filter: when all is set up.
 * out: false if the system refused */
bool sandbox_limits(void);
bool sandbox_filter(void);

#endif
