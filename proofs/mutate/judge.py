"""judge.py: what becomes of one mutant: is there a theorem that it breaks?

Only theorems whose unit hash changed can tell; the hash leaves out functions that a contract stands for. First come
those that fail on random values (theorem/native.c) and those for which a defect in the edited function is planted.
What fails on values but is not refuted by the solver in short is told as just that. Else it is tried whether the mutant
is the same function (equivalent.py), then all theorems, by the seconds that they took before.
"""
import hashlib
import json
import os
import time
from dataclasses import asdict, dataclass

from proofs.mutate.calls import calls_of
from proofs.mutate.equivalent import is_equivalent
from proofs.mutate.mutants import digest, text_digest
from proofs.mutate.prover import LEVEL, is_abstract

REFUTED, UNDEFINED, EXECUTED, EQUIVALENT, SURVIVED, UNDECIDED, NOT_COMPILED = VERDICTS = (
    "refuted", "undefined behaviour", "refuted on values", "equivalent", "survived", "undecided", "not compiled")
CAUGHT = (REFUTED, UNDEFINED, EXECUTED)
CASES = 2000  # of each theorem, on random values
SOON = 6     # theorems that are tried before all the others, in short: most mutants fall in no time
SOON_TIMEOUT = 3
SOON_BUDGET = 15
EQUIVALENCE_BUDGET = 30
# what verdicts depend on besides the theorems and the prover
TEXTS = ("proofs/theorem/native.c", "proofs/theorem/native.h", "proofs/mutate/same.h")


@dataclass
class Verdict:
    id: str
    verdict: str
    what: str = ""     # the obligation, or why
    values: str = ""
    seconds: float = 0
    budget: float = 0  # what was to be spent: with more, what is undecided is tried again


class Judge:
    """One tree, many mutants. Remembers how long units took, and which are refuted without any mutant."""

    def __init__(self, prover, budget, isa, fresh=False):
        self.prover, self.budget, self.isa = prover, budget, isa
        self.bitcode = os.path.join(prover.work, "unmutated.bc")
        error = prover.compile_theorems(prover.root, self.bitcode)
        if error:
            raise RuntimeError(f"the tree itself does not compile: {error}")
        with open(self.bitcode, "rb") as f:
            self.sources = hashlib.sha256(f.read()).hexdigest()
        units = prover.units(self.bitcode)
        failing = prover.native_failures(prover.work, isa, CASES)
        if failing is None:
            raise RuntimeError("the theorems cannot be run on random values: theorem/native.c")
        if failing:
            raise RuntimeError(f"theorems fail on random values without any mutant: {' '.join(sorted(failing))}")
        self.calls = calls_of(prover.root)
        self.plants = {}
        for name in units:
            if name.startswith("plant/") and name.count("/") == 3:  # of a theorem: with the function that is replaced
                _, family, theorem, function = name.split("/")
                self.plants.setdefault(function, []).append(f"{family}/{theorem}{LEVEL}")
        self.units = {n: h for n, h in units.items() if n.endswith(LEVEL)}
        self.memory_path = os.path.join(prover.work, "memory.json")
        self.memory = {"seconds": {}}
        if os.path.exists(self.memory_path):
            with open(self.memory_path, encoding="utf-8") as f:
                self.memory.update(json.load(f))
        if fresh:
            self.memory = {"seconds": self.memory["seconds"]}
        self.seconds = {**self.ledger(), **self.memory["seconds"]}
        quick = min(self.units, key=lambda n: (self.seconds.get(n, 3.0), n))
        self.basis = digest(prover.basis(self.bitcode, quick), str(CASES), text_digest(prover.root, TEXTS))

    def ledger(self):
        """Seconds of each unit, as proofs/ledger.tsv has them; it may be missing."""
        sums, path = {}, os.path.join(self.prover.root, "proofs/ledger.tsv")
        if not os.path.exists(path):
            return sums
        with open(path, encoding="utf-8") as f:
            rows = [line.rstrip("\n").split("\t") for line in f if not line.startswith("#")]
        seconds = rows[0].index("seconds")
        for row in rows[1:]:
            unit = row[0].split(": ")[0]
            sums[unit] = sums.get(unit, 0) + float(row[seconds])
        return sums

    def recall(self, what, mutant, sources, make):
        """Something that depends on the mutant and on sources, a digest of theirs, alone."""
        known = self.memory.setdefault(what, {})
        key = digest(mutant.id, sources)
        if key not in known:
            known[key] = make()
            self.remember()
        return known[key]

    def remember(self):
        with open(self.memory_path + ".new", "w", encoding="utf-8") as f:
            json.dump(self.memory, f)
        os.replace(self.memory_path + ".new", self.memory_path)

    def order(self, function, names, failing):
        """Those that will tell, then the others; and how many the former are."""
        soon = set(self.plants.get(function, [])) | {f"{k}/{function}{LEVEL}" for k in ("contract", "in_order")}
        failing = {f"{n}{LEVEL}" for n in failing}
        names = sorted(names, key=lambda n: (n not in failing, n not in soon, n.startswith(("alu/", "jmp/")),
                                             self.seconds.get(n, 3.0), n))
        return names, min(SOON, sum(n in failing or n in soon for n in names))

    def key(self, mutant, *theorems):
        """Under which a verdict is remembered: of the theorems by name and hash, or of all sources, by this prover."""
        return digest(mutant.id, self.basis, *theorems)

    def known(self, key):
        v = self.memory.setdefault("verdicts", {}).get(key)
        return Verdict(**v) if v and (v["verdict"] != UNDECIDED or v["budget"] >= self.budget) else None

    def remembers(self, mutant):
        return self.known(self.key(mutant, self.sources)) is not None

    def judge(self, mutant):
        """Remembered twice: for the sources as they are, and for the theorems that the mutant reaches."""
        same_sources = self.key(mutant, self.sources)
        verdict = self.known(same_sources)
        if not verdict:
            verdict = self.judge_anew(mutant)
            verdict.budget = self.budget
            self.memory["verdicts"][same_sources] = asdict(verdict)
            self.remember()
        return verdict

    def judge_anew(self, mutant):
        folder = self.prover.scratch(mutant)
        try:
            bitcode = os.path.join(folder, "mutant.bc")
            error = self.prover.compile_theorems(folder, bitcode)
            if error:
                return Verdict(mutant.id, NOT_COMPILED, error.split("error: ")[-1])
            units = self.prover.units(bitcode)
            changed = [n for n, h in self.units.items()
                       if units.get(n) != h and self.calls.can_reach(n, mutant.function)]
            key = self.key(mutant, *(f"{n} {units.get(n)}" for n in sorted(changed)))
            verdict = self.known(key)
            if not verdict:
                verdict = self.try_all(mutant, folder, bitcode, changed)
                verdict.budget = self.budget
                self.memory["verdicts"][key] = asdict(verdict)
            return verdict
        finally:
            self.prover.remove(folder)

    def try_all(self, mutant, folder, bitcode, changed):
        began = time.time()
        failing = self.prover.native_failures(folder, self.isa, CASES) or {}
        names, n_soon = self.order(mutant.function, changed, failing)
        if failing:
            verdict = self.try_failing(mutant, bitcode, names[:n_soon], failing)
        else:
            verdict = self.try_holding(mutant, bitcode, names, n_soon)
        verdict.seconds = round(time.time() - began, 1)
        return verdict

    def try_failing(self, mutant, bitcode, soon, failing):
        """Of a mutant that theorems fail for on random values: the solver's values, or else those."""
        verdict = self.try_theorems(mutant, bitcode, soon, SOON_TIMEOUT, SOON_BUDGET)
        return verdict if verdict.verdict in CAUGHT else Verdict(mutant.id, EXECUTED, *min(failing.items()))

    def try_holding(self, mutant, bitcode, names, n_soon):
        """What fails on no random value may well be the same function."""
        same, why = is_equivalent(self.prover, mutant, EQUIVALENCE_BUDGET)
        if same:
            return Verdict(mutant.id, EQUIVALENT, why)
        verdict = self.try_theorems(mutant, bitcode, names[:n_soon], SOON_TIMEOUT, SOON_BUDGET)
        if verdict.verdict not in CAUGHT:
            verdict = self.try_theorems(mutant, bitcode, names, self.prover.timeout, self.budget)
        if verdict.verdict not in CAUGHT:
            verdict.values = f"equivalence: {why}"
        return verdict

    def try_theorems(self, mutant, bitcode, names, timeout, budget):
        if not names:
            return Verdict(mutant.id, SURVIVED, "no theorem reaches it")
        left, spent, open_ones = list(names), 0.0, {}
        while left and spent < budget:
            found, seconds = self.ask(mutant, bitcode, left, budget - spent + 1, timeout)
            spent += seconds
            self.learn(found)
            refuted = [o for o in found if o["result"] == "refuted"]
            for o in refuted:
                verdict = self.refutation(mutant, o)
                if verdict:
                    return verdict
            done = {o["unit"] for o in refuted} | self.before(found, left) if refuted else {o["unit"] for o in found}
            for o in found:
                if o["result"] != "proved" and o["unit"] in done and not self.is_open_anyway(o):
                    open_ones.setdefault(o["unit"], o["name"])
            if not done:
                break
            left = [n for n in left if n not in done]
        if left:
            return Verdict(mutant.id, UNDECIDED, f"{len(left)} of {len(names)} theorems not tried in time, first "
                           f"{left[0]}")
        if open_ones:
            return Verdict(mutant.id, UNDECIDED, f"{len(open_ones)} of {len(names)} theorems not proved, first "
                           f"{min(open_ones.values())}")
        return Verdict(mutant.id, SURVIVED, f"{len(names)} theorems hold")

    def ask(self, mutant, bitcode, names, seconds, timeout):
        """A refutation that says nothing about the mutant ends the run, too: its theorem is asked for all else then."""
        found, spent = self.prover.prove(bitcode, names, seconds, timeout)
        refuted = [o for o in found if o["result"] == "refuted"]
        if refuted and not any(self.refutation(mutant, o) for o in refuted):
            unit = refuted[0]["unit"]
            all_of_it, more = self.prover.prove(bitcode, [unit], max(1, seconds - spent), timeout, to_the_end=True)
            found = [o for o in found if o["unit"] != unit] + (all_of_it or refuted)
            spent += more
        return found, spent

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
            self.memory["seconds"].setdefault(unit, seconds)

    def refutation(self, mutant, o):
        """None: it says nothing about the mutant."""
        if is_abstract(o) or self.in_the_tree(o) != "proved":
            return None
        verdict = UNDEFINED if o["name"].endswith(": defined") else REFUTED
        return Verdict(mutant.id, verdict, o["name"], o["counterexample"] or "")

    def in_the_tree(self, o):
        """What the obligation's result is in the tree as it is; None: there is no such obligation."""
        known = self.memory.setdefault("results", {})
        key = f"{o['unit']} {self.units[o['unit']]} {self.basis}"
        if key not in known:
            found, _ = self.prover.prove(self.bitcode, [o["unit"]], 10 * self.budget, 2 * self.prover.timeout)
            known[key] = {x["name"]: x["result"] for x in found}
        return known[key].get(o["name"])

    def is_open_anyway(self, o):
        return self.in_the_tree(o) not in (None, "proved")
