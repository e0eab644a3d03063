"""bugbench.py: historic bugs, planted one at a time in a scratch copy of the sources, and hunted with the standard generators.

    python3 -m fuzz.bugbench [--bugs GLOB] [--budget S] [--seeds N] [--jobs N] [--scratch DIR] [--json] [--list] [--check]

Each fuzz/bugs/<id>.patch is applied to the copy, what depends on it is built, `bpflab fuzz` hunts until it finds
something or its budget is over, with the same command for every bug, once for each seed; what it found is made
smaller. Rows that name units of proof are proved on the patched copy, and must be refuted. The copy is kept: building
it once costs most.

--check: every patch applies and builds, nothing is hunted. Exit status: 0 all found (or built), 1 some not, 2 usage.
"""
import argparse
import fnmatch
import json
import os
import shutil
import signal
import statistics
import subprocess
import sys
import time

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
BUGS = os.path.join(ROOT, "fuzz", "bugs")
KEYS = {"id", "component", "origin", "source", "same", "oracles", "prove", "engine"}
NEEDED = KEYS - {"prove", "engine"}
FOREIGN = ["jit:arm64", "jit:riscv64", "jit:s390x"]


class Usage(Exception):
    pass


def read_bug(path):
    """The header's keys, and the patch's path. A key that is unknown or missing is an error."""
    bug = {"path": path}
    with open(path, encoding="utf-8") as f:
        for line in f:
            if line.startswith("diff --git"):
                break
            if not line.strip():
                continue
            key, sep, value = line.partition(":")
            if not sep or key not in KEYS:
                raise Usage(f"{path}: {line.strip()!r} is no line of a header")
            bug[key] = value.strip()
    missing = NEEDED - bug.keys()
    if missing or bug["id"] != os.path.basename(path)[:-len(".patch")]:
        raise Usage(f"{path}: the header lacks {', '.join(sorted(missing)) or 'the name of its file as its id'}")
    return bug


def all_bugs(pattern):
    names = sorted(n for n in os.listdir(BUGS) if n.endswith(".patch"))
    return [read_bug(os.path.join(BUGS, n)) for n in names if fnmatch.fnmatch(n[:-len(".patch")], pattern)]


def sources():
    """Files of the tree, without what is built: as git has them, or all where there is no git."""
    try:
        out = subprocess.run(["git", "-C", ROOT, "ls-files", "-z"], stdout=subprocess.PIPE, check=True).stdout
        return [n for n in out.decode().split("\0") if n and os.path.isfile(os.path.join(ROOT, n))]
    except (OSError, subprocess.CalledProcessError):
        return [os.path.relpath(os.path.join(d, n), ROOT) for d, dirs, names in os.walk(ROOT) for n in names
                if not os.path.relpath(d, ROOT).startswith(("build", ".git"))]


class Scratch:
    """A copy of the tree, built; one patch at a time."""

    def __init__(self, path, verbose):
        self.path = os.path.abspath(path)
        self.build_dir = os.path.join(self.path, "build", "release")
        self.verbose = verbose
        self.synchronise()
        if not os.path.exists(os.path.join(self.build_dir, "build.ninja")):
            self.run(["cmake", "--preset", "release"], "configuring the copy")

    def synchronise(self):
        """Every file as it is in the tree; files that are the same keep their times, so that little is built."""
        wanted = set()
        for name in sources():
            wanted.add(name)
            to, source = os.path.join(self.path, name), os.path.join(ROOT, name)
            with open(source, "rb") as f:
                content = f.read()
            try:
                with open(to, "rb") as f:
                    if f.read() == content:
                        continue
            except OSError:
                os.makedirs(os.path.dirname(to), exist_ok=True)
            with open(to, "wb") as f:
                f.write(content)
            shutil.copymode(source, to)

    def run(self, command, what):
        done = subprocess.run(command, cwd=self.path, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
        if done.returncode:
            sys.stderr.write(done.stdout.decode(errors="replace")[-4000:])
            raise Usage(f"{what} failed")

    def build(self, *targets):
        done = subprocess.run(["cmake", "--build", self.build_dir, "--target", *targets], cwd=self.path,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
        return None if done.returncode == 0 else done.stdout.decode(errors="replace")[-3000:]

    def patch(self, bug, reverse=False):
        """out: None, or why it does not apply."""
        command = ["patch", "-p1", "-s", "-f", "--no-backup-if-mismatch", "-F0", "-i", bug["path"]]
        if reverse:
            command.append("-R")
        done = subprocess.run(command, cwd=self.path, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
        return None if done.returncode == 0 else done.stdout.decode(errors="replace")

    def program(self, name="bpflab"):
        return os.path.join(self.build_dir, name)


def executors():
    """The foreign engines that can run here."""
    folder = os.path.join(ROOT, "build", "executors")
    return [e for e in FOREIGN if os.path.exists(os.path.join(folder, "bpflab-exec-" + e[len("jit:"):]))]


def stop(process):
    if process.poll() is None:
        process.send_signal(signal.SIGTERM)
    try:
        process.wait(10)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def hunt(scratch, seed, budget, found_dir):
    """Two processes, as a campaign has them: this machine's code at full speed, and all machines'. The first finding of either
    ends both. out: seconds, the finding's directory; None: nothing."""
    shutil.rmtree(found_dir, ignore_errors=True)
    os.makedirs(found_dir)
    foreign = executors()
    commands = [["--engines", "jit", "--seed", str(seed)]]
    if foreign:
        commands.append(["--engines", ",".join(["jit"] + foreign), "--seed", str(seed + 1000000)])
    environment = dict(os.environ, BPFLAB_EXECUTOR_DIR=os.path.join(ROOT, "build", "executors"))
    started = time.monotonic()
    running = [(c, subprocess.Popen([scratch.program(), "fuzz", "--time", str(budget), "--stop", "--findings", found_dir, *c],
                                    stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=environment))
               for c in commands]
    result = None
    while result is None and any(p.poll() is None for _, p in running):
        for command, process in running:
            if process.poll() == 1:
                result = (time.monotonic() - started, command)
        time.sleep(0.05)
    for command, process in running:
        if result is None and process.poll() == 1:
            result = (time.monotonic() - started, command)
        stop(process)
    directories = [os.path.join(found_dir, d) for d in sorted(os.listdir(found_dir))]
    directories = [d for d in directories if os.path.exists(os.path.join(d, "finding.json"))]
    if result is None or not directories:
        return None
    return result[0], directories[0], result[1][1]


def minimized(scratch, directory, engines):
    """Slots of the smallest case, or None where it cannot be shown again in one process."""
    environment = dict(os.environ, BPFLAB_EXECUTOR_DIR=os.path.join(ROOT, "build", "executors"))
    try:
        done = subprocess.run([scratch.program(), "minimize", "--json", "--engines", engines, directory], env=environment,
                              stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, timeout=120, check=False)
        return json.loads(done.stdout)["after"] if done.returncode == 0 else None
    except (subprocess.TimeoutExpired, ValueError, KeyError):
        return None


def refuted(scratch, bug):
    """Are the units that the row names refuted on the patched copy?"""
    why = scratch.build("bpflab", "bpflab-prove")
    if why:
        return False
    ledger = os.path.join(scratch.path, "build", "bugbench-ledger.tsv")
    if os.path.exists(ledger):
        os.remove(ledger)
    command = [scratch.program(), "prove", "--nightly", "--timeout", "20", "--ledger", ledger, "--json"]
    for glob in bug["prove"].split():
        command += ["--only", glob]
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=False)
    try:
        return any(o["result"] == "refuted" for o in json.loads(done.stdout)["obligations"])
    except (ValueError, KeyError):
        return False


def try_bug(scratch, bug, options):
    row = {"id": bug["id"], "component": bug["component"], "expected": bug["oracles"], "found": 0, "seeds": 0, "oracle": [],
           "seconds": [], "slots": []}
    why = scratch.patch(bug)
    if why:
        return dict(row, error="does not apply: " + why.strip())
    try:
        why = scratch.build("bpflab")
        if why:
            return dict(row, error="does not build: " + why.strip()[-400:])
        if options.check:
            return row
        for seed in range(1, options.seeds + 1):
            row["seeds"] += 1
            result = hunt(scratch, seed, options.budget, os.path.join(scratch.path, "build", "found"))
            if result is None:
                continue
            seconds, directory, engines = result
            with open(os.path.join(directory, "finding.json"), encoding="utf-8") as f:
                row["oracle"].append(json.load(f)["oracle"])
            row["found"] += 1
            row["seconds"].append(round(seconds, 1))
            slots = minimized(scratch, directory, engines) if options.minimize else None
            if slots is not None:
                row["slots"].append(slots)
        if "prove" in bug and options.prove:
            row["refuted"] = refuted(scratch, bug)
    finally:
        scratch.patch(bug, reverse=True)
    return row


def describe(row, check):
    if "error" in row:
        return f"{row['id']:28} {row['error']}"
    if check:
        return f"{row['id']:28} applies and builds"
    seconds = f"{statistics.median(row['seconds']):6.1f} s" if row["seconds"] else "      - "
    slots = f"{statistics.median(row['slots']):4.0f} slots" if row["slots"] else "   - slots"
    proof = {True: "refuted", False: "NOT refuted", None: ""}[row.get("refuted")]
    return f"{row['id']:28} {row['found']}/{row['seeds']} {seconds} {slots}  {', '.join(sorted(set(row['oracle'])))}  {proof}"


def summary(rows):
    hunted = [r for r in rows if "error" not in r]
    found = [r for r in hunted if r["found"] == r["seeds"]]
    seconds = [statistics.median(r["seconds"]) for r in hunted if r["seconds"]]
    slots = [statistics.median(r["slots"]) for r in hunted if r["slots"]]
    text = f"{len(found)} of {len(rows)} bugs found with every seed"
    if seconds:
        text += f"; median {statistics.median(seconds):.1f} s"
    if slots:
        text += f"; median {statistics.median(slots):.0f} slots made smaller"
    return text


def parse(argv):
    p = argparse.ArgumentParser(prog="bpflab bugbench", description=__doc__.split("\n", maxsplit=1)[0])
    p.add_argument("--bugs", default="*", metavar="GLOB")
    p.add_argument("--budget", type=int, default=120, metavar="S", help="seconds for each seed")
    p.add_argument("--seeds", type=int, default=3, metavar="N")
    p.add_argument("--scratch", default=os.path.join(ROOT, "build", "bugbench"), metavar="DIR")
    p.add_argument("--json", action="store_true")
    p.add_argument("--list", action="store_true", help="print the bugs")
    p.add_argument("--check", action="store_true", help="apply and build only")
    p.add_argument("--no-prove", dest="prove", action="store_false")
    p.add_argument("--no-minimize", dest="minimize", action="store_false")
    return p.parse_args(argv)


def main(argv):
    options = parse(argv)
    try:
        bugs = all_bugs(options.bugs)
        if not bugs:
            raise Usage(f"no bug is called {options.bugs}")
        if options.list:
            for bug in bugs:
                print(f"{bug['id']:28} {bug['component']:24} {bug['oracles']}")
            return 0
        scratch = Scratch(options.scratch, not options.json)
        why = scratch.build("bpflab")
        if why:
            raise Usage("the copy does not build: " + why)
        rows = []
        for bug in bugs:
            rows.append(try_bug(scratch, bug, options))
            print(describe(rows[-1], options.check), file=sys.stderr if options.json else sys.stdout, flush=True)
    except Usage as e:
        print(f"bugbench: {e}", file=sys.stderr)
        return 2
    if options.json:
        print(json.dumps({"bugs": rows}, indent=1))
    elif not options.check:
        print(summary(rows))
    bad = [r for r in rows if "error" in r or (not options.check and (r["found"] < r["seeds"] or r.get("refuted") is False))]
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
