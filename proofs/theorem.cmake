# The theorems' bitcode: the shipped sources of the domain and the theorems in one translation unit, at the two levels that
# are proved (included by CMakeLists.txt of this folder). Needs the compiler that LLVM's C library belongs to.
find_program(CLANG_19 clang-19 REQUIRED)
set(BITCODE_FLAGS -std=gnu11 -fno-strict-aliasing -Wall -Wextra -Wno-unused-function -Werror
    -I${PROJECT_SOURCE_DIR} -c -emit-llvm)
set(BITCODE_O0 ${CMAKE_CURRENT_BINARY_DIR}/theorems-O0.bc)
set(BITCODE_O2 ${CMAKE_CURRENT_BINARY_DIR}/theorems-O2.bc)
# bpflab_bitcode(OUT SOURCE flag...)
function(bpflab_bitcode out source)
    add_custom_command(OUTPUT ${out}
        COMMAND ${CLANG_19} ${BITCODE_FLAGS} ${ARGN} -MD -MF ${out}.d -MT ${out} -o ${out} ${source}
        DEPENDS ${source} DEPFILE ${out}.d VERBATIM)
endfunction()
bpflab_bitcode(${BITCODE_O0} ${CMAKE_CURRENT_SOURCE_DIR}/theorem/all.c -O0)
bpflab_bitcode(${BITCODE_O2} ${CMAKE_CURRENT_SOURCE_DIR}/theorem/all.c
    -O2 -fno-vectorize -fno-slp-vectorize -fno-unroll-loops)
add_custom_target(theorems DEPENDS ${BITCODE_O0} ${BITCODE_O2})
