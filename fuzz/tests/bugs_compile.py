"""bugs_compile.py BUILD: every patch of fuzz/bugs applies, changes what is compiled, and compiles. What a patch changes, or a
source that includes what it changes, is compiled as BUILD does it, in a copy of the sources; programs are built of them by
night (bugbench --check)."""
import json
import os
import re
import shlex
import subprocess
import sys
import tempfile

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path.insert(0, ROOT)
from fuzz import bugbench  # noqa: E402


def commands(build):
    """Of each source: its command, without what it writes."""
    with open(os.path.join(build, "compile_commands.json"), encoding="utf-8") as f:
        entries = json.load(f)
    result = {}
    for e in entries:
        words, kept, skip = shlex.split(e["command"]), [], False
        for w in words:
            if skip:
                skip = False
            elif w in ("-o", "-MF", "-MT"):
                skip = True
            elif w not in ("-MD", "-c"):
                kept.append(w)
        result.setdefault(os.path.relpath(e["file"], ROOT), kept)
    return result


def includers(path, name, known):
    """Sources that are compiled and include it, themselves or through another header."""
    wanted, found = [name], set()
    for _ in range(3):
        following = []
        for want in wanted:
            pattern = re.compile(r'#include "(?:[^"]*/)?' + re.escape(os.path.basename(want)) + '"')
            for source in path:
                if source.endswith((".c", ".h", ".inc")) and source not in found and pattern.search(path[source]):
                    found.add(source)
                    following.append(source)
        wanted = following
        compiled = sorted(s for s in found if s in known)
        if compiled:
            return compiled
    return []


def changed(bug):
    with open(bug["path"], encoding="utf-8") as f:
        return re.findall(r"^\+\+\+ b/(\S+)", f.read(), re.M)


def main():
    build = os.path.abspath(sys.argv[1])
    known = commands(build)
    bugs = bugbench.all_bugs("*")
    failed = 0
    texts = {}
    for name in bugbench.sources():
        if name.endswith((".c", ".h", ".def", ".inc")):
            with open(os.path.join(ROOT, name), encoding="utf-8") as f:
                texts[name] = f.read()
    with tempfile.TemporaryDirectory() as scratch:
        for name, text in texts.items():
            os.makedirs(os.path.dirname(os.path.join(scratch, name)) or scratch, exist_ok=True)
            with open(os.path.join(scratch, name), "w", encoding="utf-8") as f:
                f.write(text)
        for bug in bugs:
            why = apply(scratch, bug, False)
            if why is None:
                why = compile_all(scratch, bug, known, texts)
                apply(scratch, bug, True)
            if why is not None:
                failed += 1
                print(f"{bug['id']}: {why}")
    print(f"{len(bugs)} patches, {failed} failed")
    return 1 if failed or len(bugs) < 32 else 0


def apply(scratch, bug, reverse):
    command = ["patch", "-p1", "-s", "-f", "-F0", "--no-backup-if-mismatch", "-i", bug["path"]] + (["-R"] if reverse else [])
    done = subprocess.run(command, cwd=scratch, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
    return None if done.returncode == 0 else "does not apply: " + done.stdout.decode(errors="replace").strip()


def compile_all(scratch, bug, known, texts):
    sources = []
    for name in changed(bug):
        sources += [name] if name in known else includers(texts, name, known)[:1]
    if not sources:
        return "changes nothing that is compiled"
    for source in sorted(set(sources)):
        words = [in_copy(w, scratch) for w in known[source]]
        done = subprocess.run(words + ["-fsyntax-only"], cwd=scratch, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
        if done.returncode:
            return f"{source} does not compile: " + done.stdout.decode(errors="replace")[-600:]
    return None


def in_copy(word, scratch):
    """A word of a command, about the copy; what is made by a build stays where it is."""
    built = os.path.join(ROOT, "build") + os.sep
    if built in word:
        return word
    return word.replace(ROOT, scratch)


if __name__ == "__main__":
    sys.exit(main())
