"""parts_test.py: parts of the tool that need no prover, or one that is played: what a run's exit status says."""
import contextlib
import io
import os
import sys
import tempfile
from unittest import mock

ROOT = os.path.abspath(os.path.join(os.path.dirname(__file__), "..", "..", ".."))
sys.path.insert(0, ROOT)

from proofs.mutate import __main__ as tool  # noqa: E402
from proofs.mutate import judge as j  # noqa: E402
from proofs.mutate import mutants as m  # noqa: E402

checks, failed = 0, 0


def check(what, c):
    global checks, failed
    checks += 1
    if not c:
        failed += 1
        print(f"not so: {what}")


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


test_status()
print(f"{checks} checks, {failed} failed")
sys.exit(1 if failed or not checks else 0)
