"""calls.py: who calls whom in the domain, by the names that functions and rows of tables mention."""
import glob
import os
import re
from functools import lru_cache

from proofs.mutate.mutants import FOLDER, read

OTHER_ROWS = {"MOVSX": ["scalar_sext"], **{k: ["scalar_bswap", "scalar_zext"] for k in ("LE", "BE", "BSWAP")}}


def named(source, first, last):
    """The names from token first to last, but for those of fields."""
    tokens = source.tokens
    return {tokens[k].text for k in range(first, last + 1)
            if tokens[k].kind == "name" and not (k and tokens[k - 1].text in (".", "->"))}


def body_names(source, function):
    last = source.functions[function][1]
    return named(source, source.pairs[last], last)


class Calls:
    """names: what each function, and each row, mentions; transfer: from an instruction's name to the functions of its
    row; under: all that rows reach."""

    def __init__(self, root):
        self.names, self.transfer, rows = {}, dict(OTHER_ROWS), set()
        for path in sorted(glob.glob(os.path.join(root, FOLDER, "*.[ch]"))):
            source = read(root, os.path.relpath(path, root))
            for name, (first, last) in source.rows.items():
                self.names.setdefault(name, set()).update(named(source, first, last))
                if name.startswith("TRANSFER_"):
                    self.transfer[name[len("TRANSFER_"):]] = [source.tokens[first].text]
            rows |= set(source.rows)
            for name in source.functions:
                self.names.setdefault(name, set()).update(body_names(source, name))
        for names in self.names.values():  # TRANSFER_##op stands for every row that begins so
            for prefix in [n for n in names if n.endswith("_")]:
                names |= {r for r in rows if r.startswith(prefix)}
        self.under = set().union(*({f} | self.below(f) for fs in self.transfer.values() for f in fs))

    def below(self, function, instead=None):
        """All that the function calls, directly or not; itself if it is among them. instead: what it mentions now."""
        found, left = set(), [function]
        while left:
            f = left.pop()
            names = instead if f == function and instead is not None else self.names.get(f, ())
            new = {n for n in names if n in self.names} - found
            found |= new
            left += new
        return found

    def can_reach(self, unit, function):
        """A row's theorem calls the row's function through a switch over all of them: its hash says too little."""
        row = re.match(r"alu/([A-Z]+)", unit)
        first = self.transfer.get(row[1]) if row else None
        if not first or function not in self.under:
            return True
        return any(function == f or function in self.below(f) for f in first)


@lru_cache(maxsize=None)
def calls_of(root):
    return Calls(root)
