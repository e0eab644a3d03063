"""python3 -m proofs.mutate: mutants of the verifier's domain, and whether the theorems refute them.

docs/proofs-mutants.md is the manual. Exit status: 0 every mutant was refuted, is equivalent or is listed in
survivors.tsv with a reason; 1 otherwise, and if none was tried; 77 what it needs is missing; 130 interrupted.
"""
import argparse
import fcntl
import os
import shutil
import sys

ROOT = os.path.abspath(os.path.join(os.path.dirname(__file__), "..", ".."))
sys.path.insert(0, ROOT)

from proofs.mutate import mutants as m  # noqa: E402
from proofs.mutate import report, survivors as s  # noqa: E402
from proofs.mutate.judge import SURVIVED, UNDECIDED, Judge  # noqa: E402
from proofs.mutate.prover import Prover  # noqa: E402
from proofs.mutate.small import Small  # noqa: E402

INTERRUPTED = 130  # the status of what SIGINT ends


def arguments(argv):
    p = argparse.ArgumentParser(prog="python3 -m proofs.mutate", description=__doc__,
                                formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--all", action="store_true", help="every mutant, not the sample")
    p.add_argument("--only", metavar="ID", action="append", default=[], help="mutants whose ids begin so")
    p.add_argument("--list", action="store_true", help="print the mutants, and try none")
    p.add_argument("--fresh", action="store_true", help="forget the verdicts of earlier runs")
    p.add_argument("--remembered", action="store_true", help="only what earlier runs have found; try none")
    p.add_argument("--bless", action="store_true", help="write survivors.tsv anew (reasons of new ones are to be "
                                                        "written by hand) and the counts in the manual")
    p.add_argument("--build", default="build/release", help="where bpflab-prove is")
    p.add_argument("--timeout", type=int, default=10, help="seconds for a query")
    p.add_argument("--budget", type=int, default=60, help="seconds for the theorems of a mutant")
    return p.parse_args(argv)


def choose(a, everything):
    if a.only:
        return [x for x in everything if x.id.startswith(tuple(a.only))]
    return everything if a.all else m.sample_of(everything)


def run(a, chosen):
    """Verdicts by id, the evidence for those that are not refuted and not equivalent, and whether Ctrl-C ended it."""
    verdicts, evidence = {}, {}
    try:
        isa = os.path.join(a.build, "isa/libbpflab_isa.a")
        prover = Prover(ROOT, os.path.join(a.build, "bpflab-prove"), os.path.abspath(os.path.join(a.build, "mutants")),
                        a.timeout)
        judge, small = Judge(prover, a.budget, isa, a.fresh), Small(prover, isa)
        if a.remembered:
            n_chosen, chosen = len(chosen), [x for x in chosen if judge.remembers(x)]
            print(f"remembered: {len(chosen)} of {n_chosen}")
        # In the order of the sample: when it is interrupted, what was tried is a sample too.
        for n, x in enumerate(m.shuffled(chosen), 1):
            v = judge.judge(x)
            if v.verdict in (SURVIVED, UNDECIDED):
                evidence[x.id] = judge.recall("evidence", x, small.sources, lambda x=x: small.evidence(x))
            verdicts[x.id] = v
            said = " ".join(t for t in (v.what, evidence.get(x.id, ""), v.values[:100]) if t)
            print(f"{n}/{len(chosen)} {x.id} {x.place} {x.edit[:60]}: {v.verdict}: {said} ({v.seconds} s)", flush=True)
    except KeyboardInterrupt:
        print(f"interrupted: {len(verdicts)} of {len(chosen)} were tried")
        return verdicts, evidence, True
    return verdicts, evidence, False


def bless(a, rows, everything, chosen, verdicts, evidence):
    tried = {x.id for x in chosen}
    by_id = {x.id: x for x in everything}
    kept = {i: r for i, r in rows.items() if i in by_id and (i not in tried or i in evidence)}
    for i in set(kept) | set(evidence):
        reason = kept[i].reason if i in kept else "?"
        kept[i] = s.row_of(by_id[i], reason, evidence[i] if i in evidence else kept[i].evidence)
    s.write_rows(ROOT, kept)
    if not a.only:
        n_planned = len(everything) if a.all else m.SAMPLE
        report.write_page(ROOT, f"python3 -m proofs.mutate{' --all' if a.all else ''} --budget {a.budget}", chosen,
                          f"{n_planned} (of {len(everything)} that there are)", verdicts, kept, evidence)
    return kept


def main(argv=None):
    a = arguments(argv)
    everything = m.all_of(ROOT)
    chosen = choose(a, everything)
    if a.list:
        for x in chosen:
            print(f"{x.id}\t{x.place}:{x.column}\t{x.rule}\t{x.edit}")
        return 0 if chosen else 1
    if not shutil.which("clang-19") or not os.path.exists(os.path.join(a.build, "bpflab-prove")):
        print(f"skipped: needs clang-19 and {a.build}/bpflab-prove")
        return 77
    if not chosen:
        print("no mutant: that is a failure")
        return 1
    work = os.path.join(a.build, "mutants")
    os.makedirs(work, exist_ok=True)
    lock = open(os.path.join(work, "lock"), "w", encoding="utf-8")  # two runs would take each other's scratch copies
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        print(f"another run is at work in {work}")
        return 1
    verdicts, evidence, interrupted = run(a, chosen)
    if not verdicts:
        print("no mutant was tried: that is no success")
        return INTERRUPTED if interrupted else 1
    chosen = [x for x in chosen if x.id in verdicts]
    rows = s.read_rows(ROOT)
    if a.bless:
        rows = bless(a, rows, everything, chosen, verdicts, evidence)
    found = s.problems(rows, everything, evidence, set(verdicts))
    for problem in found:
        print(problem)
    print("\n".join(report.table(chosen, verdicts)))
    print(f"{len(chosen)} mutants; listed survivors: {report.kinds(rows, evidence)}; {len(found)} problems")
    if interrupted:
        return INTERRUPTED
    return 1 if found else 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(INTERRUPTED)
