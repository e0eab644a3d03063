#!/usr/bin/env bash
# make_seeds.sh BUILD OUT: first inputs for every fuzz target, made from the examples, the workloads and the conformance
# cases, so that no binary lies in the repository. OUT/<target>/ each gets some files.
set -euo pipefail
root=$(cd "$(dirname "$0")/.." && pwd)
build=$(cd "$1" && pwd)
mkdir -p "$2"
out=$(cd "$2" && pwd)
objcopy=$(command -v llvm-objcopy-19 || command -v llvm-objcopy)
mkdir -p "$out"/{asm,btf,insn,object,run,verify}

for object in "$build"/examples/*.o "$build"/bench/*.o; do
    name=$(basename "$object" .o)
    [ "$(stat -c %s "$object")" -lt 40000 ] || continue
    "$objcopy" --strip-debug "$object" "$out/object/$name"
    "$objcopy" --dump-section ".BTF=$out/btf/$name" "$object" /dev/null 2> /dev/null || true
    for section in xdp tc syscall; do
        "$objcopy" -O binary --only-section="$section" "$object" "$out/insn/$name-$section" 2> /dev/null || continue
        [ -s "$out/insn/$name-$section" ] || { rm -f "$out/insn/$name-$section"; continue; }
        { printf '\0'; cat "$out/insn/$name-$section"; } > "$out/run/$name-$section"
    done
done
# Programs as the loader makes them, with maps by index; in front the type's number, in octal, and no flags.
one_program() {
    "$build/bpflab" disasm "$1" --prog "$2" | "$build/bpflab" asm - -o "$out/verify/.insns"
    { printf "\\$3\\0"; cat "$out/verify/.insns"; } > "$out/verify/$2"
}
for object in "$build"/examples/*-el.o "$build"/bench/*.o; do
    while read -r name type; do
        one_program "$object" "$name" "$type"
    done < <("$build/bpflab" info "$object" --json | python3 -c '
import json, sys
for p in json.load(sys.stdin)["programs"]:
    print(p["name"], {"kprobe": "2", "sched_cls": "3", "xdp": "6", "syscall": "37"}.get(p["type"], "1"))')
done
rm -f "$out/verify/.insns"
for case in "$root"/corpus/conformance/*.data; do
    sed -n '/^-- *asm/,/^-- *[^a]/{/^--/!p}' "$case" > "$out/asm/$(basename "$case" .data)"
done
for target in "$out"/*; do
    [ -n "$(ls "$target")" ] || { echo "no seeds for $(basename "$target")"; exit 1; }
done
