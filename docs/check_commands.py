#!/usr/bin/env python3
"""check_commands.py BUILD: README and the pages of docs/ are true: each ```sh block that calls bpflab is run as one script with
this build in the place of build/release, and links between pages lead somewhere. Commands that install, build or measure
(./lab, cmake, bpflab-speed) are left out. Prints a closing line; exit 1 on a failure."""
import glob
import os
import re
import subprocess
import sys

build = os.path.abspath(sys.argv[1])
root = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
failed = n_commands = n_links = 0


def run_block(page, block):
    """Run each line in the shell that ran those before it; a line that fails is named."""
    global failed, n_commands
    if "bpflab prove" in block and not os.path.exists(os.path.join(build, "bpflab-prove")):
        print(f"skipped: {page}: bpflab-prove is not built:\n{block}")
        return
    lines = [line for line in block.splitlines() if line.strip() and not re.match(r"(\./lab|cmake|ctest|git|build/release/bench)\b", line)]
    script = f"set -o pipefail\ncd '{root}'\n"
    for line in lines:
        command = re.sub(r"(\$PWD/)?build/release", lambda _: build, line)
        script += command + "\necho \"status $?\" >&2\n"
    p = subprocess.run(["bash", "-c", script], capture_output=True, text=True, timeout=300)
    statuses = [int(n) for n in re.findall(r"^status (\d+)$", p.stderr, re.M)]
    n_commands += len(lines)
    for i, line in enumerate(lines):
        if i >= len(statuses) or statuses[i]:
            failed += 1
            print(f"{page}: does not work: {line}\n{p.stderr[-600:]}")
            return


pages = ["README.md", "CONTRIBUTING.md"] + sorted(os.path.relpath(p, root) for p in glob.glob(os.path.join(root, "docs/**/*.md"), recursive=True))
subprocess.run([sys.executable, os.path.join(root, "examples/make_pcap.py"), os.path.join(build, "examples/demo.pcap")], check=True)
for page in pages:
    text = open(os.path.join(root, page), encoding="utf-8").read()
    for block in re.findall(r"^```sh\n(.*?)^```", text, re.M | re.S):
        if "bpflab " in block:
            run_block(page, block)
    for target in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", text):
        n_links += 1
        if not os.path.exists(os.path.join(root, os.path.dirname(page), target)):
            failed += 1
            print(f"{page}: leads nowhere: {target}")
print(f"{n_commands} commands, {n_links} links, {failed} failed")
sys.exit(1 if failed or n_commands < 5 or n_links < 10 else 0)
