"""report.py: what came out of a run, counted: for the terminal and for docs/proofs-mutants.md."""
import os

from proofs.mutate.judge import (EQUIVALENT, EXECUTED, NOT_COMPILED, REFUTED, SURVIVED, UNDECIDED, UNDEFINED)

PAGE = "docs/proofs-mutants.md"
BEGIN, END = "<!-- counts: begin -->", "<!-- counts: end -->"
COLUMNS = (("mutants", None), ("not compiled", NOT_COMPILED), ("refuted", REFUTED), ("undefined", UNDEFINED),
           ("refuted on values", EXECUTED), ("equivalent", EQUIVALENT), ("survive", SURVIVED), ("undecided", UNDECIDED))


def counts(mutants, verdicts):
    """Rows of the table: a file each, and all."""
    rows = []
    for path in sorted({m.path for m in mutants}) + [None]:
        of = [verdicts[m.id].verdict for m in mutants if path in (None, m.path)]
        rows.append([path or "all"] + [len(of) if v is None else of.count(v) for _, v in COLUMNS])
    return rows


def table(mutants, verdicts):
    lines = ["| file | " + " | ".join(name for name, _ in COLUMNS) + " |", "|---" * (len(COLUMNS) + 1) + "|"]
    return lines + ["| " + " | ".join(str(x) for x in row) + " |" for row in counts(mutants, verdicts)]


def kinds(rows, survivors):
    """How many of the survivors are listed as what."""
    found = {}
    for mutant_id in survivors:
        kind = rows[mutant_id].reason.split(":")[0] if mutant_id in rows else "not listed"
        found[kind] = found.get(kind, 0) + 1
    return ", ".join(f"{n} {kind}" for kind, n in sorted(found.items())) or "none"


def write_page(root, command, mutants, planned, verdicts, rows, survivors):
    path = os.path.join(root, PAGE)
    with open(path, encoding="utf-8") as f:
        text = f.read()
    before, rest = text.split(BEGIN)
    after = rest.split(END)[1]
    lines = [f"`{command}`: {len(mutants)} mutants were tried of the planned {planned}.", "", *table(mutants, verdicts), "",
             f"Of those that survive or are undecided, listed as: {kinds(rows, survivors)}."]
    with open(path, "w", encoding="utf-8") as f:
        f.write(before + BEGIN + "\n" + "\n".join(lines) + "\n" + END + after)
