#!/usr/bin/env python3
"""Every contract of proofs/theorem has a row in the table of proofs/assumptions.md, and every row a contract.

A cell of the first column names functions; `lemma_*` names all that begin so.
"""
import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
MACROS = {
    # macro: which of its arguments is a function with a contract
    "CONTRACT": [0], "RULE": [0], "BINARY": [0], "RANGE_CONTRACT": [0], "RANGE_OPERATOR": [0], "ARC_CONTRACT": [0],
    "SHIFT": [0], "UNSIGNED_BITWISE": [0], "SIGNED_BITWISE": [0], "UNSIGNED_OPERATOR": [0], "UNSIGNED_SHIFT": [0],
    "SIGNED_SHIFT": [0], "SHIFT_CONTRACTS": [0, 1], "MUL_CONTRACT": [0], "FOLDING": [0], "OF_SIGNED_DIVISORS": [0],
    "LEMMA": [0],
}


def contracts():
    """Names that macros at the beginning of a line are given; a macro's own definition is not one."""
    found = set()
    for path in sorted((ROOT / "proofs/theorem").glob("*.[ch]")):
        for macro, args in re.findall(r"^([A-Z_]+)\(([^;{]*?)\)", path.read_text(), re.M):
            names = [a.strip() for a in args.split(",")]
            found.update(names[i] for i in MACROS.get(macro, []) if i < len(names))
    return found


def rows():
    """Names of the first column, and prefixes that stand for many (`lemma_*`)."""
    text = (ROOT / "proofs/assumptions.md").read_text().split("## Contracts", 1)[1]
    names = set()
    for line in text.splitlines():
        if line.startswith("| `"):
            names.update(re.findall(r"`([a-z0-9_*]+)`", line.split("|")[1]))
    return names


def main():
    have, named = contracts(), rows()
    prefixes = tuple(n[:-1] for n in named if n.endswith("*"))
    names = {n for n in named if not n.endswith("*")}
    missing = sorted(n for n in have if n not in names and not (prefixes and n.startswith(prefixes)))
    extra = sorted(names - have)
    for n in missing:
        print(f"proofs/assumptions.md: no row for the contract of {n}")
    for n in extra:
        print(f"proofs/assumptions.md: a row for {n}, which has no contract")
    print(f"{len(have)} contracts, {len(names)} named")
    return 1 if missing or extra or not have else 0


if __name__ == "__main__":
    sys.exit(main())
