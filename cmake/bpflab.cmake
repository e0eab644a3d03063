# What every folder's CMakeLists.txt is written with.

set(BPFLAB_WARNINGS -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wstrict-prototypes
    -Wmissing-prototypes -Werror)
add_library(bpflab_options INTERFACE)
target_compile_options(bpflab_options INTERFACE ${BPFLAB_WARNINGS} -fno-strict-aliasing)
target_include_directories(bpflab_options INTERFACE ${PROJECT_SOURCE_DIR} ${PROJECT_BINARY_DIR})
if(BPFLAB_SANITIZE)
    target_compile_options(bpflab_options INTERFACE -fsanitize=address,undefined
        -fno-sanitize-recover=undefined -fno-omit-frame-pointer)
    target_link_options(bpflab_options INTERFACE -fsanitize=address,undefined)
endif()
if(BPFLAB_FUZZ)
    target_compile_options(bpflab_options INTERFACE ${BPFLAB_COVERAGE})
    target_link_options(bpflab_options INTERFACE ${BPFLAB_COVERAGE}) # what counts in programs that are no targets
endif()

# bpflab_library(NAME SOURCES file... [USES library...]): a folder's library.
function(bpflab_library name)
    cmake_parse_arguments(L "" "" "SOURCES;USES" ${ARGN})
    add_library(${name} STATIC ${L_SOURCES})
    target_link_libraries(${name} PUBLIC bpflab_options ${L_USES})
    set_target_properties(${name} PROPERTIES POSITION_INDEPENDENT_CODE ON PREFIX "libbpflab_")
endfunction()

# bpflab_tests_compile_fast(): what this folder compiles is not optimised where clang runs it on this machine: it would take
# longer to compile than to run. What it tests is optimised.
macro(bpflab_tests_compile_fast)
    if(CMAKE_C_COMPILER_ID MATCHES Clang)
        add_compile_options(-O0)
    endif()
endmacro()

# bpflab_test(NAME SOURCES file... [USES library...] [ARGS arg...] [LABELS label...]): a test program. It prints
# a closing line of its checks; no check run is a failure; exit status 77 is a skip with its reason printed.
function(bpflab_test name)
    cmake_parse_arguments(T "" "" "SOURCES;USES;ARGS;LABELS" ${ARGN})
    add_executable(${name} ${T_SOURCES})
    target_link_libraries(${name} PRIVATE bpflab_options ${T_USES})
    add_test(NAME ${name} COMMAND ${name} ${T_ARGS})
    if(NOT T_LABELS)
        get_filename_component(folder ${CMAKE_CURRENT_SOURCE_DIR} DIRECTORY)
        get_filename_component(T_LABELS ${folder} NAME) # isa/tests: isa
    endif()
    set_tests_properties(${name} PROPERTIES LABELS "${T_LABELS}" SKIP_RETURN_CODE 77 TIMEOUT 300)
endfunction()

# bpflab_script_test(NAME COMMAND command... [LABELS label...]): the same for a script. Scripts take longest, so that they are
# started first. A process is not asked at its end for what it leaks: it would take longer than all else that it does.
function(bpflab_script_test name)
    cmake_parse_arguments(T "" "" "COMMAND;LABELS" ${ARGN})
    add_test(NAME ${name} COMMAND ${T_COMMAND} WORKING_DIRECTORY ${PROJECT_SOURCE_DIR})
    set_tests_properties(${name} PROPERTIES LABELS "${T_LABELS}" SKIP_RETURN_CODE 77 TIMEOUT 600 COST 100)
    if(BPFLAB_SANITIZE)
        # in front, so that who sets ASAN_OPTIONS=detect_leaks=1 has them asked
        set_tests_properties(${name} PROPERTIES ENVIRONMENT_MODIFICATION ASAN_OPTIONS=string_prepend:detect_leaks=0:)
    endif()
endfunction()
