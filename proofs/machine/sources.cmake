# sources.cmake: cmake -DROOT=... -DOUT=... -P sources.cmake: a header with one number for all sources that proofs about back
# ends depend on. A change of any makes what the ledger says of them stale.
file(GLOB files ${ROOT}/isa/*.[ch] ${ROOT}/isa/*.def ${ROOT}/jit/*.[ch] ${ROOT}/jit/*/*.[ch] ${ROOT}/jit/*/*.def
    ${ROOT}/runtime/exec.h ${ROOT}/runtime/layout.h ${ROOT}/runtime/proto.h ${ROOT}/proofs/machine/*.[ch]
    ${ROOT}/proofs/machine/*.def ${ROOT}/proofs/term*.[ch] ${ROOT}/proofs/limbs.h ${ROOT}/proofs/spec.[ch]
    ${ROOT}/proofs/smt.[ch] ${ROOT}/proofs/z3_term.[ch])
list(FILTER files EXCLUDE REGEX "/tests/")
list(SORT files)
set(all)
foreach(file IN LISTS files)
    file(SHA256 ${file} hash)
    string(APPEND all ${hash})
endforeach()
string(SHA256 all "${all}")
string(SUBSTRING ${all} 0 16 all)
file(WRITE ${OUT} "/* made by proofs/machine/sources.cmake */\n#define BACKEND_SOURCES UINT64_C(0x${all})\n")
