# From counterexamples to programs.
bpflab_library(witness SOURCES witness.c witness_narrow.c witness_name.c witness_text.c witness_prove.c USES verifier isa)
bpflab_test(witness_text_test SOURCES ${CMAKE_CURRENT_SOURCE_DIR}/tests/witness_text_test.c USES witness LABELS proofs)
