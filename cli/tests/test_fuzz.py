"""test_fuzz.py BUILD: the verbs fuzz, replay and minimize as scripts use them."""
import json
import os
import subprocess
import sys
import tempfile

BPFLAB = os.path.join(os.path.abspath(sys.argv[1]), "bpflab")
checks = failed = 0


def run(*args, status=0, stdin=b""):
    done = subprocess.run([BPFLAB, *args], input=stdin, stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False)
    check(done.returncode == status, f"{' '.join(args)}: status {done.returncode}, not {status}: {done.stderr.decode()[-300:]}")
    return done


def check(ok, what):
    global checks, failed
    checks += 1
    if not ok:
        failed += 1
        print(what)


def write(folder, name, text):
    path = os.path.join(folder, name)
    with open(path, "w", encoding="utf-8") as f:
        f.write(text)
    return path


CASE = """-- case
title  a constant comes back
type   socket_filter
expect {expect}
-- asm
r0 = {r0}
exit
"""


def fuzz(folder):
    corpus = os.path.join(folder, "corpus")
    report = json.loads(run("fuzz", "--runs", "600", "--seed", "3", "--json", "--corpus", corpus).stdout)
    check(report["execs"] == 600 and report["accepted"] > 300, f"execs and accepted: {report['execs']}, {report['accepted']}")
    check(report["findings"] == [], f"findings: {report['findings']}")
    check(report["accepted_edges"] > 1000, "accepted_edges")
    check({g["name"] for g in report["generators"]} >= {"mixed", "stack", "prune"}, "generators")
    kept = len(os.listdir(corpus))
    check(kept > 50, f"{kept} cases kept")
    again = json.loads(run("replay", "--json", corpus).stdout)
    check(again["cases"] == kept and again["failed"] == 0 and again["passed"] == kept, f"replay: {again}")
    one = json.loads(run("fuzz", "--runs", "200", "--gen", "scalar,stack", "--json").stdout)
    check({g["name"] for g in one["generators"]} <= {"scalar", "stack", "mutated"}, f"only what is asked for: {one['generators']}")
    same = [json.loads(run("fuzz", "--runs", "300", "--seed", "9", "--json").stdout) for _ in range(2)]
    check(same[0]["accepted"] == same[1]["accepted"] and same[0]["runs"] == same[1]["runs"], "the same seed, the same cases")
    text = run("fuzz", "--runs", "100", "--table").stdout.decode()
    check("reached by accepted programs" in text, "--table")
    run("fuzz", "--gen", "nosuch", status=2)
    run("fuzz", "--oracles", "nosuch", status=2)
    run("fuzz", "--engines", "jit:nosuch", status=2)


def replay(folder):
    good = write(folder, "good.case", CASE.format(expect="accept", r0=1))
    bad = write(folder, "bad.case", CASE.format(expect="reject", r0=1))
    run("replay", good)
    report = json.loads(run("replay", "--json", good, bad, status=1).stdout)
    check(report["cases"] == 2 and report["failed"] == 1 and report["failures"][0]["oracle"] == "verdict", f"a verdict: {report}")
    run("replay", write(folder, "none.case", "no case"), status=2)
    empty = os.path.join(folder, "empty")
    os.mkdir(empty)
    run("replay", empty, status=2)
    run("replay", os.path.join(folder, "missing"), status=2)
    run("minimize", good, status=3)
    run("minimize", os.path.join(folder, "missing"), status=2)


with tempfile.TemporaryDirectory() as scratch:
    fuzz(scratch)
    replay(scratch)
print(f"{checks} checks, {failed} failed")
sys.exit(1 if failed or not checks else 0)
