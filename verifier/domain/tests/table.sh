#!/bin/sh
# table.sh TESTS [--check FILE]: the operator tables, as markdown, from the test programs in the folder TESTS; with
# --check, compared with FILE.
set -eu
tests=$1
table() {
    echo "# Precision of the abstract operators"
    echo
    echo "Generated: \`verifier/domain/tests/table.sh build/release/verifier/domain/tests > docs/tables/domain.md\`"
    echo
    echo "Best result: the operator's result has no member that the smallest sound result of this domain lacks. Values"
    echo "kept / best: members of all results, by members of all smallest sound ones. Every line also stands for a proof by"
    echo "enumeration that the results are sound on these inputs."
    for name in tnum_small range_small lattice_small scalar_small scalar8; do
        echo
        "$tests/domain_${name}_test" --table | grep '^|'
    done
}
if [ "${2:-}" = --check ]; then
    table | diff -u "$3" - && echo "1 table, up to date"
else
    table
fi
