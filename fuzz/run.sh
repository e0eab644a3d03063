#!/usr/bin/env bash
# run.sh BUILD SECONDS [TARGET...]: each libFuzzer target for so long, one a core; corpora in BUILD/corpus, findings in
# BUILD/findings. Prints each target's executions; exit 1 if there is a finding.
set -uo pipefail
root=$(cd "$(dirname "$0")/.." && pwd)
build=$(cd "$1" && pwd)
seconds=$2
shift 2
[ $# -gt 0 ] || set -- $(cd "$root/fuzz/target" && ls ./*.c | sed 's|./||; s|\.c$||')
mkdir -p "$build/findings"

run_one() {
    local name=$1 corpus=$build/corpus/$1 log=$build/fuzz_$1.log
    mkdir -p "$corpus"
    local seeds=() dir
    for dir in "$build/fuzz/seeds/$name" "$root/corpus/regress/$name"; do
        [ -d "$dir" ] && seeds+=("$dir")
    done
    # Names of functions would be asked of a symbolizer, which the judge's sandbox does not start. That each input is weighed
    # by how rare its features are costs libFuzzer more time than the judge takes. Longer cases say little that is new.
    local speed=(-max_len=65536)
    [ "$name" != judge ] || speed=(-max_len=2048 -print_funcs=0 -entropic=0 -reload=0)
    ASAN_OPTIONS=quarantine_size_mb=16 "$build/fuzz/fuzz_$name" -max_total_time="$seconds" -timeout=10 -rss_limit_mb=4096 \
        "${speed[@]}" -print_final_stats=1 -artifact_prefix="$build/findings/$name-" "$corpus" "${seeds[@]}" > "$log" 2>&1
    local status=$?
    printf '%-10s %12s executions, exit %d\n' "$name" "$(sed -n 's/^stat::number_of_executed_units: *//p' "$log")" "$status"
    return $status
}
export -f run_one
export root build seconds
printf '%s\n' "$@" | xargs -P "$(nproc)" -I{} bash -c 'run_one {}' || { echo "findings in $build/findings"; exit 1; }
