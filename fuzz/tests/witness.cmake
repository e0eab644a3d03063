# Wrong operators, each in a verifier of its own: a domain source is copied with one edit into the build directory, and a
# test program is linked with the domain that has it. Nothing that ships knows of it.
add_library(witness_rig STATIC tests/witness_rig.c)
target_link_libraries(witness_rig PUBLIC bpflab_options witness oracle)
add_library(witness_main OBJECT tests/witness_plant_test.c)
target_link_libraries(witness_main PRIVATE bpflab_options)
add_custom_target(witness_plants)
set(cases ${PROJECT_SOURCE_DIR}/corpus/witness)

# plant(SLUG FILE OLD NEW OPERATION...): FILE of verifier/domain with NEW in place of OLD, which is in it once; the
# operations that become wrong by it.
function(plant slug file old new)
    if(BPFLAB_SANITIZE OR NOT CMAKE_C_COMPILER_ID MATCHES Clang)
        return() # one build of them is enough: the release preset's
    endif()
    set(domain ${PROJECT_SOURCE_DIR}/verifier/domain)
    set(folder ${CMAKE_CURRENT_BINARY_DIR}/plants/${slug})
    set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${domain}/${file})
    file(READ ${domain}/${file} text)
    string(FIND "${text}" "${old}" first)
    string(FIND "${text}" "${old}" last REVERSE)
    if(first EQUAL -1 OR NOT first EQUAL last)
        message(FATAL_ERROR "plant ${slug}: \"${old}\" is not once in ${file}")
    endif()
    string(REPLACE "${old}" "${new}" text "${text}")
    file(CONFIGURE OUTPUT ${folder}/${file} CONTENT "${text}" @ONLY)
    set(unity "/* verifier/domain with the planted defect ${slug}: made by fuzz/tests/witness.cmake */\n")
    foreach(source tnum range scalar_lattice scalar_reduce scalar_alu scalar_mul_div scalar_shift scalar_refine alu)
        set(from verifier/domain)
        if("${source}.c" STREQUAL file)
            set(from ${folder})
        endif()
        string(APPEND unity "#include \"${from}/${source}.c\"\n")
    endforeach()
    file(CONFIGURE OUTPUT ${folder}/domain.c CONTENT "${unity}" @ONLY)
    # first the object that defines all of the domain, so that nothing of the library is taken
    add_executable(witness_${slug} ${folder}/domain.c $<TARGET_OBJECTS:witness_main>)
    set_source_files_properties(${folder}/domain.c PROPERTIES COMPILE_OPTIONS "-w;-O0") # -w: what an edit leaves unused
    target_link_libraries(witness_${slug} PRIVATE witness_rig)
    add_dependencies(witness_plants witness_${slug})
    add_test(NAME witness_${slug} COMMAND witness_${slug} ${cases} ${slug} ${ARGN})
    set_tests_properties(witness_${slug} PROPERTIES LABELS proofs TIMEOUT 300)
endfunction()

plant(tnum-add tnum.c "const word most = tnum_max(a) + tnum_max(b);" "const word most = tnum_max(a) + b.value;"
    ADD64_REG ADD32_REG ADD64_SAME)
plant(sub-range scalar_alu.c "arc_of_srange(a.s), arc_neg(arc_of_urange(b.u))," "arc_of_srange(a.s), arc_of_urange(b.u),"
    SUB64_REG)
plant(mul-overflow range.c "if (__builtin_mul_overflow(a.max, b.max, &most))"
    "if (__builtin_mul_overflow(a.max, b.max, &most) && a.min > 0)" MUL64_REG)
plant(div-least range.c "(struct urange){a.min / b.max, a.max / b.min}" "(struct urange){a.min / b.min, a.max / b.min}"
    DIV64_REG DIV32_REG)
plant(sdiv-zero range.c "bool any = b.min <= 0 && b.max >= 0;" "bool any = b.min < 0 && b.max > 0;" SDIV64_REG SDIV32_REG)
plant(mod-wraps range.c "b.min == b.max && a.min / b.min == a.max / b.min" "b.min == b.max && a.min / b.min <= a.max / b.min"
    MOD64_REG MOD32_REG MOD64_IMM)
plant(smod-limit range.c "near == 0 ? WORD_MAX : far - 1" "near == 0 ? WORD_MAX : near - 1"
    SMOD64_REG)
plant(tnum-and tnum.c ".mask = (tnum_max(a) & tnum_max(b)) ^ ones" ".mask = a.mask & b.mask" AND64_REG AND32_REG)
plant(or-most range.c "over ? bits : umin(bits, sum)" "over ? bits : umax(a.max, b.max)" OR64_REG OR32_REG)
plant(xor-sign range.c "return (struct srange){~extent, extent};" "return (struct srange){0, extent};" XOR64_REG XOR32_REG)
plant(lsh-lost range.c "if (a.max > (word)(WORD_MAX >> most))" "if (a.max > (word)(WORD_MAX >> least))" LSH64_REG)
plant(rsh-least range.c "(struct urange){a.min >> most, a.max >> least}" "(struct urange){a.min >> least, a.max >> least}"
    RSH64_REG RSH32_REG)
plant(arsh-least range.c "a.min >> (a.min < 0 ? least : most)," "a.min >> most," ARSH64_REG ARSH32_REG)
plant(neg-not scalar_alu.c "return scalar_sub(w, scalar_const(0), a);" "return scalar_xor(w, a, scalar_const(WORD_MAX));"
    NEG64 NEG32)
plant(sext-sign scalar_alu.c "(struct srange){-(sword)sign, (sword)(half)(sign - 1)};"
    "(struct srange){0, (sword)(half)(sign - 1)};" MOVSX8_64 MOVSX16_32)
plant(bswap-mask tnum.c ".mask = word_bswap(a.mask)}" ".mask = word_bswap(a.mask & (word)~(word)0xff)}" BE32 BSWAP64)
plant(jne-max scalar_refine.c "a.u.max -= a.u.max == x;" "a.u.max -= a.u.max >= x;" JNE64_REG JEQ64_IMM)
plant(jeq-touch scalar_refine.c "a.u.max < b.u.min ||" "a.u.max <= b.u.min ||" JEQ64_REG JEQ32_REG)
plant(jlt-least scalar_refine.c "(struct arc){0, b.u.max - 1}" "(struct arc){0, b.u.min - 1}" JLT64_REG JLT32_REG)
plant(jlt-never scalar_refine.c "a.u.min >= b.u.max;" "a.u.min >= b.u.min;" JLT64_REG JGT32_REG)
plant(jsle-least scalar_refine.c "(struct srange){SWORD_MIN, was.b.s.max});" "(struct srange){SWORD_MIN, was.b.s.min});"
    JSLE64_REG JSLT64_REG JSLT32_REG)
plant(jset-lowest scalar_refine.c "shared == lowest ? shared : 0;" "lowest;" JSET64_REG JSET32_REG)
plant(jset-clear scalar_refine.c "a.bits.mask &= (word)~was.b.bits.value;" "a.bits.mask &= (word)~tnum_max(was.b.bits);"
    JSET64_REG JSET32_REG)
plant(jset-same alu.c "case REL_SET: return scalar_assume(w, REL_NE," "case REL_SET: return scalar_assume(w, REL_EQ,"
    JSET64_SAME JSET32_SAME)
plant(low-alone scalar_refine.c ".mask = seen.bits.mask | (word) ~(word)HALF_MAX" ".mask = seen.bits.mask"
    JEQ32_REG JLT32_IMM)

bpflab_test(witness_replay_test SOURCES tests/witness_replay_test.c USES witness_rig ARGS ${cases} LABELS proofs)
add_test(NAME witness_conformance COMMAND bpflab conformance ${cases})
set_tests_properties(witness_conformance PROPERTIES LABELS proofs)
