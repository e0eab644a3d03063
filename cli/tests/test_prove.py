#!/usr/bin/env python3
"""test_prove.py BPFLAB FAKE: bpflab prove with units that do what their names say (proofs/tests/fake.h): what is told and how it
ends when units prove, refute, crash, hang; the ledger as a cache and as something to be fresh; cvc5's opinion; a missing program."""
import json
import os
import pty
import shutil
import signal
import subprocess
import sys
import tempfile
import time

BPFLAB, FAKE = map(os.path.abspath, sys.argv[1:3])
checks = failed = 0
CELLS = 9


def check(ok, what, *seen):
    global checks, failed
    checks += 1
    if not ok:
        failed += 1
        print("not so:", what, *seen)
    return ok


def equal(got, want, what):
    return check(got == want, what, f"\n    got  {got!r}\n    want {want!r}")


class Place:
    """A directory with bpflab, the stand-in for bpflab-prove beside it, and a log of what is run."""

    def __init__(self, there):
        self.there = there
        self.lab = shutil.copy(BPFLAB, self.path("bpflab"))
        shutil.copy(FAKE, self.path("bpflab-prove"))
        os.mkdir(self.path("bin"))

    def path(self, name):
        return os.path.join(self.there, name)

    def run(self, *args, verb=("prove",), **env):
        log = self.path("log")
        if os.path.exists(log):
            os.unlink(log)
        p = subprocess.run([self.lab, *verb, *args], capture_output=True, text=True, timeout=120, cwd=self.there, env=dict(os.environ, FAKE_LOG=log, **env))
        p.ran = sorted(open(log).read().split()) if os.path.exists(log) else []
        return p

    def json(self, *args, code=0, **env):
        p = self.run(*args, "--json", **env)
        equal(p.returncode, code, f"status of {args}: {p.stderr}")
        try:
            value = json.loads(p.stdout)
        except ValueError:
            check(False, f"{args}: standard output is one JSON object", repr(p.stdout[:300]))
            return {"obligations": [], "families": [], "total": {}, "problems": [], "units": [], "cross_check": {}}
        check(p.stdout.count("\n") == 1, f"{args}: one line")
        value["ran"] = p.ran
        return value

    def tool(self, name, script):
        with open(self.path("bin/" + name), "w") as f:
            f.write(f"#!/bin/sh\n{script}\n")
        os.chmod(f.name, 0o755)


GOOD = ["good/add@O0", "good/add@O2", "good/asks@O0"]


def ends(p, code, *said):
    equal(p.returncode, code, f"status of {p.args[1:]}: {p.stdout} {p.stderr}")
    for words in said:
        check(words in p.stdout + p.stderr, f"{p.args[1:]} says {words!r}", p.stdout, p.stderr)


def test_missing(t):
    alone = os.path.join(t.there, "alone")
    os.mkdir(alone)
    lab = shutil.copy(BPFLAB, alone)
    for args in ((), ("--json",), ("--list",)):
        p = subprocess.run([lab, "prove", *args], capture_output=True, text=True)
        ends(p, 3, "bpflab-prove", "libz3-dev", "llvm-19-dev")
        check(args != ("--json",) or "bpflab-prove" in json.loads(p.stdout)["error"]["reason"], "and in JSON")
    ends(subprocess.run([lab, "prove", "--onyl", "x"], capture_output=True, text=True), 2, "did you mean --only?")
    ends(subprocess.run([lab, "prove", "--help"], capture_output=True, text=True), 0, "--cross-check")
    # An installed one is in ../libexec/bpflab.
    installed = os.path.join(t.there, "installed")
    os.makedirs(os.path.join(installed, "libexec/bpflab"))
    os.mkdir(os.path.join(installed, "bin"))
    shutil.copy(FAKE, os.path.join(installed, "libexec/bpflab/bpflab-prove"))
    lab = shutil.copy(BPFLAB, os.path.join(installed, "bin"))
    ends(subprocess.run([lab, "prove", "--list"], capture_output=True, text=True), 0, "good/add@O0\n")


def test_large_pages(t):
    """Allocations of the solvers in large pages, unless somebody has set glibc's tunables."""
    alone = os.path.join(t.there, "pages")
    os.mkdir(alone)
    lab = shutil.copy(BPFLAB, alone)
    with open(os.path.join(alone, "bpflab-prove"), "w") as f:
        f.write('#!/bin/sh\necho "$GLIBC_TUNABLES"\n')
    os.chmod(f.name, 0o755)
    bare = {k: v for k, v in os.environ.items() if k != "GLIBC_TUNABLES"}
    for own, want in ((bare, "glibc.malloc.hugetlb=1\n"), (dict(bare, GLIBC_TUNABLES="glibc.malloc.perturb=7"), "glibc.malloc.perturb=7\n")):
        equal(subprocess.run([lab, "prove"], capture_output=True, text=True, env=own).stdout, want, "tunables")


def test_list(t):
    p = t.run("--list")
    ends(p, 0, "bad/night  (nightly)\n", "plant/missed\n")
    names = [line.split()[0] for line in p.stdout.splitlines()]
    equal((names, p.ran), (sorted(names), []), "units in order, none run")
    units = t.json("--list")["units"]
    equal([u["name"] for u in units], names, "the same as JSON")
    equal([u["name"] for u in units if u["nightly"]], ["bad/night"], "which are nightly")
    equal(json.loads(t.run("--list", verb=("--json", "prove")).stdout)["units"], units, "--json before the verb")
    for globs, want in ((["good"], GOOD), (["good/add"], GOOD[:2]), (["*@O2"], GOOD[1:2]), (["*asks*", "good/add@O0"], [GOOD[0], GOOD[2]]),
                        (["good*: contains"], GOOD), (["bad/night"], ["bad/night"])):
        words = [word for glob in globs for word in ("--only", glob)]
        equal([u["name"] for u in t.json("--list", *words)["units"]], want, f"--only {globs}")


def test_usage(t):
    ends(t.run("--only", "goof"), 2, "no unit matches goof; did you mean good?")
    ends(t.run("--only", "plant/missed"), 2, "need --plants")
    ends(t.run("--only", "bad/night"), 2, "need --nightly")
    ends(t.run("--only", "good", "--plants"), 2, "are no planted defects")
    ends(t.run("--only", "good: nonesuch"), 2, "no obligation matches good: nonesuch")
    # Each word means something, or a slip would leave out what it was to name.
    p = t.run("--only", "good", "--only", "bad/refutd")
    ends(p, 2, "no unit matches bad/refutd; did you mean bad/refuted?")
    equal(p.ran, [], "before anything is run")
    ends(t.run("--only", "good/add: contains", "--only", "bad/refuted: contians"), 2, "no obligation matches bad/refuted: contians")
    p = t.run("--only", "good", "--ledger", "nonesuch/ledger.tsv")
    ends(p, 2, "nonesuch/ledger.tsv")
    equal(p.ran, [], "what could not be kept is not begun")
    ends(t.run("--timeout", "0"), 2, "--timeout: 0 is not between 1 and 86400")
    ends(t.run("--jobs", "many"), 2, "is not a number")
    ends(t.run("word"), 2, "one operand too many")
    ends(t.run("--check"), 2, "--check needs --ledger FILE")
    ends(t.run("--bitcode", "nonesuch.bc"), 2, "nonesuch.bc")
    ends(t.run("--bitcode=bpflab", "--bitcode=bpflab", "--bitcode=bpflab"), 2, "a third time")
    ends(t.run("--only", "good", "--dump", "bpflab"), 2, "not a directory")
    ends(t.run("--only", "good", FAKE_ONLY="nonesuch"), 4, "there are no units")
    check("error" in t.json("--only", "goof", code=2), "errors are JSON too")


def test_results(t):
    ends(t.run("--only", "good"), 0, "good")
    check("refuted  " not in t.run("--only", "good").stdout, "nothing to tell")
    for name, code in (("bad/refuted", 1), ("bad/timeout", 3), ("bad/error", 3), ("bad/crash", 3), ("bad/exit", 3), ("bad/nothing", 3), ("bad/foreign", 3),
                       ("bad/twice", 1), ("bad/many", 0), ("bad/noise", 0), ("good", 0)):
        equal(t.run("--only", name).returncode, code, f"status of {name}")
    equal(t.run("--only", "bad/night", "--nightly").returncode, 0, "a nightly one")
    # A refutation weighs more than what is not decided, and a part that is shown does not hide how the run went.
    equal(t.run("--only", "bad/refuted", "--only", "bad/crash").returncode, 1, "refuted and crashed")
    equal(t.run("--only", "bad/refuted: well-formed").returncode, 0, "only what was asked for")
    equal(t.run("--only", "bad/crash: before").returncode, 3, "but for its run")
    p = t.run("--only", "bad*", "--timeout", "1", "--jobs", "3")
    equal(p.returncode, 1, "all together")
    lines = p.stdout.splitlines()
    order = [line.split()[0] for line in lines if line.split()[:1] and line.split()[0] in ("refuted", "timeout", "error")]
    equal(order, ["refuted"] * 2 + ["timeout"] * 2 + ["error"] * 6, "refutations, then timeouts, then errors")
    equal(lines[:2], ["refuted  bad/refuted: contains  (64 bits, 0.25 s)", "         a.value=0x1 a.mask=0x6 x=0x3"], "with values")
    equal([line.split()[:8] for line in lines if line.startswith("total")], [["total", "12", "0", "5017", "5007", "2", "2", "6"]], "totals")
    check("belongs to nobody" not in p.stdout, "what solvers print is no report")
    equal(p.stderr.strip(), "", "no progress but on a terminal")


def test_json(t):
    r = t.json("--only", "bad*", "--timeout", "1", "--only", "good", code=1)
    by_name = {o["name"]: o for o in r["obligations"]}
    equal(len(by_name), len(r["obligations"]), "names are unique")
    equal(by_name["bad/refuted: contains"], {
        "name": "bad/refuted: contains", "unit": "bad/refuted", "family": "bad", "width": 64, "result": "refuted", "seconds": 0.25, "cases": 2,
        "cached": False, "abstract": False, "counterexample": "a.value=0x1 a.mask=0x6 x=0x3", "reason": None, "witness": None}, "an obligation")
    equal(by_name["bad/error: contains"]["reason"], 'the "solver" said\tneither\n', "quotes and controls")
    check("signal 6" in by_name["bad/crash: its run"]["reason"], "a crash")
    check("silence" in by_name["bad/hang: its run"]["reason"] and by_name["bad/hang: its run"]["result"] == "timeout", "a hang")
    counts = {k: sum(o["result"] == k for o in r["obligations"]) for k in ("proved", "refuted", "timeout", "error")}
    equal({k: r["total"][k] for k in counts}, counts, "totals are those of the obligations")
    equal([f["family"] for f in r["families"]], ["bad", "good"], "families")
    for key in ("units", "obligations", "proved", "seconds", "cases"):
        equal(sum(f[key] for f in r["families"]), r["total"][key], f"{key} of families")
    equal((r["solver"], r["tools"]), ("fake 1", "tools 1"), "versions")


def test_plants(t):
    ends(t.run("--plants"), 1, "missed   plant/missed: contains", "3 of 4 were caught")
    ends(t.run("--plants", "--only", "plant/caught"), 0, "2 of 2 were caught")
    equal(t.run("--plants").ran, ["plant/caught", "plant/missed"], "plants and nothing else")
    check(not [name for name in t.run("--only", "*: contains", "--timeout", "1", FAKE_ONLY="good").ran if "plant" in name], "else none")


def test_cache(t):
    ledger = t.path("ledger.tsv")
    args = ("--ledger", ledger, "--only", "good")
    equal(t.run(*args).ran, GOOD, "a ledger that is not there yet")
    text = open(ledger).read()
    rows = [line.split("\t") for line in text.splitlines()]
    equal((len(rows), {len(r) for r in rows}), (7, {CELLS}), "rows")
    equal(rows[1], ["good/add@O0: contains", "64", "proved", "0.25", "2", "2", "fake 1", "tools 1", "fedc00000000000d"], "a row")
    equal(rows[1:], sorted(rows[1:]), "sorted")
    r = t.json(*args)
    equal((r["ran"], r["total"]["cached"], r["total"]["proved"], {o["cached"] for o in r["obligations"]}), ([], 3, 6, {True}), "nothing is run again")
    equal(open(ledger).read(), text, "and the ledger is as it was")
    for env in ({"FAKE_HASH": "1"}, {"FAKE_SOLVER": "fake 2"}, {"FAKE_TOOLS": "tools 2"}):
        shutil.copy(ledger, t.path("copy.tsv"))
        more = ("--ledger", t.path("copy.tsv"), "--only", "good")
        equal(t.run(*more, **env).ran, GOOD, f"{env}: all is run again")
        equal(t.run(*more, **env).ran, [], f"{env}: once")
        equal(t.run(*more).ran, GOOD, f"{env}: what was before is no more")
    equal(t.run(*args, "--fresh").ran, GOOD, "--fresh")
    equal(t.run(*args, "--dump", t.path("queries")).ran, GOOD, "--dump")
    lost = "".join(line for line in text.splitlines(True) if not line.startswith("good/add@O2: contains"))
    open(ledger, "w").write(lost)
    equal(t.run(*args).ran, ["good/add@O2"], "a lost row")
    equal(open(ledger).read(), text, "is there again")
    # What is not proved is noted, and run again.
    equal(t.run("--ledger", ledger, "--only", "bad/refuted").returncode, 1, "refuted")
    check("bad/refuted: contains\t64\trefuted\t" in open(ledger).read(), "in the ledger")
    equal(t.run("--ledger", ledger, "--only", "bad/refuted").ran, ["bad/refuted"], "and again")
    # Rows of units that are gone go with the next write.
    t.run(*args, "--fresh", FAKE_ONLY="good")
    equal(open(ledger).read(), text, "rows of units that are gone")
    equal(t.run(*args, "--bitcode", ledger, FAKE_HASH="9").ran, GOOD, "other bitcode is always run")
    equal(open(ledger).read(), text, "and leaves the ledger alone")
    for bad in ("", "obligation\n", text + "<<<<<<<\n", text + rows[1][0] + "\n", text + "\t".join(rows[1]) + "\n"):
        open(ledger, "w").write(bad)
        ends(t.run(*args), 2, "ledger.tsv")
        equal(open(ledger).read(), bad, "what is no ledger is not overwritten")


def test_stop(t):
    ledger = t.path("stopped.tsv")
    p = subprocess.Popen([t.lab, "prove", "--only", "good", "--only", "bad/hang", "--jobs", "2", "--json", "--ledger", ledger], stdout=subprocess.PIPE,
                         stderr=subprocess.PIPE, text=True, env=dict(os.environ, FAKE_LOG=t.path("log")))
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and not (os.path.exists(t.path("log")) and len(open(t.path("log")).read().split()) == 4):
        time.sleep(0.05)
    time.sleep(0.5)
    p.terminate()
    out, err = p.communicate(timeout=30)
    equal(p.returncode, 3, f"a stopped run has not decided: {err}")
    check("1 units were not run to their end" in err, "it says so", err)
    equal({o["unit"] for o in json.loads(out)["obligations"]}, set(GOOD), "what is done is told")
    equal(open(ledger).read().count("\tproved\t"), 6, "and in the ledger")
    # A terminal interrupts all of its programs: what a unit had proved before stays, and it is no error of the unit.
    t.run("--only", "bad/many", "--ledger", ledger)
    before = open(ledger).read()
    for _ in range(6):
        p = subprocess.Popen([t.lab, "prove", "--only", "bad/many", "--only", "bad/hang", "--fresh", "--ledger", ledger], stdout=subprocess.PIPE,
                             stderr=subprocess.PIPE, text=True, start_new_session=True)
        time.sleep(0.03)
        os.killpg(p.pid, signal.SIGINT)
        out, err = p.communicate(timeout=30)
        check("its run" not in out, "no unit is to blame", out, err)
        equal(open(ledger).read(), before, "what stood there stands there")


def test_until_refuted(t):
    ledger = t.path("refuted.tsv")
    # One that hangs has emitted a proof when the refutation of another ends it: that is told, but not kept as all of it.
    p = t.run("--only", "bad/hang", "--only", "bad/busy", "--only", "bad/refuted", "--until-refuted", "--jobs", "3", "--ledger", ledger)
    ends(p, 1, "refuted  bad/refuted: contains")
    check("bad/hang" not in open(ledger).read() and "bad/busy" not in open(ledger).read(), "in the ledger", open(ledger).read())
    ends(t.run("--only", "bad/hang", "--timeout", "1", "--ledger", ledger), 3, "timeout")


def test_check(t):
    ledger = t.path("check.tsv")
    args = ("--ledger", ledger, "--check")
    ends(t.run(*args), 2, "No such file")
    equal(t.run("--ledger", ledger, "--only", "good").returncode, 0, "made")
    p = t.run(*args, FAKE_ONLY="good")
    ends(p, 0, "fresh, 3 units")
    equal(p.ran, [], "nothing is run")
    equal(t.json(*args, FAKE_ONLY="good"), {"problems": [], "fresh": True, "units": 3, "ran": []}, "as JSON")
    ends(t.run(*args, FAKE_ONLY="good", FAKE_HASH="1"), 1, "changed     good/add@O0\n", "is not fresh: problems: 3, units: 3")
    # Another solver's proof is a proof.
    ends(t.run(*args, FAKE_ONLY="good", FAKE_SOLVER="fake 2"), 0, "fresh")
    stale = t.json(*args, FAKE_ONLY="plant", code=1)["problems"]
    equal([p["what"] for p in stale], ["missing"] * 2 + ["stale"] * 6, "units that are new and units that are gone")
    ends(t.run(*args), 1, "missing     bad/night\n", "missing     plant/caught\n")
    ends(t.run(*args, "--only", "good/add"), 0, "fresh, 2 units")
    t.run("--ledger", ledger, "--only", "bad/refuted")
    ends(t.run(*args, "--only", "bad/refuted", "--only", "good"), 1, "refuted     bad/refuted\n", "problems: 1")
    text = open(ledger).read()
    open(ledger, "w").write("".join(line for line in text.splitlines(True) if not line.startswith("good/add@O2: contains")))
    ends(t.run(*args, "--only", "good"), 1, "incomplete  good/add@O2\n")


def test_cross(t):
    path = t.path("bin") + ":" + os.environ["PATH"]
    args = ("--only", "good", "--cross-check")
    first = "good_asks@O0.0000.smt2"
    t.tool("cvc5", 'case "$1 $2" in "--bitblast=eager "*.0000.smt2) echo unsat;; *) echo sat;; esac')
    ends(t.run(*args, PATH=path), 0, "cvc5: 3 queries, 2 agree, 0 differ, 0 undecided, 0 failed; 1 were replaced")
    # What was there before this run is not part of it.
    os.makedirs(t.path("dump"))
    with open(t.path("dump/old.smt2"), "w") as f:
        f.write("; answer: sat\n")
    r = t.json(*args, "--dump", t.path("dump"), PATH=path)
    equal(r["cross_check"], {"solver": "cvc5", "queries": 3, "agree": 2, "disagree": 0, "open": 0, "failed": 0, "replaced": 1, "left": 0, "differences": []}, "as JSON")
    equal(sorted(os.listdir(t.path("dump"))), [f"good_asks@O0.000{i}.smt2" for i in range(3)] + ["old.smt2"], "queries stay")
    t.tool("cvc5", "echo sat")
    ends(t.run(*args, PATH=path), 1, f"differs  {first}  (unsat; cvc5: sat)", "1 agree, 1 differ")
    equal(t.json(*args, code=1, PATH=path)["cross_check"]["differences"], [{"query": first, "recorded": "unsat", "answer": "sat"}], "as JSON")
    t.tool("cvc5", "echo unknown")
    ends(t.run(*args, PATH=path), 3, "0 agree, 0 differ, 2 undecided", "no query was answered by both")
    t.tool("cvc5", "echo 'parse error'; exit 1")
    ends(t.run(*args, PATH=path), 3, f"failed   {first}  (unsat; cvc5: parse error)", "2 failed")
    # One agreement does not make up for what was not answered.
    t.tool("cvc5", 'case "$1 $2" in "--bitblast=eager "*.0000.smt2) echo unsat;; *) echo unknown;; esac')
    ends(t.run(*args, PATH=path), 3, "1 agree, 0 differ, 1 undecided")
    p = t.run("--only", "good/add", "--cross-check", PATH=path)
    ends(p, 3, "cvc5: 0 queries")
    p = t.run(*args, PATH=t.path("nonesuch"))
    ends(p, 3, "cvc5, which is missing")
    equal(p.ran, [], "before anything is run")
    ends(t.run("--only", "bad/refuted", "--cross-check", PATH=path), 1, "refuted")
    # A query that cannot be written is an error of its unit.
    os.makedirs(t.path("full"))
    os.makedirs(t.path("full/" + first))
    ends(t.run("--only", "good/asks", "--dump", t.path("full")), 3, "a query could not be written: Is a directory")


def test_witness(t):
    r = t.json("--only", "bad/refuted", "--only", "good", "--witness", t.path("w"), code=1)
    equal([o["witness"] for o in r["obligations"] if o["witness"]], [t.path("w/witness.s")], "a program of the counterexample")
    equal(open(t.path("w/witness.s")).read(), "; a.value=0x1 a.mask=0x6 x=0x3\n", "has its values")
    ends(t.run("--only", "bad/refuted", "--witness", t.path("w")), 1, "\n         " + t.path("w/witness.s"))
    ends(t.run("--only", "bad/refuted", "--witness", t.path("w"), FAKE_NO_WITNESS="1"), 3, "makes no programs")


def on_terminal(t, *args, out=False, **env):
    """What a terminal shows of standard error, or of standard output."""
    main, sub = pty.openpty()
    e = {k: v for k, v in os.environ.items() if k != "NO_COLOR"}
    p = subprocess.Popen([t.lab, "prove", *args], stdout=sub if out else subprocess.DEVNULL, stderr=subprocess.DEVNULL if out else sub,
                         env=dict(e, TERM="xterm", **env))
    os.close(sub)
    shown = b""
    while True:
        try:
            part = os.read(main, 4096)
        except OSError:
            break
        if not part:
            break
        shown += part
    os.close(main)
    p.wait()
    return shown.decode()


def test_terminal(t):
    shown = on_terminal(t, "--only", "good", "--only", "bad/refuted")
    check("of 4 units" in shown and "4 of 4 units, 7 proved, 1 refuted" in shown, "progress", shown)
    check(": bad/refuted" in shown or ": good/" in shown, "which are running", shown)
    check(shown.endswith("\r"), "and it is gone at the end", repr(shown[-20:]))
    check("\033[31mrefuted" in on_terminal(t, "--only", "bad/refuted", out=True), "colour")
    check("\033[" not in on_terminal(t, "--only", "bad/refuted", out=True, NO_COLOR="1"), "NO_COLOR")
    check("\033[" not in on_terminal(t, "--only", "bad/refuted", "--json", out=True), "no colour in JSON")


def main():
    for test in (test_missing, test_large_pages, test_list, test_usage, test_results, test_json, test_plants, test_cache, test_stop, test_until_refuted, test_check, test_cross, test_witness, test_terminal):
        before = checks
        with tempfile.TemporaryDirectory() as there:
            test(Place(there))
        check(checks > before, f"{test.__name__} checks something")
    print(f"{checks} checks, {failed} failed")
    return failed > 0 or checks == 0


sys.exit(main())
