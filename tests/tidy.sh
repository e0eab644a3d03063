#!/usr/bin/env bash
# tidy.sh BUILD: clang-tidy (.clang-tidy) over the product's sources; a finding fails.
set -euo pipefail
command -v clang-tidy-19 > /dev/null || { echo "skipped: clang-tidy-19 is not installed"; exit 77; }
mapfile -t files < <(git ls-files 'isa/*.c' 'loader/*.c' 'runtime/*.c' 'interp/*.c' 'verifier/*.c' 'vm/*.c' 'cli/*.c' | grep -v /tests/)
[ ${#files[@]} -gt 0 ] || { echo "no files: that is a failure"; exit 1; }
printf '%s\n' "${files[@]}" | xargs -P "$(nproc)" -n 8 clang-tidy-19 -p "$1" --quiet --warnings-as-errors='*' 2> /dev/null
echo "${#files[@]} files"
