"""prover.py: what a mutant is compiled and proved with: clang and bpflab-prove, as subprocesses."""
import json
import os
import re
import shutil
import signal
import subprocess
import time

LEVEL = "@O0"
# A mutant that is C has to be refuted by a theorem: a warning, which -Werror makes an error, is no such thing.
MORE_FLAGS = ["-w"]
# As bpflab prove starts bpflab-prove (cli/cmd_prove.c).
LARGE_PAGES = {"GLIBC_TUNABLES": "glibc.malloc.hugetlb=1", **os.environ}


def bitcode_flags(root):
    """The flags that the theorems are built with, from the one place that has them."""
    with open(os.path.join(root, "proofs/theorem.cmake"), encoding="utf-8") as f:
        found = re.search(r"set\(BITCODE_FLAGS ([^)]*)\)", f.read())
    words = found[1].replace("${PROJECT_SOURCE_DIR}", root).split()
    return words + ["-O0"]


def is_abstract(obligation):
    """Of a refutation: are its values such as need not be real ones? Products were names there."""
    return obligation.get("abstract", False)


class Prover:
    """root: the source tree; program: bpflab-prove; work: a directory of ours for scratch copies."""

    def __init__(self, root, program, work, timeout):
        self.root, self.program, self.work, self.timeout = os.path.abspath(root), program, work, timeout
        self.clang = shutil.which("clang-19")
        os.makedirs(work, exist_ok=True)

    # ---- compiling ----

    def compile(self, folder, source, out, more=()):
        """folder is looked in before the tree. Returns None, or the first error."""
        flags = bitcode_flags(self.root) + MORE_FLAGS + list(more)
        r = subprocess.run([self.clang, "-I", folder] + flags + ["-o", out, source], capture_output=True, text=True)
        errors = [line for line in r.stderr.splitlines() if "error:" in line]
        return None if r.returncode == 0 else (errors or ["clang failed"])[0]

    def scratch(self, mutant):
        """A copy of the domain with the edit in it, in a folder of its own."""
        folder = os.path.join(self.work, mutant.id)
        shutil.rmtree(folder, ignore_errors=True)
        for path in (os.path.join(self.root, "verifier/domain", n)
                     for n in os.listdir(os.path.join(self.root, "verifier/domain")) if n.endswith((".c", ".h"))):
            target = os.path.join(folder, os.path.relpath(path, self.root))
            os.makedirs(os.path.dirname(target), exist_ok=True)
            shutil.copy(path, target)
        with open(os.path.join(self.root, mutant.path), encoding="utf-8") as f:
            text = mutant.apply(f.read())
        with open(os.path.join(folder, mutant.path), "w", encoding="utf-8") as f:
            f.write(text)
        return folder

    @staticmethod
    def remove(folder):
        shutil.rmtree(folder, ignore_errors=True)

    def compile_theorems(self, folder, out):
        return self.compile(folder, os.path.join(self.root, "proofs/theorem/all.c"), out)

    # ---- the theorems on random values ----

    def native_failures(self, folder, isa, cases):
        """Theorems (FAMILY/NAME) that fail, with the first thing that is not so and values. None: they do not compile, or
        do not end, or crash."""
        out = os.path.join(folder, "native")
        flags = [f for f in bitcode_flags(self.root) if f not in ("-c", "-emit-llvm")] + MORE_FLAGS
        source = os.path.join(self.root, "proofs/theorem/native.c")
        r = subprocess.run([self.clang, "-I", folder] + flags + ["-o", out, source, isa], capture_output=True)
        if r.returncode != 0:
            return None
        try:
            r = subprocess.run([out, str(cases), "1"], capture_output=True, text=True, timeout=60)
        except subprocess.TimeoutExpired:
            return None
        if r.returncode not in (0, 1):
            return None
        found = {}
        for name, what, values in re.findall(r"^(\S+): not so: (.*)\n((?:    .*\n)*)", r.stdout, re.M):
            found.setdefault(name, f"{what}: {' '.join(values.split()).replace(' = ', '=')}")
        return found

    # ---- proving ----

    def _run(self, args, seconds):
        """Standard output as JSON; None: it had none. A run that takes too long tells what it has."""
        p = subprocess.Popen([self.program, "--json"] + args, env=LARGE_PAGES, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        try:
            out, err = p.communicate(timeout=seconds)
        except subprocess.TimeoutExpired:
            p.send_signal(signal.SIGINT)
            try:
                out, err = p.communicate(timeout=30)
            except subprocess.TimeoutExpired:
                p.kill()
                out, err = p.communicate()
        try:
            return json.loads(out)
        except ValueError:
            raise RuntimeError(f"bpflab-prove {' '.join(args)[:200]}: {(err or out)[:400]}") from None

    def units(self, bitcode):
        """Name to hash of every theorem at -O0, and of planted defects."""
        return {u["name"]: u["hash"] for u in self._run(["--list", "--bitcode", bitcode], 120)["units"]}

    def basis(self, bitcode, unit):
        """What answers depend on besides the bitcode, as a proof of that unit tells: another solver may know more."""
        r = self._run(["--bitcode", bitcode, "--jobs=1", "--timeout=1", f"--only={unit}"], 60)
        return f"{r['solver']}, {r['tools']}, {self.timeout} s"

    def prove(self, bitcode, names, seconds, timeout=None, to_the_end=False):
        """In that order, until something is refuted. Returns obligations; none of a unit: it was not run."""
        args = ["--bitcode", bitcode, "--jobs=1", f"--timeout={timeout or self.timeout}"]
        args += [] if to_the_end else ["--until-refuted"]
        began = time.time()
        r = self._run(args + [f"--only={n}" for n in names], seconds)
        return r["obligations"], time.time() - began
