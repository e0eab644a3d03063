/* sandbox_arch.h: what seccomp filters must know of the machine and the build: the number of this
 * machine, and whether a sanitizer's runtime is there, which asks for much more when it reports.
 */
#ifndef BPFLAB_ENGINE_SANDBOX_ARCH_H
#define BPFLAB_ENGINE_SANDBOX_ARCH_H

#include <linux/audit.h>

#if defined(__x86_64__)
#define SANDBOX_ARCH AUDIT_ARCH_X86_64
#elif defined(__aarch64__)
#define SANDBOX_ARCH AUDIT_ARCH_AARCH64
#elif defined(__riscv)
#define SANDBOX_ARCH AUDIT_ARCH_RISCV64
#elif defined(__s390x__)
#define SANDBOX_ARCH AUDIT_ARCH_S390X
#endif

#if defined(__SANITIZE_ADDRESS__)
#define SANDBOX_SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define SANDBOX_SANITIZED 1
#endif
#endif
#ifndef SANDBOX_SANITIZED
#define SANDBOX_SANITIZED 0
#endif

#endif
