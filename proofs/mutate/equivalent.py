"""equivalent.py: is a mutant the same function? A theorem that says so, made of both texts, and proved like any other.

The function's mutated text gets another name and stands behind the unmutated theorems; for all arguments that callers
promise, both must give the same result and neither may be undefined. What calls the function then cannot tell them
apart either. A mutant that calls itself, by way of others too, has no such theorem: the copy would call the original,
which ends, where the mutant may not.

What callers promise: tnums, also those of scalars, are well-formed; widths are those of instructions (ANY_bits of
same.h), or 1 to 64 for the functions of WIDTHS; other unsigned numbers are below 64; and what ASSUMED says. Ranges and
arcs are any, the empty ones too.
"""
import os
import re
import shutil

from proofs.mutate.calls import body_names, calls_of
from proofs.mutate.mutants import read
from proofs.mutate.prover import is_abstract
from proofs.mutate.source import Source

NAME = "mutated"
PARAMETER = re.compile(r"^(?:const )?(?:(struct|enum) )?(\w+) ?(\*?) ?(\w+)$")
NUMBERS = {"word", "sword", "half", "shalf", "bool", "unsigned", "scalar_width", "scalar_rel"}
# narrower than their types: what callers promise
WIDTHS = {"low_ones", "tnum_trunc", "tnum_sext", "tnum_ashr", "tnum_bswap", "scalar_below"}
ASSUMED = {
    "quotients_by": "near != 0 && far != 0 && (near > 0) == (far > 0) && (near > 0 ? near <= far : far <= near) && "
                    "((a.min != SWORD_MIN && a.max != SWORD_MIN) || (near != -1 && far != -1))",
}


class NotExpressible(Exception):
    """There is no such theorem: a type that arguments cannot be drawn of, or a mutant that calls itself."""


def signature(source, function):
    first, _ = source.functions[function]
    name = next(k for k in range(first, len(source.tokens)) if source.tokens[k].text == function)
    close = source.pairs[name + 1]
    result = " ".join(t.text for t in source.tokens[first:name] if t.text not in ("static", "inline"))
    parts, at = [], name + 2
    for k in range(name + 2, close + 1):
        if source.tokens[k].text == "," or k == close:
            parts.append(" ".join(t.text for t in source.tokens[at:k]))
            at = k + 1
    return result, [] if parts in (["void"], [""]) else parts


def drawn(function, part):
    """(declaration, argument for one, argument for the other, comparison of what they have written)"""
    m = PARAMETER.match(part)
    if not m:
        raise NotExpressible(part)
    kind, of, pointer, name = m.groups()
    if pointer:
        if of != "bool":
            raise NotExpressible(part)
        return f"bool {name}_1 = false, {name}_2 = false;", f"&{name}_1", f"&{name}_2", f"{name}_1 == {name}_2"
    if of not in NUMBERS and kind != "struct" or of in ("condition", "divisors"):
        raise NotExpressible(part)
    how = of
    if of == "unsigned" and name == "bits":
        how = "width" if function in WIDTHS else "bits"
    return f"const {kind + ' ' if kind else ''}{of} {name} = ANY_{how}(\"{name}\");", name, name, None


def theorem(root, mutant):
    """The text of a file with the theorem; raises NotExpressible."""
    plain = read(root, mutant.path)
    changed = Source(mutant.path, mutant.apply(plain.text))
    if mutant.function not in changed.functions:
        raise NotExpressible(f"{mutant.function} is a row")
    if mutant.function in calls_of(root).below(mutant.function, body_names(changed, mutant.function)):
        raise NotExpressible(f"{mutant.function} calls itself")
    result, parts = signature(changed, mutant.function)
    if "\"" in result or result.startswith("enum"):
        raise NotExpressible(result)
    first, last = changed.functions[mutant.function]
    body = changed.text[changed.tokens[first].start:changed.tokens[last].end]
    body = re.sub(rf"\b{mutant.function}\b", NAME, body, count=1)
    body = body if body.startswith("static") else "static " + body
    all_drawn = [drawn(mutant.function, p) for p in parts]
    one = ", ".join(x[1] for x in all_drawn)
    other = ", ".join(x[2] for x in all_drawn)
    same = "same_" + result.split()[-1] if result.startswith("struct") else "same_number"
    cast = "" if result.startswith("struct") else "(uint64_t)"
    checks = [f'    check("the same result", {same}({cast}before, {cast}after));']
    checks += [f'    check("the same is written", {x[3]});' for x in all_drawn if x[3]]
    declared = [f"    {x[0]}" for x in all_drawn]
    if mutant.function in ASSUMED:
        declared.append(f"    assume({ASSUMED[mutant.function]});")
    hint = [] if not re.search(r"[*/%]|mul|div|mod|scale", body) else ['    hint("products");']
    return "\n".join([
        '#include "proofs/theorem/all.c"', '#include "proofs/mutate/same.h"', body,
        "THEOREM(mutant, equivalent) {", *hint, *declared,
        f"    const {result} before = {mutant.function}({one});", f"    const {result} after = {NAME}({other});",
        *checks, "}", ""])


def is_equivalent(prover, mutant, seconds):
    """(True, False or None for undecided, what was found)"""
    try:
        text = theorem(prover.root, mutant)
    except NotExpressible as e:
        return None, f"no theorem: {e}"
    folder = os.path.join(prover.work, mutant.id + "-equivalent")
    shutil.rmtree(folder, ignore_errors=True)
    os.makedirs(folder)
    try:
        source, bitcode = os.path.join(folder, "equivalent.c"), os.path.join(folder, "equivalent.bc")
        with open(source, "w", encoding="utf-8") as f:
            f.write(text)
        error = prover.compile(folder, source, bitcode)
        if error:
            return None, error
        found, _ = prover.prove(bitcode, ["mutant/equivalent@O0"], seconds)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    if found and all(o["result"] == "proved" for o in found):
        return True, "mutant/equivalent"
    refuted = [o for o in found if o["result"] == "refuted" and not is_abstract(o)]
    if refuted:
        return False, refuted[0]["counterexample"]
    return None, "; ".join(sorted({o["result"] for o in found})) or "no time"
