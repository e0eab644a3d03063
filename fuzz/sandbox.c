/* sandbox.c: the filter, made rule by rule: each allows one system call, on a condition of one
 * argument maybe, and what no rule allows comes to the end.
 */
#define _GNU_SOURCE
#include "fuzz/sandbox.h"
#include "engine/sandbox_arch.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

/* clang-format off */
static const uint16_t calls[] = {
    SYS_read, SYS_write, SYS_readv, SYS_writev, SYS_pread64, SYS_close, SYS_lseek, SYS_fstat,
    SYS_newfstatat, SYS_statx, SYS_getdents64, SYS_fcntl, SYS_faccessat, SYS_readlinkat,
    SYS_getcwd, SYS_dup, SYS_dup3,
    SYS_mmap, SYS_munmap, SYS_mremap, SYS_mprotect, SYS_brk, SYS_madvise, SYS_mincore,
    SYS_futex, SYS_set_robust_list, SYS_set_tid_address, SYS_rseq, SYS_sched_yield,
    SYS_sched_getaffinity, SYS_membarrier, SYS_getpid, SYS_gettid, SYS_getppid, SYS_getuid,
    SYS_geteuid, SYS_getgid, SYS_getegid, SYS_uname, SYS_sysinfo, SYS_getrusage, SYS_getrandom,
    SYS_rt_sigreturn, SYS_rt_sigprocmask, SYS_rt_sigaction, SYS_sigaltstack,
    SYS_clock_gettime, SYS_clock_getres, SYS_clock_nanosleep, SYS_nanosleep, SYS_gettimeofday,
    SYS_setitimer, SYS_getitimer, SYS_exit, SYS_exit_group, SYS_restart_syscall,
#ifdef SYS_stat
    SYS_stat, SYS_lstat, SYS_access, SYS_readlink, SYS_dup2, SYS_time,
#endif
#ifdef SYS_faccessat2
    SYS_faccessat2,
#endif
};
/* What a runtime starts a symbolizer with, for names of functions in what libFuzzer prints: it does
 * without when they fail. */
static const uint16_t failing_calls[] = {SYS_pipe2, SYS_socketpair, SYS_clone,
#ifdef SYS_pipe
    SYS_pipe, SYS_fork, SYS_vfork,
#endif
};
/* Of a runtime that reports and looks for leaks. */
static const uint16_t sanitizer_calls[] = {
    SYS_clone, SYS_ptrace, SYS_wait4, SYS_prctl, SYS_process_vm_readv, SYS_pipe2, SYS_tgkill,
    SYS_prlimit64,
};
/* Of who keeps a corpus. */
static const uint16_t writing_calls[] = {
    SYS_unlinkat, SYS_ftruncate, SYS_mkdirat, SYS_fsync,
#ifdef SYS_unlink
    SYS_unlink, SYS_mkdir,
#endif
};
/* clang-format on */

enum {
    MOST = 256,
    WRITING = O_WRONLY | O_RDWR | O_CREAT | O_TRUNC | O_APPEND,
};

struct filter {
    struct sock_filter f[MOST];
    unsigned short n;
};

static void add(struct filter *f, struct sock_filter in) {
    if (f->n < MOST)
        f->f[f->n++] = in;
}

static void load(struct filter *f, size_t off) {
    add(f, (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, (uint32_t)off));
}

/* The next instruction, if what is loaded is so much; else the one behind the next n. */
static void unless_skip(struct filter *f, uint32_t value, uint8_t n) {
    add(f, (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, value, 0, n));
}

static void end(struct filter *f, uint32_t action) {
    add(f, (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, action));
}

static void rule(struct filter *f, long call, uint32_t action) {
    unless_skip(f, (uint32_t)call, 1);
    end(f, action);
}

static void rules(struct filter *f, const uint16_t *list, size_t n, uint32_t action) {
    for (size_t i = 0; i < n; i++)
        rule(f, list[i], action);
}

/* Where (argument & mask) == value, of its low half. */
static void allow_if(struct filter *f, long call, unsigned arg, uint32_t mask, uint32_t value) {
    const size_t half = __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__ ? 4 : 0;
    unless_skip(f, (uint32_t)call, 5);
    load(f, offsetof(struct seccomp_data, args) + 8 * arg + half);
    add(f, (struct sock_filter)BPF_STMT(BPF_ALU | BPF_AND | BPF_K, mask));
    unless_skip(f, value, 1);
    end(f, SECCOMP_RET_ALLOW);
    load(f, offsetof(struct seccomp_data, nr));
}

#define RULES(f, list, action) rules(f, list, sizeof(list) / sizeof *(list), action)

static void write_filter(struct filter *f, enum fuzz_sandbox_files files, uint32_t otherwise) {
    const uint32_t self = (uint32_t)getpid(), flags_arg = SANDBOX_ARCH == AUDIT_ARCH_S390X;
    load(f, offsetof(struct seccomp_data, arch));
    unless_skip(f, SANDBOX_ARCH, 1);
    add(f, (struct sock_filter)BPF_STMT(BPF_JMP | BPF_JA, 1));
    end(f, SECCOMP_RET_KILL_PROCESS);
    load(f, offsetof(struct seccomp_data, nr));
    RULES(f, calls, SECCOMP_RET_ALLOW);
    if (SANDBOX_SANITIZED)
        RULES(f, sanitizer_calls, SECCOMP_RET_ALLOW);
    allow_if(f, SYS_tgkill, 0, UINT32_MAX, self);
    allow_if(f, SYS_kill, 0, UINT32_MAX, self);
    allow_if(f, SYS_clone, flags_arg, CLONE_THREAD, CLONE_THREAD);
    rule(f, SYS_clone3, SECCOMP_RET_ERRNO | ENOSYS); /* libc takes clone then */
    allow_if(f, SYS_prlimit64, 2, UINT32_MAX, 0);    /* asking, not setting */
    allow_if(f, SYS_ioctl, 1, UINT32_MAX, TCGETS);   /* is it a terminal? */
    const uint32_t mask = files == FUZZ_SANDBOX_WRITES ? 0 : WRITING;
    allow_if(f, SYS_openat, 2, mask, 0);
#ifdef SYS_open
    allow_if(f, SYS_open, 1, mask, 0);
#endif
    if (files == FUZZ_SANDBOX_WRITES)
        RULES(f, writing_calls, SECCOMP_RET_ALLOW);
    RULES(f, failing_calls, SECCOMP_RET_ERRNO | EPERM);
    end(f, otherwise);
}

static void on_sigsys(int signal, siginfo_t *info, void *context) {
    char text[] = "sandbox: system call      is not allowed\n";
    char *digit = text + sizeof "sandbox: system call    ";
    (void)signal;
    (void)context;
    for (unsigned nr = (unsigned)info->si_syscall, i = 0; i < 4 && (nr || i == 0); nr /= 10, i++)
        *digit-- = (char)('0' + nr % 10);
    if (write(STDERR_FILENO, text, sizeof text - 1) < 0)
        _exit(1);
    abort();
}

bool fuzz_sandbox_traps(void) {
    return !SANDBOX_SANITIZED;
}

bool fuzz_sandbox(enum fuzz_sandbox_files files) {
    struct filter f = {.n = 0};
    const struct rlimit none = {0, 0};
    struct sigaction sa = {.sa_sigaction = on_sigsys, .sa_flags = SA_SIGINFO | SA_ONSTACK};
    sigemptyset(&sa.sa_mask);
    write_filter(&f, files, SANDBOX_SANITIZED ? SECCOMP_RET_ERRNO | EPERM : SECCOMP_RET_TRAP);
    const struct sock_fprog prog = {.len = f.n, .filter = f.f};
    if (f.n == MOST) {
        errno = E2BIG;
        return false;
    }
    return !setrlimit(RLIMIT_CORE, &none) && !sigaction(SIGSYS, &sa, NULL) &&
           !prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) &&
           !prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &prog, 0, 0);
}
