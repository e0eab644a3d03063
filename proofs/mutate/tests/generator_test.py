"""generator_test.py: mutants are what they say: one edit each, told apart, of every function, the same every time."""
import os
import sys

ROOT = os.path.abspath(os.path.join(os.path.dirname(__file__), "..", "..", ".."))
sys.path.insert(0, ROOT)

from proofs.mutate import mutants as m  # noqa: E402
from proofs.mutate.source import Source  # noqa: E402
from checks import check, end  # noqa: E402


PLAIN = """/* a < b in a comment */
#include "x.h"
#define ROW  REL_EQ
static word least(word a, word b) {
    if (a < b) /* + */
        return a;
    b = b + 1;
    return tnum_min(b);
}
"""
EXPECTED = {
    ("ROW", "REL_EQ → REL_NE"), ("least", "< → <="), ("least", "< → >="), ("least", "+ → -"), ("least", "1 → 2"),
    ("least", "1 → 0"), ("least", "a < b → (a < b) || true"), ("least", "a < b → (a < b) && false"),
    ("least", "b = b + 1; → ;"), ("least", "tnum_min → tnum_max")}


def differs_in_one_place(text, mutant):
    """What is common at both ends leaves no more than the edit."""
    changed = mutant.apply(text)
    same = len(os.path.commonprefix([text, changed]))
    tail = len(os.path.commonprefix([text[::-1], changed[::-1]]))
    return changed != text and same >= mutant.start and tail >= len(text) - mutant.end


def test_small():
    found = m.of_source(Source("plain.c", PLAIN))
    edits = {(x.function, x.edit) for x in found}
    check(f"the edits of a small file: too few {EXPECTED - edits}, too many {edits - EXPECTED}", edits == EXPECTED)
    check("place", ("plain.c:5", 11) in {(x.place, x.column) for x in found if x.old == "<"})
    moved = m.of_source(Source("plain.c", "static word other(void) {\n    return 7;\n}\n" + PLAIN))
    check("ids stay when something else changes", {x.id for x in found} <= {x.id for x in moved})
    check("no mutant of an assertion", not m.of_source(Source("a.c", "void f(int x) {\n    assert(x);\n}\n")))


def test_domain():
    everything = m.all_of(ROOT)
    texts = {path: m.read(ROOT, path).text for path in m.paths(ROOT)}
    check(f"at least 300 mutants: {len(everything)}", len(everything) >= 300)
    check("ids are unique", len({x.id for x in everything}) == len(everything))
    wrong = [x.id for x in everything if not differs_in_one_place(texts[x.path], x)]
    check(f"one edit each: {wrong[:5]}", not wrong)
    without = m.functions_of(ROOT) - {(x.path, x.function) for x in everything}
    check(f"every function has a mutant: {without}", not without)
    check("there are functions", len(m.functions_of(ROOT)) > 100)
    check("no include is touched", not [x for x in everything if "#include" in texts[x.path].splitlines()[x.line - 1]])
    sample = m.sample_of(everything)
    check("the sample is as large as it says", len(sample) == m.SAMPLE >= 150)
    check("it does not depend on the order", m.sample_of(everything[::-1]) == sample)


test_small()
test_domain()
sys.exit(end())
