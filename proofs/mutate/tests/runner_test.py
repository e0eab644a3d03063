"""runner_test.py BUILD: the runner on three mutants of which the outcome is known, and what the list of survivors is held
against."""
import os
import shutil
import sys
import tempfile
from dataclasses import asdict
from unittest import mock

ROOT = os.path.abspath(os.path.join(os.path.dirname(__file__), "..", "..", ".."))
sys.path.insert(0, ROOT)

from proofs.mutate import judge as j  # noqa: E402
from proofs.mutate import mutants as m  # noqa: E402
from proofs.mutate import survivors as s  # noqa: E402
from proofs.mutate.prover import Prover  # noqa: E402
from checks import check, end  # noqa: E402

KNOWN = (("tnum_or", "operator", "| → &", j.REFUTED), ("umin", "operator", "< → <=", j.EQUIVALENT),
         ("move", "arguments", "HALF_BITS, b → b, HALF_BITS", j.NOT_COMPILED))
# C, each of which -Wall -Wextra warns of
WARNED_OF = (("scalar_is_unknown", "&& → ||"), ("in_order", "max → min"), ("tnum_sext", "value → mask"),
             ("scalar_is_const32", "u → s"), ("sum_of_arcs", "raw_within(r, arc_add(as, bs)) → r"))


def test_known(build, work):
    prover = Prover(ROOT, os.path.join(build, "bpflab-prove"), work, 10)
    judge = j.Judge(prover, 60, os.path.join(build, "isa/libbpflab_isa.a"))
    everything = m.all_of(ROOT)
    for function, rule, edit, expected in KNOWN:
        found = [x for x in everything if (x.function, x.rule, x.edit) == (function, rule, edit)]
        check(f"{function}: {edit} is a mutant", found)
        for x in found[:1]:
            v = judge.judge(x)
            check(f"{x.id} is {expected}, not {v.verdict} ({v.what})", v.verdict == expected)
            check(f"{x.id}: values or a reason", expected != j.REFUTED or "a.value=" in v.values)
    test_warnings(prover, everything)
    test_memory(prover, judge, [x for x in everything if x.function == "tnum_or"][0])
    test_hashes(prover, judge, [x for x in everything if x.function == "scalar_reduce_round" and "halves_to_words(settled);" in x.edit][0])
    left = [n for n in os.listdir(work) if os.path.isdir(os.path.join(work, n))]
    check(f"no scratch copy is left: {left}", not left)


def test_memory(prover, judge, x):
    """A verdict is of its prover, evidence of its tests."""
    quick = "tnum/neg@O0"
    basis = prover.basis(judge.bitcode, quick)
    check(f"the prover says what it is: {basis}", "z3 " in basis and "llvm " in basis and basis.endswith("10 s"))
    longer = Prover(ROOT, prover.program, prover.work, 20)
    check("a longer timeout is another prover", longer.basis(judge.bitcode, quick) != basis)
    judge.memory["verdicts"][judge.key(x, judge.sources)] = asdict(j.Verdict(x.id, j.SURVIVED))
    check("a verdict is remembered", judge.remembers(x))
    with mock.patch.object(judge, "basis", "another solver"):
        check("but not of another solver", not judge.remembers(x))
    made = []
    for sources in ("tests", "tests", "other tests"):
        judge.recall("evidence", x, sources, lambda: made.append(0) or "tables agree")
    check(f"evidence is made anew for other tests: {len(made)}", len(made) == 2)


def test_warnings(prover, everything):
    for function, edit in WARNED_OF:
        found = [x for x in everything if (x.function, x.edit) == (function, edit)]
        check(f"{function}: {edit} is a mutant", found)
        for x in found[:1]:
            folder = prover.scratch(x)
            error = prover.compile_theorems(folder, os.path.join(folder, "mutant.bc"))
            check(f"{x.id} compiles, whatever clang warns of: {error}", error is None)
            prover.remove(folder)


def test_hashes(prover, judge, x):
    """A theorem depends on what it reaches, but not on what a contract stands for."""
    folder = prover.scratch(x)
    bitcode = os.path.join(folder, "mutant.bc")
    check(f"{x.id} compiles", prover.compile_theorems(folder, bitcode) is None)
    units = prover.units(bitcode)
    check("its own contract has changed", units["contract/scalar_reduce_round@O0"] != judge.units["contract/scalar_reduce_round@O0"])
    check("who uses it has not", units["contract/scalar_reduce@O0"] == judge.units["contract/scalar_reduce@O0"])
    check("nor has what is of other functions", units["tnum/add@O0"] == judge.units["tnum/add@O0"])
    check("there are no units at -O2", not [n for n in units if n.endswith("@O2")])
    prover.remove(folder)


def test_list():
    x = m.all_of(ROOT)[0]
    row = s.row_of(x, "still sound: less is known", "tables agree")

    def told(rows, survivors, tried, part):
        found = s.problems(rows, [x], survivors, tried)
        return any(part in p for p in found) if part else not found

    check("listed", told({x.id: row}, {x.id: "tables agree"}, {x.id}, None))
    check("not tried this time", told({x.id: row}, {}, set(), None))
    check("not listed", told({}, {x.id: "tables agree"}, {x.id}, "is not listed"))
    check("refuted now", told({x.id: row}, {}, {x.id}, "does not survive any more"))
    check("other evidence", told({x.id: row}, {x.id: "tables differ: a"}, {x.id}, "evidence is now"))
    gone = s.Row("gone-1", "a.c:1", "a → b", "still sound: it was", "tables agree")
    check("gone", told({"gone-1": gone}, {}, set(), "no such mutant"))
    bare = s.row_of(x, "?", "tables agree")
    check("no reason", told({x.id: bare}, {x.id: "tables agree"}, {x.id}, "no reason"))
    unsound = s.row_of(x, "still sound: so it was thought", "tests fail: tnum_small")
    check("a hole by another name", told({x.id: unsound}, {x.id: unsound.evidence}, {x.id}, "no survivor by right"))


def main():
    build = os.path.abspath(sys.argv[1])
    test_list()
    if shutil.which("clang-19") and os.path.exists(os.path.join(build, "bpflab-prove")):
        with tempfile.TemporaryDirectory() as work:
            test_known(build, work)
    else:
        print("skipped: needs clang-19 and bpflab-prove")
        return 77
    return end()


sys.exit(main())
