#!/usr/bin/env bash
# format.sh: every C file is as clang-format leaves it.
set -euo pipefail
command -v clang-format-19 > /dev/null || { echo "skipped: clang-format-19 is not installed"; exit 77; }
mapfile -t files < <(git ls-files '*.c' '*.h')
[ ${#files[@]} -gt 0 ] || { echo "no files: that is a failure"; exit 1; }
clang-format-19 --dry-run -Werror "${files[@]}"
echo "${#files[@]} files"
