/* sandbox.c: resource limits, and a seccomp filter made from a list of system calls. */
#define _GNU_SOURCE
#include "engine/sandbox.h"
#include "engine/sandbox_arch.h"

#include <linux/filter.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>

bool sandbox_limits(void) {
    static const struct {
        int what;
        rlim_t most;
    } limits[] = {{RLIMIT_CORE, 0}, {RLIMIT_FSIZE, 0}, {RLIMIT_NOFILE, 32}, {RLIMIT_NPROC, 0}};
    for (size_t i = 0; i < sizeof limits / sizeof *limits; i++) {
        const struct rlimit r = {limits[i].most, limits[i].most};
        if (setrlimit((__rlimit_resource_t)limits[i].what, &r))
            return false;
    }
    return !prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
}

/* Calls that everybody here goes on making: for memory, clocks, answering, leaving. None that sends
 * a signal: who aborts ends by this filter as well. */
static const uint16_t calls[] = {
    SYS_read,         SYS_write,           SYS_mmap,
    SYS_munmap,       SYS_mremap,          SYS_mprotect,
    SYS_brk,          SYS_madvise,         SYS_futex,
    SYS_rt_sigreturn, SYS_rt_sigprocmask,  SYS_rt_sigaction,
    SYS_sigaltstack,  SYS_clock_gettime,   SYS_exit,
    SYS_exit_group,   SYS_restart_syscall,
};

enum {
    N_CALLS = sizeof calls / sizeof calls[0],
    HEAD = 4,
    MOST_MORE = 32,
    N_FILTER = HEAD + N_CALLS + MOST_MORE + 2,
};

bool sandbox_filter(const uint16_t *more, uint8_t n_more) {
    struct sock_filter f[N_FILTER] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, arch)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SANDBOX_ARCH, 1, 0),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS),
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
    };
    if (SANDBOX_SANITIZED)
        return true;
    if (n_more > MOST_MORE)
        return false;
    const uint8_t n = (uint8_t)(N_CALLS + n_more);
    for (uint8_t i = 0; i < n; i++)
        f[HEAD + i] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K,
                                                   i < N_CALLS ? calls[i] : more[i - N_CALLS],
                                                   (uint8_t)(n - i), 0);
    f[HEAD + n] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS);
    f[HEAD + n + 1] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
    const struct sock_fprog prog = {.len = (uint16_t)(HEAD + n + 2), .filter = f};
    return !prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) &&
           !prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &prog, 0, 0);
}
