"""parts_test.py: parts of the tool that need no prover, or one that is played: what a run's exit status says, which
mutants cannot be equivalent, what counts as another table, which refutations as a catch."""
import contextlib
import io
import os
import sys
import tempfile
from unittest import mock

ROOT = os.path.abspath(os.path.join(os.path.dirname(__file__), "..", "..", ".."))
sys.path.insert(0, ROOT)

from proofs.mutate import __main__ as tool  # noqa: E402
from proofs.mutate import equivalent  # noqa: E402
from proofs.mutate import judge as j  # noqa: E402
from proofs.mutate import mutants as m  # noqa: E402
from proofs.mutate.calls import calls_of  # noqa: E402
from proofs.mutate.small import rows_that_differ  # noqa: E402
from checks import check, end  # noqa: E402


def status_of(judge, *more):
    """(exit status, what is printed) of a run with that judge, which may be an exception of its set-up."""
    with tempfile.TemporaryDirectory() as build, contextlib.redirect_stdout(io.StringIO()) as out, \
            mock.patch.object(tool, "Judge", side_effect=judge if judge is KeyboardInterrupt else None,
                              return_value=judge), \
            mock.patch.object(tool.shutil, "which", return_value="clang-19"):
        open(os.path.join(build, "bpflab-prove"), "w", encoding="utf-8").close()
        status = tool.main(["--only", "umin", "--build", build, *more])
    return status, out.getvalue()


def refutes(mutant):
    return j.Verdict(mutant.id, j.REFUTED, "range/umin@O0: contains", "a=1")


def test_status():
    n = len([x for x in m.all_of(ROOT) if x.id.startswith("umin")])
    check("there is something to try", n > 1)
    status, said = status_of(mock.Mock(judge=refutes))
    check(f"all are refuted: {status}, {said}", status == 0 and f"{n} mutants" in said)
    status, said = status_of(KeyboardInterrupt)
    check(f"interrupted while it is set up: {status}, {said}", status == 130 and "interrupted: 0 of" in said)
    status, said = status_of(mock.Mock(judge=mock.Mock(side_effect=KeyboardInterrupt)))
    check(f"interrupted before the first verdict: {status}, {said}", status == 130 and "interrupted: 0 of" in said)
    seen = []

    def one(mutant):
        if seen:
            raise KeyboardInterrupt
        seen.append(mutant)
        return refutes(mutant)

    status, said = status_of(mock.Mock(judge=one))
    check(f"interrupted later: {status}, {said}", status == 130 and "interrupted: 1 of" in said and "1 mutants" in said)
    status, said = status_of(mock.Mock(judge=refutes, remembers=lambda x: False), "--remembered")
    check(f"nothing is remembered: {status}, {said}", status == 1 and "no mutant was tried" in said)
    status, said = status_of(mock.Mock(judge=refutes, remembers=lambda x: True), "--remembered")
    check(f"all are remembered: {status}, {said}", status == 0 and f"{n} mutants" in said)


def with_text(function, old, new):
    """A mutant of the domain that no rule need make."""
    for path in m.paths(ROOT):
        source = m.read(ROOT, path)
        if function in source.functions:
            first, last = (source.tokens[k] for k in source.functions[function])
            start = source.text.index(old, first.start, last.end)
            return m.Mutant("made-1", path, function, "made", 1, 1, start, start + len(old), old, new)
    raise KeyError(function)


def refusal(mutant):
    try:
        return "" if equivalent.theorem(ROOT, mutant) else None
    except equivalent.NotExpressible as e:
        return str(e)


def test_equivalent():
    calls = calls_of(ROOT)
    itself = [f for f in calls.names if f in calls.below(f)]
    check(f"no function of the domain calls itself: {itself}", not itself)
    check("calls are followed through rows", "tnum_add" in calls.below("scalar_alu"))
    umin = with_text("umin", "a < b", "a <= b")
    check("a mutant has a theorem", refusal(umin) == "")
    direct = with_text("umin", "a < b ? a : b", "umin(b, a)")
    check(f"not if it calls itself: {refusal(direct)}", refusal(direct) == "umin calls itself")
    by_others = with_text("unsigned_quotients", "scalar_div", "scalar_sdiv")
    check(f"nor by way of others: {refusal(by_others)}", refusal(by_others) == "unsigned_quotients calls itself")
    other = with_text("unsigned_quotients", "scalar_div", "scalar_mod")
    check(f"another call is no cycle: {refusal(other)}", refusal(other) != "unsigned_quotients calls itself")


def test_tables():
    table = ["| add | 1 |", "| sub | 2 |"]
    check("the same", rows_that_differ(table, table) == [])
    check("another number", rows_that_differ(table, ["| add | 1 |", "| sub | 3 |"]) == ["sub"])
    check("a row is lost at the end", rows_that_differ(table, table[:1]) == ["sub"])
    check("a row is added at the end", rows_that_differ(table[:1], table) == ["sub"])


def obligation(what, result, abstract=False):
    return {"name": f"tnum/mul@O0: {what}", "unit": "tnum/mul@O0", "result": result, "abstract": abstract,
            "counterexample": "a=1" if result == "refuted" else None, "seconds": 0.1}


def verdict_of(*runs):
    """Of the theorem tnum/mul, where the prover's runs have these results."""
    judge = object.__new__(j.Judge)
    judge.prover = mock.Mock(prove=mock.Mock(side_effect=[(list(r), 0.1) for r in runs]))
    judge.in_the_tree = lambda o: "proved"
    judge.seconds, judge.memory = {}, {"seconds": {}}
    return judge.try_theorems(mock.Mock(id="tnum_mul-1"), "mutant.bc", ["tnum/mul@O0"], 10, 60)


def test_abstract():
    real = obligation("contains", "refuted")
    check("real values are a catch", verdict_of([real]).verdict == j.REFUTED)
    check("undefined behaviour, too", verdict_of([obligation("defined", "refuted")]).verdict == j.UNDEFINED)
    for what in ("contains", "defined"):
        of_names = obligation(what, "refuted", abstract=True)
        check(f"{what}: values of the abstraction are none", verdict_of([of_names], [of_names]).verdict == j.UNDECIDED)
        check(f"{what}: nor if there is no time for the others", verdict_of([of_names], []).verdict == j.UNDECIDED)
    first = obligation("well-formed", "refuted", abstract=True)
    check("what comes after them is asked, too", verdict_of([first], [first, real]).verdict == j.REFUTED)
    with tempfile.TemporaryDirectory() as work, mock.patch.object(equivalent, "theorem", return_value=""):
        for abstract, expected in ((False, False), (True, None)):
            found = [obligation("the same result", "refuted", abstract)]
            prover = mock.Mock(root=ROOT, work=work, compile=lambda *x: None, prove=lambda *x: (found, 0.1))
            same, _ = equivalent.is_equivalent(prover, mock.Mock(id="tnum_mul-1"), 30)
            check(f"other results, abstract: {abstract}: {same}", same is expected)


test_status()
test_equivalent()
test_tables()
test_abstract()
sys.exit(end())
