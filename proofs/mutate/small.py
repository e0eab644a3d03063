"""small.py: what the domain's own tests at 4 and 8 bits say of a mutant that no theorem refutes.

They enumerate: is it sound there, and do the tables of precision (docs/tables/domain.md) become others?
"""
import os
import subprocess
from itertools import zip_longest

from proofs.mutate.mutants import text_digest

TESTS = {"lattice_small": 4, "scalar_small": 4, "range_small": 4, "tnum_small": 8}
# what these two are about needs no more than these
ONLY_OF = {"range_small": ("tnum.c", "range.c"), "tnum_small": ("tnum.c",)}
SECONDS = 300
# what evidence depends on: the domain, its tests and what they include
TEXTS = ("verifier/domain/*.[ch]", "verifier/domain/tests/*.[ch]", "tests/check.h", "isa/*.[ch]", "isa/*.def")
FAILS, DIFFER, AGREE = "tests fail", "tables differ", "tables agree"


def rows_that_differ(before, after):
    """The names of rows, in order, that are others, gone or new: tables of other lengths differ too."""
    return [(b or a).split("|")[1].strip() for a, b in zip_longest(before, after) if a != b]


class Small:
    def __init__(self, prover, isa):
        self.prover, self.isa, self.tables = prover, isa, {}
        self.sources = text_digest(prover.root, TEXTS)

    def table(self, folder, name):
        """What the test prints; None: it does not compile, fails or does not end."""
        out, domain = os.path.join(folder, name), os.path.join(folder, "verifier/domain")
        sources = sorted(os.path.join(domain, n) for n in os.listdir(domain) if n.endswith(".c"))
        test = os.path.join(self.prover.root, f"verifier/domain/tests/{name}_test.c")
        command = [self.prover.clang, "-std=gnu11", "-O2", "-w", f"-DDOMAIN_WORD_BITS={TESTS[name]}", "-I", folder,
                   "-I", self.prover.root, "-o", out] + sources + [test, self.isa]
        if subprocess.run(command, capture_output=True).returncode != 0:
            return None
        try:
            r = subprocess.run([out, "--table"], capture_output=True, text=True, timeout=SECONDS)
        except subprocess.TimeoutExpired:
            return None
        return [line for line in r.stdout.splitlines() if line.startswith("|")] if r.returncode == 0 else None

    def unmutated(self, name):
        if name not in self.tables:
            os.makedirs(os.path.join(self.prover.work, "small"), exist_ok=True)
            link = os.path.join(self.prover.work, "small", "verifier")
            if not os.path.lexists(link):
                os.symlink(os.path.join(self.prover.root, "verifier"), link)
            self.tables[name] = self.table(os.path.dirname(link), name)
            if not self.tables[name]:
                raise RuntimeError(f"{name}_test fails without any mutant")
        return self.tables[name]

    def evidence(self, mutant):
        """FAILS with the first test that does, or DIFFER with each test and the first row of it, or AGREE."""
        folder, changed = self.prover.scratch(mutant), []
        try:
            for name in TESTS:
                if not mutant.path.endswith(ONLY_OF.get(name, "")):
                    continue
                before, after = self.unmutated(name), self.table(folder, name)
                if after is None:
                    return f"{FAILS}: {name}"
                rows = rows_that_differ(before, after)
                if rows:
                    changed.append(f"{name} ({rows[0]}{', ...' if len(rows) > 1 else ''})")
        finally:
            self.prover.remove(folder)
        return f"{DIFFER}: {', '.join(changed)}" if changed else AGREE
