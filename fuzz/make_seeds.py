#!/usr/bin/env python3
"""make_seeds.py BUILD OUT: first inputs for every fuzz target, made from the examples, the workloads and the conformance
cases, so that no binary lies in the repository. OUT/<target>/ each gets some files."""
import glob
import json
import os
import re
import shutil
import subprocess
import sys

BUILD, OUT = map(os.path.abspath, sys.argv[1:3])
ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
BPFLAB = os.path.join(BUILD, "bpflab")
OBJCOPY = shutil.which("llvm-objcopy-19") or shutil.which("llvm-objcopy")
LARGEST = 40000  # bytes: larger objects only slow the fuzzer down
SECTIONS = ["xdp", "tc", "syscall"]
TYPES = {"kprobe": 2, "sched_cls": 3, "xdp": 6, "syscall": 31}  # enum bpf_prog_type; 1, a socket filter, of all others


def output(*args, stdin=b""):
    return subprocess.run(args, input=stdin, stdout=subprocess.PIPE, check=True).stdout


def write(target, name, content):
    with open(os.path.join(OUT, target, name), "wb") as f:
        f.write(content)


def read(path):
    with open(path, "rb") as f:
        return f.read()


def from_object(path, info):
    """The object itself, its BTF, and the code of its sections: not relocated, and with a run's flags (0) in front."""
    name = os.path.basename(path)[:-2]
    present = {s["name"]: s["bytes"] for s in info["sections"]}
    wanted = {s: os.path.join(OUT, "insn", f"{name}-{s}") for s in SECTIONS if present.get(s)}
    dumped = dict(wanted, **{".BTF": os.path.join(OUT, "btf", name)} if present.get(".BTF") else {})
    output(OBJCOPY, "--strip-debug", *(f"--dump-section={s}={to}" for s, to in dumped.items()), path,
           os.path.join(OUT, "object", name))
    for section, to in wanted.items():
        write("run", f"{name}-{section}", b"\0" + read(to))


def from_programs(path, info):
    """Programs as the loader makes them, with maps by index; in front the type's number, and no flags."""
    for p in info["programs"]:
        code = output(BPFLAB, "asm", "-", "-o", "-", stdin=output(BPFLAB, "disasm", path, "--prog", p["name"]))
        write("verify", p["name"], bytes([TYPES.get(p["type"], 1), 0]) + code)


def from_case(path):
    """The text below "-- asm", up to the next part."""
    parts = re.split(r"^-- *(.*)\n", read(path).decode(), flags=re.M)
    text = dict(zip(parts[1::2], parts[2::2])).get("asm", "")
    write("asm", os.path.basename(path)[:-len(".data")], text.encode())


for target in ("asm", "btf", "insn", "object", "run", "verify"):
    os.makedirs(os.path.join(OUT, target), exist_ok=True)
for path in glob.glob(f"{BUILD}/examples/*.o") + glob.glob(f"{BUILD}/bench/*.o"):
    info = json.loads(output(BPFLAB, "info", path, "--json"))
    if os.path.getsize(path) < LARGEST:
        from_object(path, info)
    if not path.endswith("-eb.o"):
        from_programs(path, info)
for path in glob.glob(f"{ROOT}/corpus/conformance/*.data"):
    from_case(path)
for target in os.listdir(OUT):
    if os.path.isdir(os.path.join(OUT, target)) and not os.listdir(os.path.join(OUT, target)):
        sys.exit(f"no seeds for {target}")
