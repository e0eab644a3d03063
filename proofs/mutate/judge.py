"""judge.py: what becomes of one mutant: is there a theorem that it breaks?

Only theorems whose unit hash changed can tell; the hash leaves out functions that a contract stands for. Those for
which a defect in the edited function is planted come first, then by the seconds that they took before.
"""
import json
import os
import shutil
from dataclasses import asdict, dataclass

from proofs.mutate.mutants import digest
from proofs.mutate.prover import LEVEL

REFUTED, UNDEFINED, SURVIVED, NOT_COMPILED, UNDECIDED = "refuted", "undefined behaviour", "survived", \
    "not compiled", "undecided"
ABSTRACT = "(of the abstraction alone)"


@dataclass
class Verdict:
    id: str
    verdict: str
    what: str = ""     # the obligation, or why
    values: str = ""
    seconds: float = 0


class Judge:
    """One tree, many mutants. Remembers how long units took, and which are refuted without any mutant."""

    def __init__(self, prover, budget):
        self.prover, self.budget = prover, budget
        self.bitcode = os.path.join(prover.work, "unmutated.bc")
        error = prover.compile_theorems(prover.root, self.bitcode)
        if error:
            raise RuntimeError(f"the tree itself does not compile: {error}")
        units = prover.units(self.bitcode)
        self.plants = {}
        for name in units:
            if name.startswith("plant/"):
                _, family, theorem, function = name.split("/", 3)
                self.plants.setdefault(function, []).append(f"{family}/{theorem}{LEVEL}")
        self.units = {n: h for n, h in units.items() if n.endswith(LEVEL)}
        self.memory_path = os.path.join(prover.work, "memory.json")
        self.memory = {"seconds": {}, "unmutated": {}}
        if os.path.exists(self.memory_path):
            with open(self.memory_path, encoding="utf-8") as f:
                self.memory.update(json.load(f))
        self.seconds = self.memory["seconds"]

    def remember(self):
        with open(self.memory_path + ".new", "w", encoding="utf-8") as f:
            json.dump(self.memory, f)
        os.replace(self.memory_path + ".new", self.memory_path)

    def order(self, function, names):
        own = set(self.plants.get(function, []))
        named = (f"contract/{function}{LEVEL}", f"in_order/{function}{LEVEL}")
        return sorted(names, key=lambda n: (n not in own and n not in named, self.seconds.get(n, 3.0), n))

    def judge(self, mutant):
        folder = self.prover.scratch(mutant)
        try:
            bitcode = os.path.join(folder, "mutant.bc")
            error = self.prover.compile_theorems(folder, bitcode)
            if error:
                return Verdict(mutant.id, NOT_COMPILED, error.split("error: ")[-1])
            units = self.prover.units(bitcode)
            changed = [n for n in self.units if units.get(n) != self.units[n]]
            if not changed:
                return Verdict(mutant.id, SURVIVED, "no theorem reaches it")
            key = digest(*(f"{n} {units.get(n)}" for n in sorted(changed)))
            known = self.memory.setdefault("verdicts", {}).get(key)
            if known:
                return Verdict(**{**known, "id": mutant.id})
            verdict = self.try_theorems(mutant, bitcode, self.order(mutant.function, changed))
            self.memory["verdicts"][key] = asdict(verdict)
            self.remember()
            return verdict
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    def try_theorems(self, mutant, bitcode, names):
        left, spent, open_ones = list(names), 0.0, {}
        while left and spent < self.budget:
            found, seconds = self.prover.prove(bitcode, left, self.budget - spent + 1)
            spent += seconds
            self.learn(found)
            refuted = [o for o in found if o["result"] == "refuted"]
            for o in refuted:
                verdict = self.refutation(mutant, o, spent)
                if verdict:
                    return verdict
            done = {o["unit"] for o in found} if not refuted else {o["unit"] for o in refuted} | self.before(found, left)
            for o in found:
                if o["result"] != "proved" and o["unit"] in done:
                    open_ones.setdefault(o["unit"], o["name"])
            if not done:
                break
            left = [n for n in left if n not in done]
        if left:
            return Verdict(mutant.id, UNDECIDED, f"{len(left)} of {len(names)} theorems not tried in time, first "
                           f"{left[0]}", seconds=spent)
        if open_ones:
            first = sorted(open_ones.values())[0]
            return Verdict(mutant.id, UNDECIDED, f"{len(open_ones)} of {len(names)} theorems not proved, first {first}",
                           seconds=spent)
        return Verdict(mutant.id, SURVIVED, f"{len(names)} theorems hold", seconds=spent)

    @staticmethod
    def before(found, order):
        """The units that were through when the last of these was begun."""
        told = {o["unit"] for o in found}
        last = max((order.index(n) for n in told if n in order), default=0)
        return {n for n in order[:last] if n in told}

    def learn(self, found):
        sums = {}
        for o in found:
            sums[o["unit"]] = sums.get(o["unit"], 0) + o["seconds"]
        for unit, seconds in sums.items():
            self.seconds.setdefault(unit, seconds)

    def refutation(self, mutant, o, spent):
        """None: it says nothing about the mutant."""
        values = o["counterexample"] or ""
        if ABSTRACT in values or self.is_refuted_anyway(o):
            return None
        what = UNDEFINED if o["name"].endswith(": defined") else REFUTED
        return Verdict(mutant.id, what, o["name"], values, round(spent, 1))

    def is_refuted_anyway(self, o):
        """Is the obligation refuted in the tree as it is?"""
        known = self.memory["unmutated"]
        key = f"{o['unit']} {self.units[o['unit']]}"
        if key not in known:
            found, _ = self.prover.prove(self.bitcode, [o["unit"]], 10 * self.budget)
            known[key] = sorted(x["name"] for x in found if x["result"] != "proved")
        return o["name"] in known[key]
