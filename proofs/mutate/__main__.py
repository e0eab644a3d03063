"""python3 -m proofs.mutate: mutants of the domain, and whether the theorems refute them (docs/proofs-mutants.md)."""
import argparse
import os
import sys
import time

ROOT = os.path.abspath(os.path.join(os.path.dirname(__file__), "..", ".."))
sys.path.insert(0, ROOT)

from proofs.mutate import mutants as m  # noqa: E402
from proofs.mutate.judge import Judge  # noqa: E402
from proofs.mutate.prover import Prover  # noqa: E402


def arguments():
    p = argparse.ArgumentParser(prog="python3 -m proofs.mutate", description=__doc__)
    p.add_argument("--all", action="store_true", help="every mutant, not the sample")
    p.add_argument("--list", action="store_true", help="print the mutants, and try none")
    p.add_argument("--only", metavar="TEXT", action="append", default=[], help="ids that begin so")
    p.add_argument("--build", default=os.path.join(ROOT, "build/release"), help="where bpflab-prove is")
    p.add_argument("--timeout", type=int, default=10, help="seconds for a query")
    p.add_argument("--budget", type=int, default=120, help="seconds for the theorems of a mutant")
    return p.parse_args()


def main():
    a = arguments()
    everything = m.all_of(ROOT)
    chosen = everything if a.all or a.only else m.sample_of(everything)
    if a.only:
        chosen = [x for x in chosen if x.id.startswith(tuple(a.only))]
    if a.list:
        for x in chosen:
            print(f"{x.id}\t{x.place}:{x.column}\t{x.rule}\t{x.edit}")
        return 0 if chosen else 1
    prover = Prover(ROOT, os.path.join(a.build, "bpflab-prove"), os.path.join(a.build, "mutants"), a.timeout)
    judge = Judge(prover, a.budget)
    for x in chosen:
        began = time.time()
        v = judge.judge(x)
        print(f"{x.id}\t{x.place}\t{x.edit[:60]}\t{v.verdict}\t{v.what}\t{v.values[:60]}\t{time.time() - began:.1f}", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
