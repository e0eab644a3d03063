#!/usr/bin/env bash
# run_afl.sh BUILD SECONDS MUTATOR TARGET: a target under AFL++ for so long, on one core, with the mutators of a shared library;
# its output in BUILD/afl-TARGET, findings in BUILD/findings. Prints the executions; exit 1 if there is a finding.
set -uo pipefail
root=$(cd "$(dirname "$0")/.." && pwd)
build=$(cd "$1" && pwd)
seconds=$2
mutator=$(realpath "$3")
name=$4
out=$build/afl-$name
mkdir -p "$build/findings"

# Inputs of an earlier run are kept: afl-fuzz goes on from them.
in=(-i "$build/fuzz/seeds/$name")
[ ! -d "$out/default/queue" ] || in=(-i -)
more=()
[ ! -d "$root/corpus/regress/$name" ] || more=(-F "$root/corpus/regress/$name" -M default)
# Bytes changed at random are no cases any more: our mutators alone.
AFL_CUSTOM_MUTATOR_LIBRARY=$mutator AFL_CUSTOM_MUTATOR_ONLY=1 AFL_NO_UI=1 AFL_SKIP_CPUFREQ=1 AFL_NO_AFFINITY=1 \
    AFL_I_DONT_CARE_ABOUT_MISSING_CRASHES=1 AFL_IGNORE_SEED_PROBLEMS=1 \
    afl-fuzz "${in[@]}" -o "$out" "${more[@]}" -t 2000 -V "$seconds" -- "$build/fuzz/fuzz_$name" > "$build/afl_$name.log" 2>&1
status=$?
[ $status -eq 0 ] || { tail -n 20 "$build/afl_$name.log" >&2; exit $status; }
stats=$out/default/fuzzer_stats
printf '%-10s %12s executions under AFL++, %s a second\n' "$name" "$(sed -n 's/^execs_done *: *//p' "$stats")" \
    "$(sed -n 's/^execs_per_sec *: *//p' "$stats")"
found=0
for file in "$out"/default/crashes/id:* "$out"/default/hangs/id:*; do
    [ -e "$file" ] || continue
    cp "$file" "$build/findings/$name-afl-$(sha1sum < "$file" | cut -c1-12)"
    found=1
done
[ $found -eq 0 ] || { echo "findings in $build/findings"; exit 1; }
