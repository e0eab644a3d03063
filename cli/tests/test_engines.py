#!/usr/bin/env python3
"""test_engines.py BPFLAB BUILD [--all]: the same runs on the interpreter and on every engine that makes machine code: example objects
with maps, packets, captures, printing and time; traps; conformance cases; plugins. What is not installed is skipped, with its reason.
On foreign machines, whose every start takes its time, runs take the forms of translation in turn, and conformance cases one form on
each machine; with --all each has them all."""
import functools
import glob
import json
import os
import shutil
import subprocess
import sys
import tempfile

BPFLAB, BUILD = sys.argv[1:3]
ALL = "--all" in sys.argv[3:]
ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
FORMS = [["--opt", "1"], ["--opt", "0", "--blind"], ["--no-verify"]]
checks = failed = 0


def check(got, want, what):
    global checks, failed
    checks += 1
    if got != want:
        failed += 1
        print(f"not so: {what}\n    got  {got}\n    want {want}")


def run(*args, stdin=b""):
    p = subprocess.run([BPFLAB, *args, "--json"], input=stdin, capture_output=True, timeout=300)
    return json.loads(p.stdout or "{}"), p.returncode, p.stderr.decode()


def essence(out):
    """A result without what may differ: the engine's name, times."""
    return {k: v for k, v in out.items() if k not in ("engine", "time_ns")}


def runs(order):
    """Command lines and standard input: what is run on every engine of that byte order."""
    objects = os.path.join(BUILD, "examples")
    packet = "020000000001020000000002080045000054000040004001000000000000c0000201" + "00" * 60
    for path in sorted(glob.glob(f"{objects}/*-{order}.o")):
        info = run("info", path)[0]
        for prog in info["programs"]:
            yield [path, "--prog", prog["name"]], b""
            yield [path, "--prog", prog["name"], "--repeat", "5", "--advance", "1000000000"], b""
            if prog["type"] in ("xdp", "sched_cls"):
                yield [path, "--prog", prog["name"], "--packet", packet], b""
    texts = ["r0 = 1; l: r0 += r0; if r0 < 1000 goto l; exit"]
    if order == "el":  # elsewhere bytes of memory are another number, and a fault's address is only that of its page
        texts += ["r0 = *(u64 *)(r1 + 0); *(u32 *)(r1 + 4) = 7; exit", "r1 = 0; r0 = *(u64 *)(r1 + 8); exit"]
    for text in texts:
        yield ["-", "--mem", "0102030405060708"], text.replace("; ", "\n").encode()


@functools.cache
def interpreted(order):
    """What runs() says, each with the interpreter's result and exit status."""
    return [(args, stdin, *run("run", *args, stdin=stdin)[:2]) for args, stdin in runs(order)]


def compare(engine, order):
    each = ALL or engine == "jit"
    for i, (args, stdin, want, code) in enumerate(interpreted(order)):
        for form in FORMS if each else [FORMS[i % len(FORMS)]]:
            got, got_code, said = run("run", *args, "--engine", engine, *form, stdin=stdin)
            check((essence(got), got_code), (essence(want), code), f"{engine} {form} {args} {said}")
            check(got.get("engine", "").startswith("jit:"), True, f"{engine}: name")


# Of a type without guarded memory: what the second program does to struct world only a child survives.
UNSAFE = """
__attribute__((section("kprobe/x"), used)) int good(void *ctx) { return 2; }
__attribute__((section("kprobe/x"), used)) int bad(void *ctx) {
    volatile unsigned long *w = (volatile unsigned long *)0x200010010000;
    for (int i = 0; i < 4096; i++) w[i] = 0;
    return ((unsigned long (*)(void))5)() & 3;
}
"""
BLINDED = b"r0 = 0x12345678\nr0 += 3\nexit\n"
# Accepted by nobody: it breaks the interpreter's rules at once, and then never ends.
ENDLESS = b"r1 = 0x200010010058 ll\nr2 = 0\n*(u64 *)(r1 + 0) = r2\nl: goto l\nexit\n"


def check_containment(engine):
    """A program that --setup names is as little trusted as any; a child that hangs is ended."""
    clang = shutil.which("clang-19")
    if clang:
        with tempfile.TemporaryDirectory() as directory:
            path = os.path.join(directory, "unsafe.o")
            subprocess.run([clang, "--target=bpfel", "-O2", "-xc", "-", "-c", "-o", path], input=UNSAFE.encode(), check=True)
            for args in (["--prog", "good", "--setup", "bad"], ["--prog", "bad"]):
                _, code, said = run("run", path, *args, "--engine", engine)
                check(code in (1, 3), True, f"{engine} {args}: exit status {code} {said}")
            check(run("run", path, "--prog", "good", "--engine", engine)[0].get("r0"), "0x2", f"{engine}: the other program")
    out, code, said = run("run", "-", "--engine", engine, "--timeout", "1", stdin=ENDLESS)
    check((out.get("trap", {}).get("kind"), out.get("trap", {}).get("pc"), code), ("hung", None, 3), f"{engine}: a hang {said}")


def check_limit(engine):
    """Blinded code that is too long: the interpreter runs the program; who asked for machine code has no answer."""
    form = ["--engine", engine, "--blind", "--code-limit"]
    out, code, said = run("run", "-", *form, "10000", stdin=BLINDED)
    check((out.get("r0"), out["engine"][:4], code, said), ("0x1234567b", "jit:", 0, ""), f"{engine}: code within the limit")
    out, code, said = run("run", "-", *form, "8", stdin=BLINDED)
    check((out.get("r0"), out["engine"], code), ("0x1234567b", "interp", 0), f"{engine}: code beyond the limit")
    check("the limit is 8" in said and "interpreter" in said, True, f"{engine}: a note says so: {said}")
    case = os.path.join(ROOT, "corpus", "conformance", "alu32-add.data")
    out, code, said = run("conformance", case, *form, "8")
    check((out.get("passed"), out.get("failed"), out.get("undecided"), code), (0, 0, 1, 3), f"{engine}: a case {said}")
    p = subprocess.run([BPFLAB, "plugin", *form, "2"], input=BLINDED, capture_output=True, timeout=60)
    check((p.stdout, p.returncode), (b"", 3), f"{engine}: a plugin's code beyond the limit")


def main():
    cases = os.path.join(ROOT, "corpus", "conformance")
    n = len(os.listdir(cases))
    reached = 0
    for engine in ("jit", "jit:arm64", "jit:riscv64", "jit:s390x"):
        out, code, said = run("run", "-", "--engine", engine, stdin=b"r0 = 42\nexit\n")
        if code == 3:
            print(f"skipped {engine}: {said.strip()}")
            continue
        reached += 1
        check((out["r0"], code), ("0x2a", 0), engine)
        compare(engine, "eb" if engine == "jit:s390x" else "el")
        forms = (["--opt", "0"], ["--opt", "1"], ["--blind"])
        for form in forms if ALL or engine == "jit" else (forms[reached % len(forms)],):
            out, code, said = run("conformance", cases, "--engine", engine, *form)
            check((out.get("failed"), out.get("undecided"), code), (0, 0, 0), f"{engine} {form} conformance {said}")
            check(out.get("passed", 0) + out.get("skipped", 0), n, f"{engine} {form}: all cases")
            check(out.get("passed", 0) > n * 3 // 4, True, f"{engine} {form}: most cases are held to")
            check(out.get("engine", "").startswith("jit:"), True, f"{engine}: name")
        check_limit(engine)
        if engine != "jit:s390x":
            check_containment(engine)
        p = subprocess.run([BPFLAB, "plugin", "--engine", engine], input=b"b7 00 00 00 2a 00 00 00 95 00 00 00 00 00 00 00",
                           capture_output=True, timeout=60)
        check((p.stdout, p.returncode), (b"2a\n", 0), f"{engine}: plugin")
    check(reached > 0, True, "an engine besides the interpreter")
    print(f"{checks} checks, {failed} failed")
    sys.exit(1 if failed else 0)


main()
