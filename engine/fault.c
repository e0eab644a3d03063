/* fault.c: the handlers. They touch nothing but the innermost frame of their thread, so that they
 * may run anywhere. */
#define _GNU_SOURCE
#include "engine/fault.h"

#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <ucontext.h>

static const int signals[] = {SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGTRAP};

enum {
    N_SIGNALS = sizeof signals / sizeof signals[0],
    STACK_BYTES = 64 * 1024,
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static unsigned n_installed;               /* under lock */
static struct sigaction before[N_SIGNALS]; /* written before the first handler is there */
static _Thread_local struct fault_frame *top;
static _Thread_local void *own_stack; /* a signal stack that this file gave the thread */
static _Thread_local unsigned n_of_thread;

static uint64_t pc_of(const ucontext_t *u) {
#if defined(__x86_64__)
    return (uint64_t)u->uc_mcontext.gregs[REG_RIP];
#elif defined(__aarch64__)
    return u->uc_mcontext.pc;
#elif defined(__riscv)
    return u->uc_mcontext.__gregs[REG_PC];
#elif defined(__s390x__)
    return u->uc_mcontext.psw.addr;
#else
    (void)u;
    return 0;
#endif
}

/* Whoever handled the signal before, as if this file were not there. */
static void pass_on(int signal, siginfo_t *info, void *context) {
    for (int i = 0; i < N_SIGNALS; i++) {
        if (signals[i] != signal)
            continue;
        const struct sigaction *old = &before[i];
        if (old->sa_flags & SA_SIGINFO) {
            old->sa_sigaction(signal, info, context);
        } else if (old->sa_handler == SIG_DFL || old->sa_handler == SIG_IGN) {
            sigaction(signal, old, NULL); /* the instruction runs again and ends the process */
            if (info->si_code <= 0)       /* sent by somebody: it would not come again */
                raise(signal);
        } else {
            old->sa_handler(signal);
        }
    }
}

static void on_signal(int signal, siginfo_t *info, void *context) {
    struct fault_frame *f = top;
    const uint64_t pc = pc_of(context);
    /* Some machines point behind the instruction. */
    if (!f || info->si_code <= 0 || pc - f->code > f->code_bytes) {
        pass_on(signal, info, context);
        return;
    }
    f->fault = (struct fault){
        .signal = signal,
        .pc = pc,
        .addr = (uint64_t)(uintptr_t)info->si_addr,
        /* x86-64 does not say what a non-canonical address was */
        .has_addr = (signal == SIGSEGV || signal == SIGBUS) && info->si_code != SI_KERNEL,
    };
    siglongjmp(f->back, 1);
}

static enum bpflab_err give_stack(void) {
    stack_t now;
    if (sigaltstack(NULL, &now))
        return BPFLAB_E_SYSTEM;
    if (!(now.ss_flags & SS_DISABLE))
        return BPFLAB_OK;
    void *p = malloc(STACK_BYTES);
    const stack_t mine = {.ss_sp = p, .ss_size = STACK_BYTES};
    if (!p)
        return BPFLAB_E_NOMEM;
    if (sigaltstack(&mine, NULL)) {
        free(p);
        return BPFLAB_E_SYSTEM;
    }
    own_stack = p;
    return BPFLAB_OK;
}

static void take_stack(void) {
    const stack_t none = {.ss_flags = SS_DISABLE};
    if (!own_stack)
        return;
    sigaltstack(&none, NULL);
    free(own_stack);
    own_stack = NULL;
}

static bool put_handlers(void) {
    struct sigaction sa = {.sa_sigaction = on_signal,
                           .sa_flags = SA_SIGINFO | SA_ONSTACK | SA_NODEFER};
    sigemptyset(&sa.sa_mask);
    for (int i = 0; i < N_SIGNALS; i++)
        if (sigaction(signals[i], NULL, &before[i]))
            return false;
    for (int i = 0; i < N_SIGNALS; i++)
        if (sigaction(signals[i], &sa, NULL))
            return false;
    return true;
}

enum bpflab_err fault_install(void) {
    enum bpflab_err err = n_of_thread ? BPFLAB_OK : give_stack();
    if (err)
        return err;
    n_of_thread++;
    pthread_mutex_lock(&lock);
    if (n_installed == 0 && !put_handlers())
        err = BPFLAB_E_SYSTEM;
    else
        n_installed++;
    pthread_mutex_unlock(&lock);
    if (err && --n_of_thread == 0)
        take_stack();
    return err;
}

void fault_remove(void) {
    pthread_mutex_lock(&lock);
    if (--n_installed == 0)
        for (int i = 0; i < N_SIGNALS; i++)
            sigaction(signals[i], &before[i], NULL);
    pthread_mutex_unlock(&lock);
    if (n_of_thread && --n_of_thread == 0) /* another thread may have installed them */
        take_stack();
}

void fault_enter(struct fault_frame *f) {
    f->outer = top;
    top = f;
}

void fault_leave(struct fault_frame *f) {
    top = f->outer;
}
