# What surrounds proving: no solver and no LLVM in it (included by CMakeLists.txt of this folder).
bpflab_library(prover SOURCES crosscheck.c ledger.c result.c schedule.c select.c)
