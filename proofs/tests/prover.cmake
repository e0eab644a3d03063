# Tests of what surrounds proving: with a provider whose units crash, hang and babble, and a program made with it.
bpflab_library(fake_proofs SOURCES ${CMAKE_CURRENT_SOURCE_DIR}/fake.c ${CMAKE_CURRENT_SOURCE_DIR}/fake_providers.c USES prover)
bpflab_test(proofs_schedule_test SOURCES schedule_test.c USES fake_proofs)
bpflab_test(proofs_table_test SOURCES table_test.c USES fake_proofs)
bpflab_test(proofs_crosscheck_test SOURCES crosscheck_test.c USES prover)
if(TARGET proofs)
    bpflab_test(proofs_dump_test SOURCES dump_test.c USES proofs)
endif()
