"""edits.py: the single edits that are tried. Each rule looks at one token and yields (first, last, replacement, rule):
the tokens first to last become the replacement.

An edit need not make sense; what does not compile is counted and left out. Rules that only lose precision, such as a
removed meet, are there on purpose: theorems of soundness cannot see them, and the list of survivors has to say so.
"""
from proofs.mutate.source import KEYWORDS, TYPES

OPERATORS = {
    "<": ["<=", ">="], "<=": ["<", ">"], ">": [">=", "<="], ">=": [">", "<"], "==": ["!="], "!=": ["=="],
    "+": ["-"], "-": ["+"], "*": ["+"], "/": ["%"], "%": ["/"], "&": ["|", "^"], "|": ["&", "^"], "^": ["|", "&"],
    "<<": [">>"], ">>": ["<<"], "&&": ["||"], "||": ["&&"],
    "+=": ["-="], "-=": ["+="], "|=": ["&="], "&=": ["|="],
}
BINARY_OR_UNARY = {"-", "+", "*", "&"}


def both(*pairs):
    table = {}
    for a, b in pairs:
        table.setdefault(a, []).append(b)
        table.setdefault(b, []).append(a)
    return table


# names that are alike, in signature or in kind
NAMES = both(
    ("umin", "umax"), ("smin", "smax"), ("tnum_min", "tnum_max"), ("tnum_next", "tnum_prev"),
    ("urange_meet", "urange_join"), ("srange_meet", "srange_join"), ("urange32_meet", "urange32_join"),
    ("srange32_meet", "srange32_join"), ("tnum_and", "tnum_or"), ("tnum_add", "tnum_sub"), ("tnum_shl", "tnum_lshr"),
    ("tnum_low", "tnum_high"), ("tnum_trunc", "tnum_sext"), ("raw_zext", "raw_sext"), ("raw_within", "raw_low_within"),
    ("zexted", "sexted"), ("rung_up", "rung_down"), ("signed_up", "signed_down"), ("ascend", "descend"),
    ("long_mul", "excess_mul"), ("urange_and", "urange_or"), ("srange_and", "srange_or"), ("urange_div", "urange_mod"),
    ("srange_div", "srange_mod"), ("scalar_add", "scalar_sub"), ("scalar_and", "scalar_or"),
    ("scalar_lsh", "scalar_rsh"), ("scalar_div", "scalar_mod"), ("scalar_sdiv", "scalar_div"),
    ("scalar_smod", "scalar_mod"), ("scalar_rsh", "scalar_arsh"), ("scalar_zext", "scalar_sext"),
    ("__builtin_add_overflow", "__builtin_sub_overflow"), ("without", "low_without"),
    ("true", "false"), ("WORD_BITS", "HALF_BITS"), ("SWORD_MIN", "SWORD_MAX"), ("SHALF_MIN", "SHALF_MAX"),
    ("WORD_MAX", "HALF_MAX"), ("WORD_SIGN", "HALF_SIGN"), ("SCALAR_64", "SCALAR_32"), ("REL_EQ", "REL_NE"),
    ("REL_SET", "REL_CLEAR"), ("REL_ULT", "REL_ULE"), ("REL_SLT", "REL_SLE"), ("REL_ULT", "REL_SLT"),
    ("REL_ULE", "REL_SLE"), ("BRANCH_TAKEN", "BRANCH_NOT_TAKEN"),
    ("scalar_empty", "scalar_unknown"), ("word_smear", ""), ("assume_ult", "assume_ule"), ("assume_slt", "assume_sle"),
    ("assume_set", "assume_clear"), ("scalar_xor", "scalar_or"), ("scalar_mul", "scalar_add"))
NAMES.pop("")
NAMES.update({"TNUM_UNKNOWN": ["tnum_const(0)"], "URANGE_FULL": ["(struct urange){0, 0}"],
              "SRANGE_FULL": ["(struct srange){0, 0}"], "ARC_FULL": ["(struct arc){0, 0}"],
              "URANGE32_FULL": ["(struct urange32){0, 0}"], "SRANGE32_FULL": ["(struct srange32){0, 0}"]})

FIELDS = both(("min", "max"), ("value", "mask"), ("least", "most"), ("a", "b"), ("taken", "not_taken"),
              ("taken_exchanged", "not_taken_exchanged"), ("start", "len"), ("negative", "other"))
# of other types: only where a number of theirs is meant
ORDERS = both(("u", "u32"), ("s", "s32"), ("u", "s"), ("u32", "s32"))
# arguments that are no operands, and functions for which their order is no matter
NO_OPERANDS = {"w", "c.w", "rel", "true", "false", "SCALAR_64", "SCALAR_32", "taken"}
SYMMETRIC = {"umin", "umax", "smin", "smax", "__builtin_add_overflow", "__builtin_mul_overflow", "urange_meet",
             "srange_meet", "urange32_meet", "srange32_meet", "urange_join", "srange_join", "urange32_join",
             "srange32_join", "tnum_join", "tnum_add", "tnum_and", "tnum_or", "tnum_xor", "urange_and", "srange_and",
             "urange_or", "srange_or", "urange_xor", "srange_xor", "urange_mul", "srange_mul", "arc_add",
             "sign_extent", "scalar_contains"}

# calls that may be left out: the number of the argument that stays
LEFT_OUT = {"scalar_reduce": [0], "scalar_finish": [1], "raw_zext": [0], "raw_sext": [0], "arc_neg": [0],
            "tnum_low": [0], "tnum_neg": [0], "words_to_halves": [0], "halves_to_words": [0], "settle_words": [0],
            "settle_halves": [0], "ranges_to_bits": [0], "ranges_exchange": [0], "word_smear": [0], "magnitude": [0],
            "urange_meet": [0, 1], "srange_meet": [0, 1], "urange32_meet": [0, 1], "srange32_meet": [0, 1],
            "urange_join": [0, 1], "srange_join": [0, 1], "tnum_join": [0, 1], "tnum_flip": [0], "word_bswap": [0],
            "raw_within": [0], "raw_low_within": [0], "zexted": [1], "sexted": [1], "tnum_trunc": [0],
            "tnum_sext": [0], "members_of": [0], "signed_members_of": [0], "scalar_zext": [1]}


def is_cast(source, i):
    """Is the ) at i the end of a cast?"""
    first = source.pairs.get(i)
    if first is None:
        return False
    return all(t.text in TYPES or t.text == "*" for t in source.tokens[first + 1:i])


def is_binary(source, i):
    before = source.tokens[i - 1]
    if before.text in (")", "]"):
        return not is_cast(source, i - 1)
    if before.text == "*" or before.text in KEYWORDS:
        return False
    if before.kind == "name" and i > 1 and source.tokens[i - 2].text in ("struct", "enum"):
        return False  # a pointer's declaration
    return before.kind in ("name", "number")


def operators(source, i):
    t = source.tokens[i]
    if t.kind != "mark":
        return
    if t.text in ("!", "~"):
        yield i, i, "", "negation"
    elif t.text == "-" and not is_binary(source, i):
        yield i, i, "", "negation"
    elif t.text not in BINARY_OR_UNARY or is_binary(source, i):
        for other in OPERATORS.get(t.text, ()):
            yield i, i, other, "operator"


def constants(source, i):
    t = source.tokens[i]
    if t.kind != "number":
        return
    n = int(t.text.rstrip("uUlL"), 0)
    yield i, i, str(n + 1), "constant"
    if n > 0:
        yield i, i, str(n - 1), "constant"


def names(source, i):
    t, before = source.tokens[i], source.tokens[i - 1].text
    if t.kind != "name":
        return
    if before in (".", "->"):
        for other in FIELDS.get(t.text, ()):
            yield i, i, other, "field"
        if source.tokens[i + 1].text == ".":
            for other in ORDERS.get(t.text, ()):
                yield i, i, other, "field"
    elif before not in ("struct", "enum"):
        for other in NAMES.get(t.text, ()):
            yield i, i, other, "name"


def arguments_of(source, i):
    """The arguments of a call of the name at i, as (first, last) tokens; None: it is no call."""
    close = source.pairs.get(i + 1) if i + 1 < len(source.tokens) and source.tokens[i + 1].text == "(" else None
    if source.tokens[i].kind != "name" or close is None or source.tokens[i].text in KEYWORDS:
        return None
    found, first, k = [], i + 2, i + 2
    while k < close:
        if source.tokens[k].text in ("(", "[", "{"):
            k = source.pairs[k]
        elif source.tokens[k].text == ",":
            found.append((first, k - 1))
            first = k + 1
        k += 1
    return found + [(first, close - 1)] if close > i + 2 else []


def text_of(source, first, last):
    return source.text[source.tokens[first].start:source.tokens[last].end]


def calls(source, i):
    found = arguments_of(source, i)
    if not found:
        return
    for which in LEFT_OUT.get(source.tokens[i].text, ()):
        if which < len(found):
            yield i, found[-1][1] + 1, text_of(source, *found[which]), "call left out"
    for (a, b), (c, d) in zip(found, found[1:]):
        one, other = text_of(source, a, b), text_of(source, c, d)
        if one != other and source.tokens[i].text not in SYMMETRIC and not {one, other} & NO_OPERANDS:
            yield a, d, f"{other}, {one}", "arguments"


def conditions(source, i):
    if source.tokens[i].text != "if" or source.tokens[i + 1].text != "(":
        return
    first, last = i + 2, source.pairs[i + 1] - 1
    text = text_of(source, first, last)
    yield first, last, f"({text}) || true", "condition"
    yield first, last, f"({text}) && false", "condition"


def begins_statement(source, i):
    """Does a statement begin at i that is no declaration and no jump?"""
    t, before = source.tokens[i], source.tokens[i - 1].text
    if t.function in source.rows or t.text in KEYWORDS:
        return False
    if t.kind != "name" and t.text != "*":
        return False
    if before == ")":
        return is_if(source, i - 1)
    return before in (";", "{", "}", "else", ":")


def statements(source, i):
    """A statement, left out."""
    if not begins_statement(source, i):
        return
    k = i
    while source.tokens[k].text != ";":
        if source.tokens[k].text in ("(", "[", "{"):
            k = source.pairs[k]
        elif source.tokens[k].text in ("}", ")", ",", ":"):
            return
        k += 1
        if k >= len(source.tokens):
            return
    if k > i + 1:
        yield i, k, ";", "statement"


def is_if(source, i):
    first = source.pairs.get(i)
    return first is not None and first > 0 and source.tokens[first - 1].text in ("if", "for")


def returns(source, i):
    """The last return of a struct: of zeros."""
    t = source.tokens[i]
    if t.text != "return" or t.function not in source.functions:
        return
    first, _ = source.functions[t.function]
    result = [x.text for x in source.tokens[first:first + 5] if x.text not in ("static", "inline")]
    if result[0] != "struct":
        return
    k = i + 1
    while source.tokens[k].text != ";":
        k = source.pairs[k] if source.tokens[k].text in ("(", "[", "{") else k + 1
        while source.tokens[k].text in (")", "]", "}"):
            k += 1
    if not any(x.text == "return" for x in source.tokens[k:source.functions[t.function][1]]):
        yield i + 1, k - 1, "(struct %s){0}" % result[1], "result"


RULES = (operators, constants, names, calls, conditions, statements, returns)


def edits(source):
    for i, t in enumerate(source.tokens):
        if t.function is None or "assert" in t.text:
            continue
        for rule in RULES:
            for first, last, to, name in rule(source, i):
                if source.tokens[last].function == t.function and text_of(source, first, last) != to:
                    yield first, last, to, name
