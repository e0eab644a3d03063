# The translator's tests: small functions and theorems, compiled to bitcode at both levels (and, of exec/same.c, for this
# machine), with clang-19's own textual language beside C (included by CMakeLists.txt of this folder).
find_program(CLANG_19 clang-19 REQUIRED)
find_program(LLVM_LINK_19 llvm-link-19 REQUIRED)
set(EXEC_DIR ${CMAKE_CURRENT_SOURCE_DIR}/exec)
set(EXEC_FLAGS -std=gnu11 -fno-strict-aliasing -w -I${PROJECT_SOURCE_DIR})
set(EXEC_O0 -O0)
set(EXEC_O2 -O2 -fno-vectorize -fno-slp-vectorize -fno-unroll-loops)
add_custom_command(OUTPUT insns.bc COMMAND ${CLANG_19} -w -c -emit-llvm ${EXEC_DIR}/insns.ll -o insns.bc
    DEPENDS ${EXEC_DIR}/insns.ll VERBATIM)
add_custom_command(OUTPUT insns.o COMMAND ${CLANG_19} -w -c -fPIC ${EXEC_DIR}/insns.ll -o insns.o
    DEPENDS ${EXEC_DIR}/insns.ll VERBATIM)
add_custom_command(OUTPUT judged-ll.bc COMMAND ${CLANG_19} -w -c -emit-llvm ${EXEC_DIR}/judged.ll -o judged-ll.bc
    DEPENDS ${EXEC_DIR}/judged.ll VERBATIM)
add_custom_command(OUTPUT same-native.o
    COMMAND ${CLANG_19} ${EXEC_FLAGS} -DSAME_NATIVE -O1 -fPIC -c ${EXEC_DIR}/same.c -o same-native.o
    DEPENDS ${EXEC_DIR}/same.c ${EXEC_DIR}/same.h VERBATIM)
foreach(level O0 O2)
    foreach(name same judged)
        add_custom_command(OUTPUT ${name}-${level}.bc
            COMMAND ${CLANG_19} ${EXEC_FLAGS} ${EXEC_${level}} -c -emit-llvm ${EXEC_DIR}/${name}.c -o ${name}-${level}.bc
            DEPENDS ${EXEC_DIR}/${name}.c ${EXEC_DIR}/same.h ${PROJECT_SOURCE_DIR}/proofs/theorem/harness.h VERBATIM)
    endforeach()
    add_custom_command(OUTPUT all-${level}.bc COMMAND ${LLVM_LINK_19} same-${level}.bc insns.bc -o all-${level}.bc
        DEPENDS same-${level}.bc insns.bc VERBATIM)
endforeach()
add_custom_target(exec_bitcode DEPENDS all-O0.bc all-O2.bc judged-O0.bc judged-O2.bc judged-ll.bc)
set(HERE ${CMAKE_CURRENT_BINARY_DIR})
bpflab_test(proofs_exec_test SOURCES exec_test.c ${HERE}/same-native.o ${HERE}/insns.o USES symbolic
    ARGS ${HERE}/all-O0.bc ${HERE}/all-O2.bc)
bpflab_test(proofs_judged_test SOURCES judged_test.c USES proofs
    ARGS ${HERE}/judged-O0.bc ${HERE}/judged-O2.bc ${HERE}/judged-ll.bc)
add_dependencies(proofs_exec_test exec_bitcode)
add_dependencies(proofs_judged_test exec_bitcode)
