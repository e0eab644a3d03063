/* fault_test.c: signals in generated code are values, signals elsewhere are their handler's. */
#include "engine/fault.h"

#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>

#include "tests/check.h"

static volatile sig_atomic_t n_passed_on;
static sigjmp_buf outside;

static void on_segv(int signal) {
    (void)signal;
    n_passed_on++;
    siglongjmp(outside, 1);
}

__attribute__((noinline)) static int read_at(const volatile int *p) {
    return *p;
}

/* One read at p, in a frame that says the code from start on may fault. out: did it? */
static bool faults(const volatile int *p, uint64_t start, uint64_t n_bytes, struct fault *out) {
    struct fault_frame f = {.code = start, .code_bytes = n_bytes};
    volatile bool faulted = false;
    fault_enter(&f);
    if (!sigsetjmp(f.back, 0))
        read_at(p);
    else
        faulted = true;
    fault_leave(&f);
    *out = f.fault;
    return faulted;
}

int main(void) {
    struct sigaction mine = {.sa_handler = on_segv, .sa_flags = SA_NODEFER}, now;
    struct fault fault;
    const uint64_t code = (uint64_t)(uintptr_t)read_at;
    const volatile int *const bad = mmap(NULL, 4096, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    int fine = 5;
    CHECK(bad != MAP_FAILED);
    CHECK_EQ(sigaction(SIGSEGV, &mine, NULL), 0);
    CHECK_EQ(fault_install(), BPFLAB_OK);
    CHECK_EQ(fault_install(), BPFLAB_OK);
    CHECK(!faults(&fine, code, 256, &fault));
    for (int i = 0; i < 3; i++) {
        CHECK(faults(bad, code, 256, &fault));
        CHECK_EQ(fault.signal, SIGSEGV);
        CHECK(fault.has_addr);
        CHECK_EQ(fault.addr, (uintptr_t)bad);
        CHECK(fault.pc - code <= 256);
    }
    CHECK_EQ(n_passed_on, 0);
    if (!sigsetjmp(outside, 0)) { /* elsewhere: the handler of before */
        faults(bad, code + 4096, 16, &fault);
        CHECK(false);
    }
    CHECK_EQ(n_passed_on, 1);
    fault_remove();
    fault_remove();
    CHECK_EQ(sigaction(SIGSEGV, NULL, &now), 0);
    CHECK(now.sa_handler == on_segv);
    return check_end();
}
