#!/usr/bin/env bash
# prove.sh BUILD cached|cold|plants: bpflab prove as ctest runs it, on a copy of the ledger: tests do not change the repository.
#   cached  what the ledger does not hold, of theorems and of planted defects
#   cold    everything anew, with cvc5's opinion of every query
#   plants  every planted defect anew
set -euo pipefail
build=$1
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
ledger=$(mktemp)
trap 'rm -f "$ledger"' EXIT
cp proofs/ledger.tsv "$ledger"
prove() { "$build/bpflab" prove --ledger "$ledger" "$@"; }
case $2 in
cached) prove; prove --plants ;;
cold) prove --fresh --nightly --cross-check ;;
plants) prove --fresh --nightly --plants ;;
*) echo "no such thing: $2"; exit 2 ;;
esac
