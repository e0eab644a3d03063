#!/usr/bin/env python3
"""test_verify.py BPFLAB [--bless]: the verb verify from outside: options, JSON, exit statuses, listings; and the
manual: every block of docs/verifier.md that begins with "$ bpflab verify" shows what that command prints now.
--bless writes those blocks anew."""
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile

BPFLAB = os.path.abspath(sys.argv[1])
BLESS = "--bless" in sys.argv
HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
MANUAL = os.path.join(ROOT, "docs", "verifier.md")
LIBXDP = "/usr/lib/x86_64-linux-gnu/bpf"
CLANG = shutil.which("clang-19")
checks = failures = 0

GOOD = "r0 = 2\nexit\n"
BAD = "r0 = *(u8 *)(r1 + 2000)\nexit\n"
FORKS = "r2 = *(u32 *)(r1 + 0)\n" + "if r2 & 1 goto +0\n" * 8 + "r0 = 0\nexit\n"
LONG = "r0 = 0\nl: r0 += 1\nif r0 < 100000 goto l\nr0 = 0\nexit\n"


def check(ok, what, *seen):
    global checks, failures
    checks += 1
    if not ok:
        failures += 1
        print("failed:", what, *seen)


def equal(got, want, what):
    check(got == want, what, f"\n  got  {got!r}\n  want {want!r}")


def bpflab(*args, text="", cwd=None):
    p = subprocess.run([BPFLAB, *map(str, args)], input=text.encode(), capture_output=True, cwd=cwd, timeout=120)
    return p.returncode, p.stdout.decode(), p.stderr.decode()


def verify(text, *args, type="xdp"):
    code, out, err = bpflab("verify", "-", "--type", type, "--json", *args, text=text)
    try:
        return code, json.loads(out)["programs"][0], err
    except (ValueError, KeyError, IndexError):
        check(False, f"JSON of {args}", out, err)
        return code, {}, err


def test_verdicts():
    for text, code, verdict in ((GOOD, 0, "accept"), (BAD, 1, "reject")):
        got = bpflab("verify", "-", "--type", "xdp", text=text)
        equal(got[0], code, verdict)
        check(got[1].startswith(verdict + ": "), verdict, got[1])
        got, p, _ = verify(text)
        equal((got, p["verdict"]), (code, verdict), f"{verdict} as JSON")
        keys = {"name", "section", "type", "verdict", "reason", "reason_id", "pc", "line", "insns_processed", "states",
                "peak_states", "peak_bytes", "time_ns"}
        equal(keys - set(p), set(), "keys")
    _, p, _ = verify(BAD)
    equal((p["pc"], p["reg"], p["reason_id"]), (0, 1, "context_access"), "where, what, why")
    check("invalid bpf_context access" in p["reason"] and p["known"] and p["needed"], "words", p)
    equal(p["path"], "0", "path")
    _, p, _ = verify(GOOD)
    equal((p["pc"], p["reason"], p["insns_processed"]), (None, None, 2), "accepted")


def test_options():
    code, p, _ = verify(LONG, "--insns", 1000)
    equal((code, p["verdict"], p["reason_id"]), (3, "unknown", "budget"), "--insns")
    check("processed instructions" in p["needed"], "which budget", p["needed"])
    code, p, _ = verify(FORKS, "--jumps", 3)
    equal((code, p["verdict"], p["reason_id"]), (3, "unknown", "budget"), "--jumps")
    check("sequence of 4 jumps" in p["reason"], "--jumps: Linux's words", p["reason"])
    equal(verify(FORKS, "--states", 1000, "--mib", 10)[0], 0, "--states and --mib that suffice")
    code, p, _ = verify(LONG, "--states", 1)
    equal((code, p["verdict"], p["reason_id"]), (3, "unknown", "budget"), "--states")
    equal(verify(LONG, "--insns", 1000, "--explore", "fixpoint")[0], 0, "--explore fixpoint")
    equal(verify(LONG, "--insns", 1000, "--explore", "both")[0], 0, "--explore both")
    equal(verify("r0 = r1\nexit\n", type="socket_filter")[0], 0, "privileged")
    equal(verify("r0 = r1\nexit\n", "--unprivileged", type="socket_filter")[0], 1, "--unprivileged")
    loads = "r6 = *(u32 *)(r1 + 0)\nr3 = *(u32 *)(r1 + 4)\nr4 = r6\nr4 += 14\nif r4 > r3 goto e\nr0 = *(u32 *)(r6 + 1)\ne: r0 = 0\nexit\n"
    equal(verify(loads)[0], 0, "misaligned")
    equal(verify(loads, "--strict-alignment")[0], 1, "--strict-alignment")
    branches = "".join(f"call 7\nif r0 == 3 goto l{i}\nr7 = {i}\nl{i}:\n" for i in range(8)) + "r0 = 0\nexit\n"
    counts = [verify(branches, *o)[1]["insns_processed"] for o in ([], ["--no-prune"], ["--every-state"])]
    check(counts[0] < counts[1], "--no-prune follows more", counts)
    states = [verify(branches, *o)[1]["states"] for o in ([], ["--every-state"])]
    check(states[0] < states[1], "--every-state keeps more", states)
    equal(verify("r0 = *(u8 *)(r1 + 63)\nexit\n", "--mem-bytes", 64, type="raw")[0], 0, "--mem-bytes")
    equal(verify("r0 = *(u8 *)(r1 + 64)\nexit\n", "--mem-bytes", 64, type="raw")[0], 1, "--mem-bytes, beyond")
    for wrong in (["--explore", "sideways"], ["--log", "3"], ["--insns", "x"], ["--prog", "none"], ["--nonsense"]):
        equal(bpflab("verify", "-", *wrong, text=GOOD)[0], 2, f"usage: {wrong}")
    equal(bpflab("verify", "/no/such/file")[0], 2, "no file")


def test_log():
    text = "call 7\nif r0 == 1 goto b\nr0 = 0\nexit\nb: r2 = 77\nr0 = *(u8 *)(r2 + 0)\nexit\n"
    for level, has, lacks in ((0, [], ["R1=ctx()"]), (1, ["from 1 to 4:", "R2 invalid mem access", "processed "], ["3: (95) exit"]),
                              (2, ["0: (85) call bpf_get_prandom_u32#7", "3: (95) exit", "from 1 to 4:"], [])):
        _, out, _ = bpflab("verify", "-", "--type", "xdp", "--log", level, text=text)
        for words in has:
            check(words in out, f"--log {level}: {words}", out)
        for words in lacks:
            check(words not in out, f"--log {level}: no {words}", out)
    _, p, err = verify(text, "--log", 1)
    check("from 1 to 4:" in err, "the log goes to standard error beside JSON", err)
    frames = "r6 = 5\ncall f\nr0 += r6\nexit\nf: r0 = 1\nexit\n"
    _, out, _ = bpflab("verify", "-", "--type", "xdp", "--log", 2, text=frames)
    for words in ("caller:\n R6=5 R10=fp0\ncallee:\n frame1:", "returning from callee:\n frame1: R0=1", "to caller at 2:\n R0=1 R6=5"):
        check(words in out, f"calls in the log: {words}", out)
    offset = "call 7\nr6 = r0\nr6 &= 7\n*(u64 *)(r10 - 8) = 0\nr1 = r10\nr1 += -8\nr1 += r6\nr0 = *(u8 *)(r1 + 0)\nexit\n"
    _, out, _ = bpflab("verify", "-", "--type", "xdp", "--log", 2, text=offset)
    for words in ("mark_precise: frame0: last_idx 6 first_idx 0 subseq_idx -1", "regs=r6 stack= before 2: (57) r6 &= 7",
                  "regs=r0 stack= before 0: (85) call bpf_get_prandom_u32#7"):
        check(words in out, f"precision in the log: {words}", out)


def test_annotate():
    text = "call 7\nr6 = r0\nr6 &= 255\nr1 = r6\ncall f\nr1 = 5\ncall f\nr0 = 0\nexit\nf: r0 = r1\nexit\n"
    code, out, _ = bpflab("verify", "-", "--type", "xdp", "--annotate", text=text)
    lines = out.splitlines()
    equal(code, 0, "--annotate")
    rows = [l for l in lines if re.match(r" +\d+: ", l)]
    equal(len(rows), 11, "a row for each instruction")
    check(all(len(l) > 46 and l[46] != " " and l[45] == " " for l in rows), "states in one column", rows)
    check("[called from 4]" in out and "[called from 6]" in out, "chains of calls told apart", out)
    check("R9" not in out, "only what is read later", out)
    _, p, _ = verify(text, "--annotate")
    equal([i["pc"] for i in p["insns"]], list(range(11)), "insns")
    equal(sorted(s["calls"] for s in p["insns"][9]["states"]), [[4], [6]], "states by calls")
    check(any("R1=5" == s["text"] for s in p["insns"][9]["states"]), "the state's text", p["insns"][9])
    equal(set(p["insns"][0]) >= {"pc", "text", "states"}, True, "keys")
    _, p, _ = verify("r0 = 1\nif r0 == 1 goto e\nr0 = 7\ne: exit\n", "--annotate")
    equal(p["insns"][2]["states"], [], "never reached")
    check("insns" not in verify(GOOD)[1], "only with --annotate")


def compile_mistakes(directory):
    subprocess.run([CLANG, "-O2", "-g", "-target", "bpf", "-I", os.path.join(ROOT, "examples"), "-c", os.path.join(HERE, "mistakes.bpf.c"), "-o",
                    os.path.join(directory, "mistakes.o")], check=True)


def test_object(directory):
    code, out, _ = bpflab("verify", "mistakes.o", "--json", cwd=directory)
    programs = json.loads(out)["programs"]
    equal(code, 3, "the worst of all programs: one is undecided")
    equal([p["name"] for p in programs if p["verdict"] == "accept"], ["leak"], "accepted, but for the unprivileged one")
    for p in programs:
        if p["verdict"] != "accept":
            check(p["known"] and p["needed"] and p["path"] and p["line"] and p["file"].endswith("mistakes.bpf.c"), p["name"], p)
    equal(bpflab("verify", "mistakes.o", "--prog", "packet", cwd=directory)[0], 1, "--prog")
    equal(len(json.loads(bpflab("verify", "mistakes.o", "--prog", "packet", "--json", cwd=directory)[1])["programs"]), 1, "one program")


def shown(command, directory):
    """What the manual's command prints. None: it needs a file that is not here."""
    words = shlex.split(command.split("|")[0])[1:]
    if words[1].startswith(LIBXDP) and not os.path.exists(words[1]):
        print(f"skipped: {words[1]} is not installed (libxdp1)")
        return None
    out = bpflab(*words, cwd=directory)[1]
    head = re.search(r"\| head -n (\d+)", command)
    return "".join(out.splitlines(True)[:int(head.group(1))]) if head else out


def test_manual(directory):
    text = open(MANUAL).read()
    parts = re.split(r"(```text\n\$ bpflab verify .*?\n```\n)", text, flags=re.S)
    n = 0
    for i, part in enumerate(parts):
        if not part.startswith("```text\n$ bpflab verify"):
            continue
        command = part.splitlines()[1][2:]
        out = shown(command, directory)
        if out is None:
            continue
        n += 1
        fresh = f"```text\n$ {command}\n{out}```\n"
        if not BLESS:
            equal(part, fresh, f"docs/verifier.md: {command} (test_verify.py BPFLAB --bless writes it anew)")
        parts[i] = fresh
    check(n >= 14, "blocks of the manual", n)
    if BLESS:
        open(MANUAL, "w").write("".join(parts))


def main():
    test_verdicts()
    test_options()
    test_log()
    test_annotate()
    if CLANG:
        with tempfile.TemporaryDirectory() as directory:
            compile_mistakes(directory)
            test_object(directory)
            test_manual(directory)
    else:
        print("skipped: objects and the manual: there is no clang-19")
    print(f"{checks} checks, {failures} failed")
    return 1 if failures or not checks else 0


sys.exit(main())
