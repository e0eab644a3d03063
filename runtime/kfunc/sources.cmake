# The files of runtime/kfunc, for runtime/CMakeLists.txt.
set(KFUNC_SOURCES kcall.c kfunc/iter.c kfunc/section.c kfunc/dynptr.c kfunc/arena.c)
