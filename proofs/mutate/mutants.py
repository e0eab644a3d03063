"""mutants.py: all mutants of the domain's sources, and the sample of them that is tried every night.

A mutant's id is its function's name and a hash of the function, the rule, the edit and a few tokens around it; so it
stays what it is when something else in the file changes.
"""
import glob
import hashlib
import os
from dataclasses import dataclass

from proofs.mutate.edits import edits
from proofs.mutate.source import Source

FOLDER = "verifier/domain"
SEED = "bpflab"     # of the sample
SAMPLE = 200        # three quarters of them compile
AT_MOST = 2         # of one function in the sample
CONTEXT = 4         # tokens on each side that belong to the id


@dataclass(frozen=True)
class Mutant:
    id: str
    path: str
    function: str
    rule: str
    line: int
    column: int
    start: int  # offsets in the file: from start to end becomes new
    end: int
    old: str
    new: str

    def apply(self, text):
        assert text[self.start:self.end] == self.old
        return text[:self.start] + self.new + text[self.end:]

    @property
    def place(self):
        return f"{self.path}:{self.line}"

    @property
    def edit(self):
        return f"{flat(self.old)} → {flat(self.new) or '(nothing)'}"


def flat(text):
    return " ".join(text.split())


def digest(*parts):
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()


def text_digest(root, patterns):
    """Of the files that these name, by glob."""
    found = sorted({p for x in patterns for p in glob.glob(os.path.join(root, x))})
    parts = []
    for path in found:
        with open(path, encoding="utf-8") as f:
            parts += [os.path.relpath(path, root), f.read()]
    return digest(*parts)


def paths(root):
    found = glob.glob(os.path.join(root, FOLDER, "*.c")) + [os.path.join(root, FOLDER, "raw.h")]
    return sorted(os.path.relpath(p, root) for p in found)


def read(root, path):
    with open(os.path.join(root, path), encoding="utf-8") as f:
        return Source(path, f.read())


def of_source(source):
    """The mutants of one file, by place. Two edits of one effect are one mutant."""
    seen, counts, found = set(), {}, []
    tokens = source.tokens
    for first, last, new, rule in edits(source):
        start, end = tokens[first].start, tokens[last].end
        effect = (start, end, new)
        if effect in seen:
            continue
        seen.add(effect)
        function = tokens[first].function
        around = [t.text for t in tokens[max(0, first - CONTEXT):first] + tokens[last + 1:last + 1 + CONTEXT]
                  if t.function == function]
        key = digest(source.path, function, rule, flat(source.text[start:end]), flat(new), *around)[:6]
        nth = counts[function, key] = counts.get((function, key), 0) + 1
        line, column = source.place(start)
        found.append(Mutant(f"{function}-{key}" + (f".{nth}" if nth > 1 else ""), source.path, function, rule, line,
                            column, start, end, source.text[start:end], new))
    return found


def all_of(root):
    return [m for path in paths(root) for m in of_source(read(root, path))]


def functions_of(root):
    return {(path, name) for path in paths(root) for name in read(root, path).functions}


def shuffled(mutants):
    """An order that only ids decide."""
    return sorted(mutants, key=lambda m: digest(SEED, m.id))


def sample_of(mutants, n=SAMPLE):
    """The same ones wherever it is asked: the first in an order that only ids decide, few of each function."""
    chosen, counts = [], {}
    for m in shuffled(mutants):
        function = (m.path, m.function)
        if len(chosen) < n and counts.get(function, 0) < AT_MOST:
            counts[function] = counts.get(function, 0) + 1
            chosen.append(m)
    return sorted(chosen, key=lambda m: (m.path, m.start, m.end, m.new))
