# The theorems' bitcode: the shipped sources of the domain and the theorems in one translation unit, at the two levels that
# are proved (included by CMakeLists.txt of this folder). Needs the compiler that LLVM's C library belongs to.
find_program(CLANG_19 clang-19 REQUIRED)
set(BITCODE_FLAGS -std=gnu11 -fno-strict-aliasing -Wall -Wextra -Wno-unused-function -Werror
    -I${PROJECT_SOURCE_DIR} -c -emit-llvm)
# bpflab_bitcode(OUT SOURCE flag...)
function(bpflab_bitcode out source)
    add_custom_command(OUTPUT ${out}
        COMMAND ${CLANG_19} ${BITCODE_FLAGS} ${ARGN} -MD -MF ${out}.d -MT ${out} -o ${out} ${source}
        DEPENDS ${source} DEPFILE ${out}.d VERBATIM)
endfunction()
# Modules: theorem/all.c, the domain; theorem/interp.c, the interpreter. bitcode_embed.c has them by these names.
set(BITCODE_FILES)
set(BITCODE_NAMES)
foreach(module IN ITEMS domain:all interp:interp)
    string(REPLACE ":" ";" module ${module})
    list(GET module 0 name)
    list(GET module 1 source)
    string(TOUPPER ${name} upper)
    foreach(level IN ITEMS O0 O2)
        set(file ${CMAKE_CURRENT_BINARY_DIR}/${name}-${level}.bc)
        set(flags -${level})
        if(level STREQUAL O2)
            list(APPEND flags -fno-vectorize -fno-slp-vectorize -fno-unroll-loops)
        endif()
        bpflab_bitcode(${file} ${CMAKE_CURRENT_SOURCE_DIR}/theorem/${source}.c ${flags})
        list(APPEND BITCODE_FILES ${file})
        list(APPEND BITCODE_NAMES "BITCODE_${upper}_${level}=\"${file}\"")
    endforeach()
endforeach()
add_custom_target(theorems DEPENDS ${BITCODE_FILES})
