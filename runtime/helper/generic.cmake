# Helpers that are not about the network, and what they answer from.
set(GENERIC_HELPER_SOURCES
    env.c
    helper/attach.c helper/btfshow.c helper/callback.c helper/clock.c helper/convspec.c helper/cpu.c helper/dynptr.c helper/format.c
    helper/hooks.c helper/kernel.c helper/lock.c helper/mapelem.c helper/perf.c helper/print.c helper/probe.c
    helper/ringbuf.c helper/stack.c helper/storage.c helper/string.c helper/task.c helper/textbuf.c
    helper/timer.c)
