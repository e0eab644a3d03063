#!/usr/bin/env python3
"""lint.py [ROOT]: holds the tree to its layers and habits. Prints each breach; exit 1 if there is one.

Checked: includes point down only (no folder includes a higher one, or a sibling of its level); every .c with a
header of its name includes it first; includes are written from the root; no C line beyond 100 columns, but for tables
that clang-format leaves alone; no tab.
"""
import os
import re
import sys

# level of each folder; folders of one level do not see each other, but for what design allows below
LEVEL = {"isa": 0, "loader": 1, "runtime": 1, "interp": 2, "verifier": 2, "jit": 2,
         "engine": 3, "proofs": 3, "vm": 4, "fuzz": 5, "bench": 5, "cli": 6}
# what a folder may use although the levels alone would allow or forbid otherwise
MAY_USE = {"isa": set(), "loader": {"isa"}, "runtime": {"isa"}, "interp": {"isa", "runtime"},
           "verifier": {"isa", "runtime"}, "jit": {"isa", "runtime"},
           "engine": {"isa", "loader", "runtime", "interp", "jit"}}
# verifier and jit see only the data tables of the runtime
DATA_HEADERS = {"runtime/proto.h", "runtime/kfunc.h", "runtime/exec.h", "runtime/layout.h", "runtime/run.h"}
# an engine runs objects wherever they were loaded: it sees what an object is, not how a file becomes one
OBJECT_HEADERS = {"loader/object.h"}
INCLUDE = re.compile(r'^\s*#\s*include\s+"([^"]+)"')


def may_include(folder, target, header):
    if target == folder or target == "include":
        return True
    if target not in LEVEL:
        return False
    if folder in ("verifier", "jit") and target == "runtime":
        return header in DATA_HEADERS
    if folder == "engine" and target == "loader":
        return header in OBJECT_HEADERS
    if folder in MAY_USE:
        return target in MAY_USE[folder]
    return LEVEL[target] < LEVEL[folder]


def check_file(root, path, breaches):
    folder = path.split(os.sep)[0]
    in_tests = f"{os.sep}tests{os.sep}" in path or folder in ("tests", "docs", "examples")
    text = open(os.path.join(root, path), encoding="utf-8").read()
    includes, table = [], False
    for number, line in enumerate(text.splitlines(), 1):
        found = INCLUDE.match(line)
        if found:
            includes.append(found[1])
            target = found[1].split("/")[0]
            if folder in LEVEL and found[1] != "tests/check.h" and not (in_tests and target == "tests"):
                if "/" not in found[1] and not os.path.exists(os.path.join(root, found[1])):
                    if not path.endswith((".bpf.c", ".bpf.h")) and folder != "bench":
                        breaches.append(f"{path}:{number}: include {found[1]} is not written from the root")
                elif "/" in found[1] and not may_include(folder, target, found[1]):
                    breaches.append(f"{path}:{number}: {folder}/ (level {LEVEL[folder]}) must not include {found[1]}")
        table = "clang-format off" in line or (table and "clang-format on" not in line)
        if len(line) > 100 and not table and path.endswith((".c", ".h")):
            breaches.append(f"{path}:{number}: {len(line)} columns")
        if "\t" in line:
            breaches.append(f"{path}:{number}: tab")
    own = path[:-2] + ".h"
    if path.endswith(".c") and os.path.exists(os.path.join(root, own)) and includes and includes[0] != own.replace(os.sep, "/"):
        breaches.append(f"{path}: includes {includes[0]} before its own header")


def main():
    root = sys.argv[1] if len(sys.argv) > 1 else os.path.join(os.path.dirname(os.path.abspath(__file__)), "..")
    breaches, n = [], 0
    for folder in sorted(os.listdir(root)):
        if folder in (".git", "build") or not os.path.isdir(os.path.join(root, folder)):
            continue
        for where, _, files in os.walk(os.path.join(root, folder)):
            for name in sorted(files):
                if name.endswith((".c", ".h", ".def", ".inc")):
                    n += 1
                    check_file(root, os.path.relpath(os.path.join(where, name), root), breaches)
    for breach in breaches:
        print(breach)
    print(f"{n} files, {len(breaches)} breaches")
    return 1 if breaches or n == 0 else 0


sys.exit(main())
