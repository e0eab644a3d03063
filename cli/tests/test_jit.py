#!/usr/bin/env python3
"""test_jit.py BPFLAB [--bless] [--all]: the verb jit from outside: input forms, targets, options, JSON, exit statuses, dumps; and the
manual: every block of docs/jit.md that begins with "$ " shows what that command prints now (but for times). --bless writes
those blocks anew; --all takes every case of the corpus for every target, not for one in turn."""
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile

BPFLAB = os.path.abspath(sys.argv[1])
BLESS = "--bless" in sys.argv
ALL = "--all" in sys.argv
HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
MANUAL = os.path.join(ROOT, "docs", "jit.md")
CLANG = shutil.which("clang-19")
MACHINES = ["x86-64", "x86-64-base", "arm64", "riscv64", "s390x"]
TARGETS = MACHINES + ["stub"]
checks = failures = 0

TEXT = "r0 = 40\nr0 += r1\nexit\n"
BYTES = bytes.fromhex("b700000028000000" "0f10000000000000" "9500000000000000")
# A loop, a call of a helper, a division, a wide constant: cold parts and, on most machines, a pool.
MANY = """r6 = r1
r0 = 0
r2 = 7
r4 = 0x1122334455667788 ll
loop:
r0 += r4
r2 -= 1
if r2 != 0 goto loop
call 7
r0 %= 10
exit
"""
OBJECT = """
struct { int (*type)[2]; unsigned *key; unsigned long long *value; int (*max_entries)[256]; } seen __attribute__((section(".maps"), used));
unsigned long total;
static void *(*lookup)(void *, const void *) = (void *)1;
__attribute__((noinline)) int twice(int x) { asm volatile("" : "+r"(x)); return x * 2; }
__attribute__((section("xdp"), used)) int count(void *ctx) {
    unsigned key = 3;
    unsigned long long *n = lookup(&seen, &key);
    if (n) ++*n;
    return twice((int)++total) & 1 ? 1 : 2;
}
__attribute__((section("socket"), used)) int nothing(void *ctx) { return 0; }
char gpl[] __attribute__((section("license"), used)) = "GPL";
"""


def check(ok, what, *seen):
    global checks, failures
    checks += 1
    if not ok:
        failures += 1
        print("not so:", what, *seen)
    return ok


def equal(got, want, what):
    return check(got == want, what, f"\n    got  {got!r}\n    want {want!r}")


def bpflab(*args, stdin=b"", env=None):
    stdin = stdin.encode() if isinstance(stdin, str) else stdin
    p = subprocess.run([BPFLAB, *map(str, args)], input=stdin, capture_output=True, timeout=120, env=dict(os.environ, **(env or {})))
    return p.returncode, p.stdout, p.stderr.decode()


def jit(*args, stdin=b"", code=0):
    got, out, err = bpflab("jit", *args, "--json", stdin=stdin)
    equal(got, code, f"status of jit {args}: {err}")
    try:
        return json.loads(out)
    except ValueError:
        check(False, f"jit {args}: JSON", out[:200], err)
        return {"programs": [{}]}


def code_of(directory, *args, stdin=b""):
    path = os.path.join(directory, "code")
    if os.path.exists(path):
        os.remove(path)
    got, _, err = bpflab("jit", *args, "-o", path, stdin=stdin)
    equal(got, 0, f"jit {args} -o: {err}")
    return open(path, "rb").read()


def write(directory, name, content):
    path = os.path.join(directory, name)
    with open(path, "wb") as f:
        f.write(content.encode() if isinstance(content, str) else content)
    return path


def compile_object(directory, name, source, target="bpf"):
    path = os.path.join(directory, name)
    text = write(directory, name + ".c", source)
    subprocess.run([CLANG, "-O2", "-g", "-target", target, "-c", text, "-o", path], check=True)
    return path


def test_forms(directory):
    forms = {"text": TEXT, "bytes": BYTES, "hex": BYTES.hex(" "), "case": f"-- asm\nmov %r0, 40\nadd %r0, %r1\nexit\n-- result\n0x28\n"}
    codes = set()
    for form, content in forms.items():
        path = write(directory, "a", content)
        data = open(path, "rb").read()
        for where, stdin in ((path, b""), ("-", data)):
            codes.add(code_of(directory, where, "--arch", "arm64", "--no-verify", stdin=stdin))
            r = jit(where, "--arch", "arm64", stdin=stdin)
            equal((r["arch"], r["n_insns"]), ("arm64", 3), f"{form}: keys")
    check(len(codes) == 1 and len(codes.pop()) > 4, "the same code from every form")
    if CLANG:
        r = jit(compile_object(directory, "o", "int f(void *m, unsigned long n) { return 42; }"))
        equal([p["name"] for p in r["programs"]], ["f"], "an object")


def test_targets(directory):
    for target in TARGETS:
        for opt in ("0", "1"):
            r = jit("-", "--arch", target, "--opt", opt, "--mem-bytes", "8", stdin=MANY)
            p = r["programs"][0]
            equal(set(r), {"programs", "arch", "n_insns", "code_bytes", "compile_ns"}, f"{target}: keys")
            equal((p["arch"], p["n_insns"], p["code_bytes"], p["error"]), (target, 11, r["code_bytes"], None), f"{target}: program")
            check(r["code_bytes"] > 40 and r["compile_ns"] > 0, f"{target}: numbers", r)
            code = code_of(directory, "-", "--arch", target, "--opt", opt, "--mem-bytes", "8", stdin=MANY)
            equal(len(code), r["code_bytes"], f"{target}: -o")
            got, out, _ = bpflab("jit", "-", "--arch", target, "--opt", opt, "--mem-bytes", "8", "-o", "-", stdin=MANY)
            equal((got, out), (0, code), f"{target}: -o -")
    hosts = {"x86_64": "x86-64", "aarch64": "arm64", "riscv64": "riscv64", "s390x": "s390x"}
    host = hosts.get(os.uname().machine)
    if host:
        equal(jit("-", stdin=TEXT)["arch"], host, "this machine's by default")


def test_dumps(directory):
    for target in TARGETS:
        for opt in ("0", "1"):
            r = jit("-", "--arch", target, "--opt", opt, "--dump", "--fuel", stdin=MANY)
            parts = r["programs"][0]["parts"]
            code = code_of(directory, "-", "--arch", target, "--opt", opt, "--fuel", stdin=MANY)
            at = 0
            for part in parts:
                if part["kind"] == "pool":
                    check(0 <= part["offset"] - at < 8, f"{target}: padding before the pool")
                    at = part["offset"]
                equal(part["offset"], at, f"{target}: {part['kind']} follows")
                for piece in part["code"]:
                    equal(piece["offset"], at, f"{target}: code follows")
                    bytes_ = bytes.fromhex(piece["bytes"])
                    equal(code[at:at + len(bytes_)], bytes_, f"{target}: its bytes")
                    at += len(bytes_)
                    if have_llvm and target != "stub":
                        check(piece["text"], f"{target}: {piece['bytes']} is an instruction")
            equal(at, len(code), f"{target}: all bytes are in a part")
            pcs = [i["pc"] for part in parts for i in part["insns"]]
            equal(pcs, [0, 1, 2, 3] + list(range(5, 11)), f"{target}: all instructions, in order")
            colds = [part["what"] for part in parts if part["kind"] == "cold"]
            check("pays for a backward jump" in colds and "out of fuel" in colds, f"{target}: cold parts", colds)
            if target in ("arm64", "riscv64", "s390x"):
                pool = [piece["text"] for part in parts if part["kind"] == "pool" for piece in part["code"]]
                check(any("0x1122334455667788" in t for t in pool), f"{target}: the pool", pool)
            text = bpflab("jit", "-", "--arch", target, "--opt", opt, "--dump", "--fuel", stdin=MANY)[1].decode()
            check("    6: r2 -= 1\n" in text and "cold0: for pc" in text, f"{target}: text", text)
            if have_llvm and target != "stub":
                check("bpf_get_prandom_u32" in text, f"{target}: the helper is named")
                check(re.search(r"\bcold\d+$", text, re.M), f"{target}: jumps name what they lead to")
                check(re.search(r" exit$", text, re.M), f"{target}: so do traps")


def test_facts(directory):
    # Accepted: no fuel, the division of a number that is known not to be zero, and dead code left out.
    source = "r1 = *(u32 *)(r1 + 0)\nr1 |= 1\nr0 = 100\nr0 /= r1\nif r1 != 0 goto +1\nr0 = 7\nexit\n"
    known = jit("-", "--type", "xdp", "--arch", "arm64", "--dump", stdin="r0 = 3\nif r0 == 3 goto +1\nr0 = 7\nexit\n")["programs"][0]
    equal(known["verdict"], "accept", "accepted")
    equal([p["n_bytes"] for p in known["parts"] if p["kind"] == "insns" and p["pc"] == 2], [0], "dead code")
    check(not any("cmp" in (c["text"] or "") for p in known["parts"] for c in p["code"]), "a decided branch compares nothing")
    with_facts = jit("-", "--mem-bytes", "8", stdin=source)
    without = jit("-", "--no-verify", stdin=source)
    check(with_facts["code_bytes"] < without["code_bytes"], "facts make shorter code", with_facts, without)
    equal(without["programs"][0]["verdict"], None, "--no-verify")
    got, out, err = bpflab("jit", "-", "--arch", "arm64", stdin="r0 = *(u64 *)(r1 + 0)\nexit\n")
    check(got == 0 and "not accepted" in err and "bytes of arm64 code" in out.decode(), "rejected, and compiled all the same", err)
    equal(jit("-", stdin="r0 = *(u64 *)(r1 + 0)\nexit\n")["programs"][0]["verdict"], "reject", "verdict")


def test_blinding(directory):
    source = "r0 = 0x12345678\nr0 ^= 0x7abcdef1\nexit\n"
    for target in MACHINES:
        plain = code_of(directory, "-", "--arch", target, "--no-verify", "--opt", "0", stdin=source)
        one, two, again = (code_of(directory, "-", "--arch", target, "--no-verify", "--blind", "--blind-seed", seed, stdin=source)
                           for seed in (1, 2, 1))
        equal((one == again, one == two, one == plain), (True, False, False), f"{target}: the seed decides")
        if target.startswith("x86"):
            hidden = bytes.fromhex("78563412")
            equal((hidden in plain, hidden in one), (True, False), f"{target}: the constant is hidden")


def test_objects(directory):
    if not CLANG:
        print("skipped: clang-19 is not installed, so no objects were made")
        return
    path = compile_object(directory, "g", OBJECT)
    for target in TARGETS:
        r = jit(path, "--arch", target, "--dump")
        equal([p["name"] for p in r["programs"]], ["count", "nothing"], f"{target}: programs")
        for key in ("n_insns", "code_bytes", "compile_ns"):
            equal(sum(p[key] for p in r["programs"]), r[key], f"{target}: {key} is the sum")
        check(all(p["verdict"] == "accept" for p in r["programs"]), f"{target}: accepted")
        starts = [part["pc"] for part in r["programs"][0]["parts"] if part["kind"] == "enter"]
        check(len(starts) == 2 and starts[0] == 0, f"{target}: two functions", starts)
        sources = [i["source"]["text"] for part in r["programs"][0]["parts"] for i in part["insns"] if i["source"]]
        check(any("lookup(&seen" in s for s in sources), f"{target}: source lines", sources)
        one = jit(path, "--prog", "nothing", "--arch", target)
        equal([p["name"] for p in one["programs"]], ["nothing"], f"{target}: --prog")
    text = bpflab("jit", path, "--arch", "arm64", "--dump")[1].decode()
    check("# g.c:" in text and "# function twice" in text and "\nall: " in text, "source lines, functions, sums", text)
    big = compile_object(directory, "big", "int f(void *m, unsigned long n) { return 42; }", "bpfeb")
    check("big-endian" in bpflab("jit", big, "--arch", "arm64")[2], "the other byte order is remarked on")
    check("endian" not in bpflab("jit", big, "--arch", "s390x")[2], "its own is not")


def test_errors(directory):
    path = write(directory, "a", TEXT)

    def refused(says, *args, code=2, stdin=b""):
        got, out, err = bpflab("jit", *args, stdin=stdin)
        check(got == code and says in err and not out, f"jit {args}: {says}", got, out[:200], err)
        check(jit(*args, code=code, stdin=stdin).get("error", {}).get("reason"), f"jit {args}: the error is JSON too")

    refused("did you mean arm64?", path, "--arch", "amr64")
    refused("did you mean s390x?", path, "--arch", "s390")
    refused("did you mean --dump?", path, "--dmup")
    refused("not between", path, "--opt", "2")
    refused("cannot open for writing", path, "-o", "/nonexistent/x")
    refused("needs FILE")
    refused("no program", path, "--prog", "x", "--type", "xdp") if CLANG else None
    got, _, err = bpflab("jit", path, "-o", "-", "--json")
    check(got == 2 and "both write to standard output" in err, "-o - --json", err)
    got, _, err = bpflab("jit", path, "-o", "-", "--dump")
    check(got == 2 and "both write to standard output" in err, "-o - --dump", err)
    if CLANG:
        refused("choose one with --prog", compile_object(directory, "g", OBJECT), "-o", os.path.join(directory, "x"))
    # A map that nobody can make: there is no code, but the program stays what it is.
    got, out, err = bpflab("jit", "-", stdin="18510000050000000000000000000000 b700000000000000 9500000000000000")
    check(got == 2 and not out.startswith(b"{") and "map" in err, "a map that is not there", got, out, err)


def test_corpus(directory):
    """Every case of the corpus that is a program, for one of the targets in turn (all of them), in one of three ways."""
    n = 0
    ways = (), ("--opt", "0", "--no-verify"), ("--blind",)
    folder = os.path.join(ROOT, "corpus", "conformance")
    for i, name in enumerate(sorted(os.listdir(folder))):
        path = os.path.join(folder, name)
        for k in range(i, i + len(TARGETS) if ALL else i + 1):
            target, more = TARGETS[k % len(TARGETS)], ways[(i // len(TARGETS) + k) % len(ways)]
            got, out, err = bpflab("jit", path, "--arch", target, "--dump", "--json", *more)
            if not check(got in (0, 2, 3), f"{name} for {target} {more}: status {got}", err):
                continue
            r = json.loads(out)
            if got or "error" in r or r["programs"][0]["error"]:
                continue
            n += 1
            p = r["programs"][0]
            covered = sum(part["n_bytes"] for part in p["parts"])
            check(0 <= p["code_bytes"] - covered < 8, f"{name} for {target} {more}: parts hold {covered} bytes of {p['code_bytes']}")
            texts = [piece["text"] for part in p["parts"] for piece in part["code"]]
            check(all(texts) or target == "stub" or not have_llvm, f"{name} for {target} {more}: all is code", texts.count(None))
    check(n > (510 if ALL else 85), "cases compiled", n)


def test_without_llvm(directory):
    """Without LLVM's library, or one that knows the target: bytes only, and a remark."""
    write(directory, "libLLVM.so.19.1", "no library")
    got, out, err = bpflab("jit", "-", "--arch", "arm64", "--dump", stdin=TEXT, env={"LD_LIBRARY_PATH": directory})
    check(got == 0 and "is not installed" in err and re.search(r"^ +\d+  [0-9a-f ]+$", out.decode(), re.M), "bytes only", out, err)
    got, out, err = bpflab("jit", "-", "--arch", "stub", "--dump", stdin=TEXT)
    check(got == 0 and "without assembly" in err and re.search(r"^ +\d+  [0-9a-f ]+$", out.decode(), re.M), "stub: bytes only", out, err)


def shown(command, directory):
    """What a command of the manual prints."""
    script = f"bpflab() {{ {BPFLAB} \"$@\"; }}\n{command}\n"
    p = subprocess.run(["bash", "-c", script], capture_output=True, text=True, cwd=directory, timeout=120)
    equal(p.returncode, 0, f"{command}: {p.stderr}")
    return re.sub(r", made in [\d.]+ us", "", p.stdout)


def test_manual(directory):
    if not have_llvm:
        print("skipped: libLLVM 19 is not installed, so the dumps of docs/jit.md were not compared")
        return
    if not CLANG:
        return
    source = os.path.join(HERE, "lookup.bpf.c")
    subprocess.run([CLANG, "-O2", "-g", "-target", "bpf", "-c", source, "-o", os.path.join(directory, "lookup.o")], check=True)
    text = open(MANUAL).read()
    parts = re.split(r"(```text\n\$ .*?```\n)", text, flags=re.S)
    n = 0
    for i, part in enumerate(parts):
        if not part.startswith("```text\n$ "):
            continue
        n += 1
        command = part.splitlines()[1][2:]
        fresh = f"```text\n$ {command}\n{shown(command, directory)}```\n"
        if not BLESS:
            equal(part, fresh, f"docs/jit.md: {command} (test_jit.py BPFLAB --bless writes it anew)")
        parts[i] = fresh
    check(n >= 8, "blocks of the manual", n)
    if BLESS:
        open(MANUAL, "w").write("".join(parts))


have_llvm = "without assembly" not in bpflab("jit", "-", "--arch", "arm64", "--dump", stdin=TEXT)[2]
with tempfile.TemporaryDirectory() as scratch:
    if not have_llvm:
        print("skipped: libLLVM 19 is not installed, so no assembly was compared")
    for test in (test_forms, test_targets, test_dumps, test_facts, test_blinding, test_objects, test_errors, test_corpus, test_without_llvm, test_manual):
        test(scratch)
print(f"{checks} checks, {failures} failed")
sys.exit(failures > 0 or checks == 0)
