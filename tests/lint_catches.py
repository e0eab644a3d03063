#!/usr/bin/env python3
"""lint_catches.py: plants one breach of each kind that lint.py knows in a scratch tree; each must be reported, a clean tree not."""
import os
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
CLEAN = {"isa/a.h": "#ifndef A\n#endif\n", "isa/a.c": '#include "isa/a.h"\n', "runtime/b.c": '#include "isa/a.h"\n',
         "interp/c.c": '#include "runtime/b.h"\n', "verifier/d.c": '#include "runtime/proto.h"\n',
         "engine/e.c": '#include "loader/object.h"\n#include "jit/jit.h"\n', "vm/f.c": '#include "engine/engine.h"\n'}
BREACHES = {
    "an include that points up": {"isa/x.c": '#include "runtime/world.h"\n'},
    "an include that points sideways": {"loader/x.c": '#include "runtime/world.h"\n'},
    "the loader in the interpreter": {"interp/x.c": '#include "loader/object.h"\n'},
    "the loader in the verifier": {"verifier/x.c": '#include "loader/object.h"\n'},
    "siblings of level 2": {"interp/x.c": '#include "jit/jit.h"\n'},
    "code of the runtime in the verifier": {"verifier/x.c": '#include "runtime/world.h"\n'},
    "loading files in an engine": {"engine/x.c": '#include "loader/load.h"\n'},
    "the verifier in an engine": {"engine/x.c": '#include "verifier/verify.h"\n'},
    "an engine that looks up": {"engine/x.c": '#include "vm/bpf.h"\n'},
    "fuzz and bench see each other": {"fuzz/x.c": '#include "bench/gbench.h"\n'},
    "an unknown folder": {"isa/x.c": '#include "misc/x.h"\n'},
    "a path not from the root": {"isa/x.c": '#include "b.h"\n'},
    "own header not first": {"isa/x.h": "\n", "isa/x.c": '#include "isa/a.h"\n#include "isa/x.h"\n'},
    "a tab": {"isa/x.c": "int\tx;\n"},
    "a line beyond 100 columns": {"isa/x.c": "// " + "x" * 120 + "\n"},
}


def breaches_of(files):
    with tempfile.TemporaryDirectory() as root:
        for path, text in files.items():
            os.makedirs(os.path.dirname(os.path.join(root, path)), exist_ok=True)
            with open(os.path.join(root, path), "w", encoding="utf-8") as f:
                f.write(text)
        return subprocess.run([sys.executable, os.path.join(HERE, "lint.py"), root], capture_output=True).returncode


bad = ["a clean tree was refused"] if breaches_of(CLEAN) != 0 else []
bad += [f"not caught: {what}" for what, files in BREACHES.items() if breaches_of({**CLEAN, **files}) != 1]
for line in bad:
    print(line)
print(f"{len(BREACHES) + 1} checks, {len(bad)} failed")
sys.exit(1 if bad else 0)
