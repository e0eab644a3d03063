# sources.cmake: cmake -DROOT=... -DOUT=... -P sources.cmake: a header with a number for all sources that prove, and one for
# those that proofs about back ends are about. A change of any makes what the ledger says stale. What surrounds proving
# (schedule.c, ledger.c, ...) and theorems, whose bitcode is hashed itself, are not among them.
file(GLOB prover ${ROOT}/proofs/*.[ch] ${ROOT}/isa/*.def)
list(FILTER prover EXCLUDE REGEX "/proofs/(clock|crosscheck|ledger|open|prove|providers|result|schedule|select|smt_dump|witness[a-z_]*)[.][ch]$")
file(GLOB backend ${ROOT}/isa/*.[ch] ${ROOT}/jit/*.[ch] ${ROOT}/jit/*/*.[ch] ${ROOT}/jit/*/*.def ${ROOT}/runtime/*.h ${ROOT}/runtime/*.def
    ${ROOT}/proofs/machine/*.[ch] ${ROOT}/proofs/machine/*.def)
list(FILTER backend EXCLUDE REGEX "/tests/")

function(number_of out)
    set(all)
    list(SORT ARGN)
    foreach(file IN LISTS ARGN)
        file(SHA256 ${file} hash)
        string(APPEND all ${hash})
    endforeach()
    string(SHA256 all "${all}")
    string(SUBSTRING ${all} 0 16 all)
    set(${out} "UINT64_C(0x${all})" PARENT_SCOPE)
endfunction()

number_of(prover_number ${prover})
number_of(backend_number ${prover} ${backend})
set(text "/* made by proofs/sources.cmake */\n#define PROVER_SOURCES ${prover_number}\n#define BACKEND_SOURCES ${backend_number}\n")
if(EXISTS ${OUT})
    file(READ ${OUT} old)
endif()
if(NOT "${old}" STREQUAL "${text}")
    file(WRITE ${OUT} "${text}")
endif()
