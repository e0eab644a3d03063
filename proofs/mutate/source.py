"""source.py: C source as tokens, and the functions that they belong to.

No parser: the domain's sources are plain enough for tokens, brackets and a few habits of writing. What this does not
understand is not mutated, and the test of the generator notices a function without mutants.
"""
import re

TOKEN = re.compile(r"""
    (?P<space>\s+|\\\n)
  | (?P<comment>/\*.*?\*/|//[^\n]*)
  | (?P<text>"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')
  | (?P<number>\d[0-9a-zA-Z]*)
  | (?P<name>[A-Za-z_]\w*)
  | (?P<mark><<=|>>=|->|\+\+|--|<<|>>|<=|>=|==|!=|&&|\|\||[-+*/%&|^]=|\#\#|.)
""", re.VERBOSE | re.DOTALL)

TYPES = {"word", "sword", "half", "shalf", "unsigned", "int", "bool", "void", "struct", "enum", "const"}
KEYWORDS = TYPES | {"static", "inline", "return", "if", "else", "for", "switch", "case", "default", "break", "while"}


class Token:
    """start, end: offsets in the text. function: the name of what it is in, None outside."""

    def __init__(self, kind, text, start):
        self.kind, self.text, self.start, self.end = kind, text, start, start + len(text)
        self.function = None
        self.in_define = False

    def __repr__(self):
        return self.text


class Source:
    """One file. tokens: without comments and white space; pairs: from a bracket's index to its partner's."""

    def __init__(self, path, text):
        self.path, self.text = path, text
        self.tokens = [Token(m.lastgroup, m.group(), m.start()) for m in TOKEN.finditer(text)
                       if m.lastgroup not in ("space", "comment")]
        self.pairs = {}
        self._drop_directives()
        self._pair()
        self.functions = {}  # name -> (first, last) token of its definition
        self.rows = {}       # the same of lines outside of functions that define something: rows of tables
        self._find_functions()

    def place(self, offset):
        """Line and column, from 1."""
        line = self.text.count("\n", 0, offset) + 1
        return line, offset - self.text.rfind("\n", 0, offset)

    def _drop_directives(self):
        """Lines of the preprocessor are no code, but for what a #define stands for."""
        kept, skip_until, self.defines = [], -1, []
        for t in self.tokens:
            if t.start < skip_until and not self._in_body(t):
                continue
            if t.text == "#" and self.text[self.text.rfind("\n", 0, t.start) + 1:t.start].strip() == "":
                skip_until = self._line_end(t.start)
                define = re.match(r"#\s*define\s+(\w+)(\([^)]*\))?", self.text[t.start:skip_until])
                if define:
                    self.defines.append((define[1], t.start + define.end(), skip_until))
                continue
            t.in_define = self._in_body(t)
            kept.append(t)
        self.tokens = kept

    def _in_body(self, t):
        return bool(self.defines) and self.defines[-1][1] <= t.start < self.defines[-1][2]

    def _line_end(self, at):
        while True:
            end = self.text.find("\n", at)
            if end < 0:
                return len(self.text)
            if self.text[end - 1] != "\\":
                return end
            at = end + 1

    def _pair(self):
        stack = []
        for i, t in enumerate(self.tokens):
            if t.text in ("(", "[", "{"):
                stack.append(i)
            elif t.text in (")", "]", "}") and stack:
                self.pairs[stack[-1]] = i
                self.pairs[i] = stack.pop()

    def _find_functions(self):
        i = 0
        while i < len(self.tokens):
            t = self.tokens[i]
            close = self.pairs.get(i + 1) if i + 1 < len(self.tokens) and self.tokens[i + 1].text == "(" else None
            if t.kind == "name" and close and close + 1 < len(self.tokens) and self.tokens[close + 1].text == "{":
                last = self.pairs[close + 1]
                self.functions[t.text] = (self._beginning(i), last)
                for k in range(close + 2, last):
                    self.tokens[k].function = t.text
                i = last
            i += 1
        for name, start, end in self.defines:  # a table's rows: HOLDS_JEQ
            inside = [k for k, t in enumerate(self.tokens) if start <= t.start < end]
            if inside and self.tokens[inside[0]].function is None:
                self.rows[name] = (inside[0], inside[-1])
                for k in inside:
                    self.tokens[k].function = name

    def _beginning(self, i):
        while i > 0 and self.tokens[i - 1].text not in (";", "}") and not self.tokens[i - 1].in_define:
            i -= 1
        return i
