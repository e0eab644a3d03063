# What surrounds proving: no solver and no LLVM in it (included by CMakeLists.txt of this folder).
bpflab_library(prover SOURCES crosscheck.c ledger.c result.c schedule.c select.c)

# Z3 and LLVM's C library, for what is proved with: BPFLAB_SOLVER says whether they are here; targets z3_library and
# llvm_library. Without them everything else is built, and bpflab prove says what is missing.
find_path(Z3_INCLUDE_DIR z3.h)
find_library(Z3_LIBRARY z3)
find_path(LLVM_C_INCLUDE_DIR llvm-c/Core.h PATHS /usr/include/llvm-c-19 /usr/lib/llvm-19/include)
find_path(LLVM_INCLUDE_DIR llvm/Config/llvm-config.h PATHS /usr/include/llvm-19 /usr/lib/llvm-19/include)
find_library(LLVM_C_LIBRARY LLVM-19 PATHS /usr/lib/llvm-19/lib)
if(Z3_INCLUDE_DIR AND Z3_LIBRARY AND LLVM_C_INCLUDE_DIR AND LLVM_INCLUDE_DIR AND LLVM_C_LIBRARY)
    set(BPFLAB_SOLVER ON)
    add_library(z3_library INTERFACE)
    target_include_directories(z3_library SYSTEM INTERFACE ${Z3_INCLUDE_DIR})
    target_link_libraries(z3_library INTERFACE ${Z3_LIBRARY})
    add_library(llvm_library INTERFACE)
    target_include_directories(llvm_library SYSTEM INTERFACE ${LLVM_C_INCLUDE_DIR} ${LLVM_INCLUDE_DIR})
    target_link_libraries(llvm_library INTERFACE ${LLVM_C_LIBRARY})
else()
    set(BPFLAB_SOLVER OFF)
    message(STATUS "bpflab-prove is not built: it needs Z3 (package libz3-dev) and LLVM 19 (package llvm-19-dev)")
endif()
