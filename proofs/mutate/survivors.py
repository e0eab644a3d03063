"""survivors.py: survivors.tsv, the mutants that no theorem refutes, each with the reason why that is so.

reason begins with its kind:
    still sound: only precision is lost, which theorems of soundness cannot see
    equivalent: the same function by an argument, which the solver did not find in time
    same in use: the function differs only for arguments that it is never called with
    undecided: theorems end in timeouts; where they do not, the row is no problem
    hole: a theorem is missing
evidence is what the tests at small width say (small.py). Rows are held against every run.
"""
import os
from dataclasses import dataclass

FILE = "proofs/mutate/survivors.tsv"
COLUMNS = ("id", "place", "edit", "reason", "evidence")
KINDS = ("still sound: ", "equivalent: ", "same in use: ", "undecided: ", "hole: ")


@dataclass
class Row:
    id: str
    place: str
    edit: str
    reason: str
    evidence: str


def read_rows(root):
    with open(os.path.join(root, FILE), encoding="utf-8") as f:
        lines = [line.rstrip("\n").split("\t") for line in f]
    if not lines or tuple(lines[0]) != COLUMNS or any(len(x) != len(COLUMNS) for x in lines):
        raise RuntimeError(f"{FILE}: not a table of {', '.join(COLUMNS)}")
    rows = {x[0]: Row(*x) for x in lines[1:]}
    if len(rows) != len(lines) - 1:
        raise RuntimeError(f"{FILE}: an id twice")
    return rows


def write_rows(root, rows):
    with open(os.path.join(root, FILE), "w", encoding="utf-8") as f:
        for x in [COLUMNS] + sorted((r.id, r.place, r.edit, r.reason, r.evidence) for r in rows.values()):
            f.write("\t".join(x) + "\n")


def row_of(mutant, reason, evidence):
    return Row(mutant.id, mutant.place, mutant.edit, reason, evidence)


def problems(rows, mutants, survivors, tried):
    """survivors: from the ids of mutants that survived to the evidence; tried: the ids of this run."""
    found, by_id = [], {m.id: m for m in mutants}
    for mutant_id, evidence in survivors.items():
        m = by_id[mutant_id]
        if mutant_id not in rows:
            found.append(f"{mutant_id}: survives and is not listed ({m.place}: {m.edit}; {evidence})")
        elif rows[mutant_id].evidence != evidence:
            found.append(f"{mutant_id}: its evidence is now \"{evidence}\"")
    for row in rows.values():
        m = by_id.get(row.id)
        survives_no_more = row.id in tried and row.id not in survivors
        if not row.reason.startswith(KINDS):
            found.append(f"{row.id}: no reason that begins with one of: {' '.join(KINDS)}")
        if not m:
            found.append(f"{row.id}: stale, there is no such mutant any more")
        elif row.reason.startswith("undecided: ") and survives_no_more:
            continue  # another machine has more time; but it should go
        elif survives_no_more:
            found.append(f"{row.id}: stale, it does not survive any more")
        elif row.place != m.place or row.edit != m.edit:
            found.append(f"{row.id}: stands at {m.place} now ({m.edit})")
        if row.evidence.startswith("tests fail") and not row.reason.startswith(("hole: ", "undecided: ")):
            found.append(f"{row.id}: the tests at small width refute it, so it is no survivor by right")
    return found
