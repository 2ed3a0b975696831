"""Puts hooks into an example's code, and does in Python what is easiest done there.

Loaded once, before any example, into a namespace that is not in sys.modules. The hooks are method calls on a
constant: the tree says `"<placeholder>".b(3)`, and after compiling, the placeholder among the code's constants is
replaced by the hook object. So the example's names, globals and classes show nothing of it (a name would be listed
by dir(), and mangled in classes), and every node of the author's keeps its place, so that tracebacks do too.

What the hooks are called, with k the number of an anchor:

    b(k)     begins a run; gives k back
    e(k, v)  the value of an expression: ends its run; gives v back
    v(k, v)  the value of a statement that is going on; gives v back
    s(k, v)  as v, where the value outlives the statement because names are bound to it
    r(k, v)  the value with which a statement ends here and now (return, yield); gives v back
    a(k)     ends a run
    x(k)     ends a run by the exception that is being handled; true: it is to be raised again
    c()      as x, for a statement that nobody watches
    n(k)     a run without extent: just now
    p(k, v)  a pass of a loop, with its target
    w(k, v)  the body of a with begins, with what was entered
    h(k)     the body of a handler begins
    d(i)     here source i is to be tried
"""

import ast
import atexit
import importlib.machinery
import importlib.util
import linecache
import os
import random
import signal
import sys
import tempfile
import threading
import traceback
import types
import warnings

HOOK = "\0hook\0"
LOAD = ast.Load()
FUTURE_FLAGS = 0
for _name in __import__("__future__").all_feature_names:
    FUTURE_FLAGS |= getattr(__import__("__future__"), _name).compiler_flag
FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
DOCUMENTED = (ast.Module, ast.ClassDef) + FUNCTIONS
DECORATED = (ast.ClassDef,) + FUNCTIONS
COMPOUND = tuple(
    getattr(ast, name)
    for name in ("If", "For", "AsyncFor", "While", "Try", "TryStar", "With", "AsyncWith", "Match")
    if hasattr(ast, name)
)
# Fields that are no ordinary expressions: what stands there is not evaluated, or not where it stands.
SKIPPED_FIELDS = {"annotation", "returns", "pattern", "type_params", "type_comment", "ctx", "op", "ops"}
UNWRAPPABLE = (ast.Starred, ast.Slice, ast.FormattedValue)
# How deep in the code a statement is: a statement of a block itself, one in an if, for or while there, all others.
DIRECT, NESTED, ELSEWHERE = 2, 1, 0


def span(node):
    return (node.lineno, node.col_offset, node.end_lineno, node.end_col_offset)


def located(node, place):
    """Gives `node`, and what is new below it, the place of another node. What has a place is the author's."""
    if node._attributes:
        if hasattr(node, "lineno"):
            return node
        node.lineno, node.col_offset, node.end_lineno, node.end_col_offset = place
    for child in ast.iter_child_nodes(node):
        located(child, place)
    return node


def hook_call(name, *arguments, at):
    # The hooks are put on one line: the first of what they belong to.
    line, column, end_line, end_column = at
    place = dict(lineno=line, col_offset=column, end_lineno=line, end_col_offset=column)
    if line == end_line:
        place["end_col_offset"] = end_column
    return ast.Call(
        func=ast.Attribute(value=ast.Constant(HOOK, **place), attr=name, ctx=LOAD, **place),
        args=[located(a, at) if isinstance(a, ast.AST) else ast.Constant(a, **place) for a in arguments],
        keywords=[],
        **place,
    )


def hook_statement(name, *arguments, at):
    call = hook_call(name, *arguments, at=at)
    return located(ast.Expr(call), span(call))


def is_docstring(node, parent, index):
    return (
        index == 0
        and isinstance(parent, DOCUMENTED)
        and isinstance(node, ast.Expr)
        and isinstance(node.value, ast.Constant)
        and isinstance(node.value.value, str)
    )


def is_future(node):
    return isinstance(node, ast.ImportFrom) and node.module == "__future__" and node.level == 0


def leaves_early(node):
    """Whether a compound statement can be left by return, break or continue (or seems so: that is harmless)."""
    return any(isinstance(part, (ast.Return, ast.Break, ast.Continue)) for part in ast.walk(node))


def load(target):
    """The value of a plain loop or with target, as an expression; None where reading it could do something."""
    if isinstance(target, ast.Name):
        return ast.Name(target.id, ast.Load())
    if isinstance(target, (ast.Tuple, ast.List)):
        parts = [load(part) for part in target.elts]
        if all(parts):
            return type(target)(parts, ast.Load())
    return None


class Rewriter:
    """Puts the hooks of one source into its tree."""

    def __init__(self, anchors, dormant, carry_on, guards, in_block):
        self.by_watch = {}
        self.announced = set()
        for key, watch, where, announced in anchors:
            self.by_watch.setdefault((watch, where), []).append(key)
            if announced:
                self.announced.add(key)
        self.dormant = {}
        for index, at, where in dormant:
            self.dormant.setdefault((at, where), []).append(index)
        self.carry_on = carry_on
        self.guards = guards
        self.in_block = in_block
        self.matched = set()
        self.classes = {}
        self.class_name = None

    def take(self, watch, node):
        keys = self.by_watch.get((watch, span(node)))
        if keys is None and isinstance(node, DECORATED) and node.decorator_list:
            # Some parsers let a decorated definition begin at its first decorator's `@`.
            first = node.decorator_list[0]
            place = (first.lineno, first.col_offset - 1, node.end_lineno, node.end_col_offset)
            keys = self.by_watch.get((watch, place))
        if keys is None:
            return ()
        for key in keys:
            self.matched.add(key)
            self.classes[key] = self.class_name
        return keys

    def take_dormant(self, at, node):
        found = self.dormant.pop((at, span(node)), ())
        if not found and isinstance(node, DECORATED) and node.decorator_list:
            first = node.decorator_list[0]
            place = (first.lineno, first.col_offset - 1, node.end_lineno, node.end_col_offset)
            found = self.dormant.pop((at, place), ())
        return found

    def module(self, tree):
        tree.body = self.suite(tree, tree.body, DIRECT if self.in_block else ELSEWHERE)
        return tree

    def suite(self, parent, body, depth):
        """The statements of a suite with their hooks."""
        done = []
        late = []  # hooks which have to wait until a docstring or a __future__ import is over
        if isinstance(parent, ast.Module):
            late = [
                hook_statement("d", index, at=span(body[0]) if body else (1, 0, 1, 0))
                for index in self.dormant.pop(("start", None), ())
            ]
        fixed = True
        for index, node in enumerate(body):
            at = span(node)
            before = [hook_statement("d", i, at=at) for i in self.take_dormant("before", node)]
            before += [hook_statement("n", key, at=at) for key in self.take("before", node)]
            after = [hook_statement("d", i, at=at) for i in self.take_dormant("after", node)]
            documents = is_docstring(node, parent, index) and (self.in_block or not isinstance(parent, ast.Module))
            fixed = fixed and (documents or is_future(node))
            if fixed:
                # Nothing may stand before these, nor around them.
                done.append(node)
                late += before
                late += [hook_statement("n", key, at=at) for key in self.take("statement", node)]
                late += after
                continue
            done += late
            late = []
            done += before
            done += self.statement(node, depth)
            done += after
        return done + late

    def statement(self, node, depth):
        keys = self.take("statement", node)
        enters = self.take("enter", node) if isinstance(node, (ast.With, ast.AsyncWith)) else ()
        self.inside(node, depth, enters)
        at = span(node)
        entering = [hook_statement("b", key, at=at) for key in enters]
        swallows = depth and any(key in self.announced for key in keys)
        swallows = swallows or (self.carry_on and depth == DIRECT)
        if not keys:
            if swallows and self.guards:
                return entering + [self.guard([node], [], True, node)]
            return entering + [node]
        begin = [hook_statement("b", key, at=at) for key in keys] + entering
        end = [hook_statement("a", key, at=at) for key in keys]
        if isinstance(node, (ast.Break, ast.Continue)):
            return begin + end + [node]
        if isinstance(node, ast.Return) and node.value is None:
            value = [hook_statement("v", key, None, at=at) for key in keys]
            return begin + value + end + [node]
        self.value(node, keys)
        if isinstance(node, (ast.Pass, ast.Global, ast.Nonlocal)) or not self.guards:
            return begin + [node] + ([] if isinstance(node, (ast.Return, ast.Raise)) else end)
        guarded = self.guard([node], keys, swallows, node)
        if isinstance(node, COMPOUND) and leaves_early(node):
            guarded.finalbody = end
            end = []
        return begin + [guarded] + end

    def guard(self, body, keys, swallows, node):
        """A try statement around `body` which tells the hook about an exception that leaves it."""
        at = span(node)
        raising = located(ast.Raise(exc=None, cause=None), at)
        calls = [hook_call("x", key, at=at) for key in keys] or [hook_call("c", at=at)]
        handler = [located(ast.Expr(call), at) for call in calls]
        if swallows:
            handler[-1] = located(ast.If(test=calls[-1], body=[raising], orelse=[]), at)
        else:
            handler.append(raising)
        caught = ast.ExceptHandler(type=None, name=None, body=handler)
        return located(ast.Try(body=body, handlers=[caught], orelse=[], finalbody=[]), at)

    def value(self, node, keys):
        """Wraps what a simple statement evaluates to."""
        if isinstance(node, ast.Expr):
            inner = node.value
            if isinstance(inner, ast.Yield):
                inner.value = self.wrapped("r", keys, inner.value or located(ast.Constant(None), span(inner)))
            else:
                node.value = self.wrapped("v", keys, inner)
        elif isinstance(node, (ast.Assign, ast.AnnAssign)) and node.value is not None:
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            if isinstance(node.value, ast.Yield) and node.value.value is not None:
                # Seen too if the generator never goes on.
                node.value.value = self.wrapped("v", keys, node.value.value)
            stays = all(isinstance(target, ast.Name) for target in targets)
            node.value = self.wrapped("s" if stays else "v", keys, node.value)
        elif isinstance(node, ast.Return):
            node.value = self.wrapped("r", keys, node.value)

    def wrapped(self, name, keys, node):
        for key in keys:
            node = hook_call(name, key, node, at=span(node))
        return node

    def inside(self, node, depth, enters):
        """Rewrites the suites and expressions of a statement."""
        at = span(node)
        deeper = NESTED if depth and isinstance(node, (ast.If, ast.For, ast.While)) else ELSEWHERE
        class_name = self.class_name
        passes = self.take("pass", node) if isinstance(node, (ast.For, ast.AsyncFor)) else ()
        for field, value in ast.iter_fields(node):
            if field in SKIPPED_FIELDS:
                continue
            if field in ("body", "orelse", "finalbody") and isinstance(value, list):
                if isinstance(node, ast.ClassDef):
                    self.class_name = node.name
                setattr(node, field, self.suite(node, value, deeper))
                self.class_name = class_name
            elif field == "handlers":
                for handler in value:
                    keys = self.take("handler", handler)
                    handler.type = self.expression(handler.type)
                    first = [hook_statement("h", key, at=span(handler)) for key in keys]
                    handler.body = first + self.suite(handler, handler.body, ELSEWHERE)
            elif field == "cases":
                for case in value:
                    case.guard = self.expression(case.guard)
                    case.body = self.suite(case, case.body, ELSEWHERE)
            else:
                setattr(node, field, self.expressions(value))
        if passes:
            for key in passes:
                target = load(node.target)
                arguments = (key,) if target is None else (key, target)
                node.body.insert(0, hook_statement("p", *arguments, at=at))
        if enters:
            target = node.items[0].optional_vars if len(node.items) == 1 else None
            for key in enters:
                entered = load(target) if target is not None else None
                arguments = (key,) if entered is None else (key, entered)
                node.body.insert(0, hook_statement("w", *arguments, at=at))

    def expressions(self, value):
        if isinstance(value, list):
            return [self.expressions(item) for item in value]
        if isinstance(value, ast.AST):
            return self.expression(value)
        return value

    def expression(self, node):
        if node is None or isinstance(node, ast.JoinedStr) or type(node).__name__ == "TemplateStr":
            return self.watched(node)
        for field, value in ast.iter_fields(node):
            if field in SKIPPED_FIELDS or not isinstance(value, (ast.AST, list)):
                continue
            setattr(node, field, self.expressions(value))
        return self.watched(node)

    def watched(self, node):
        if not isinstance(node, ast.expr) or isinstance(node, UNWRAPPABLE):
            return node
        if not isinstance(getattr(node, "ctx", None), (ast.Load, type(None))):
            return node
        if isinstance(node, ast.Tuple) and any(isinstance(part, ast.Slice) for part in node.elts):
            return node
        for key in self.take("expression", node):
            at = span(node)
            node = hook_call("e", hook_call("b", key, at=at), node, at=at)
        return node


def bind(code, hook):
    """Replaces the placeholder in a code object, and in those within it, by the hook."""
    constants = tuple(
        hook if type(item) is str and item == HOOK else bind(item, hook) if type(item) is types.CodeType else item
        for item in code.co_consts
    )
    if all(new is old for new, old in zip(constants, code.co_consts)):
        return code
    return code.replace(co_consts=constants)


def mangled(tree, class_name):
    """Private names as they are inside a class."""
    stripped = (class_name or "").lstrip("_")
    if stripped:
        for node in ast.walk(tree):
            for field in ("id", "attr"):
                name = getattr(node, field, None)
                if isinstance(name, str) and name.startswith("__") and not name.endswith("__"):
                    setattr(node, field, "_" + stripped + name)
    return tree


def shape(node):
    """An expression as nested tuples, as far as it can be evaluated without running any code of the example's."""
    if isinstance(node, ast.Name):
        return ("name", node.id)
    if isinstance(node, ast.Attribute):
        base = shape(node.value)
        return base and ("attribute", base, node.attr)
    if isinstance(node, ast.Subscript):
        base = shape(node.value)
        try:
            return base and ("item", base, ast.literal_eval(node.slice))
        except Exception:
            return None
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and len(node.args) == 1 and not node.keywords:
        base = shape(node.args[0])
        return base and node.func.id in ("len", "type", "id") and ("call", base, node.func.id) or None
    return None


def prepare_probe(text, class_name):
    """An expression that a claim names: how it is to be evaluated."""
    try:
        tree = mangled(ast.parse(text.strip(), "<claim>", "eval"), class_name)
        if isinstance(tree.body, ast.Name):
            return ("name", tree.body.id, None)
        try:
            return ("literal", ast.literal_eval(tree.body), None)
        except Exception:
            return ("code", compile(tree, "<claim>", "eval", dont_inherit=True), shape(tree.body))
    except Exception as error:
        return ("bad", type(error).__name__, getattr(error, "msg", None) or str(error))


def compile_source(document, text, rewriter, hook, flags, separately):
    """Compiles a source, in one piece or each of its top-level statements separately."""
    tree = ast.parse(text, document)
    last = tree.body[-1] if tree.body else None
    extent = (last.lineno, last.end_lineno) if last else None
    if not separately:
        tree = rewriter.module(tree) if rewriter else tree
        return [bind(compile(tree, document, "exec", flags, True), hook)], extent
    codes = []
    for node in tree.body:
        single = ast.Module([node], [])
        single = rewriter.module(single) if rewriter else single
        codes.append(bind(compile(single, document, "exec", flags, True), hook))
    return codes, extent


def compile_best(document, text, rewriter, hook, flags, separately, notes):
    """Compiles with hooks, without those that need try statements if there were too many, or without any."""
    failure = None
    for guards in (True, False, None):
        try:
            found = None if guards is None else rewriter(guards)
            codes, extent = compile_source(document, text, found, hook, flags, separately)
        except Exception as error:
            failure = failure or error
            continue
        if failure is not None:
            what = "exceptions are not watched" if found else "nothing is watched"
            notes.append("%s, because instrumenting failed: %s" % (what, failure))
        return codes, extent, found
    # The author's own code does not compile: that error counts, not the first one.
    compile(text, document, "exec", flags, True)
    raise failure


def prepare(document, sources, anchors, hook, carry_on):
    """Makes everything ready to run. Gives a dict; `error` in it is (message, line) where a block does not compile.

    sources: (first line, code, None or (block's source, "start" | "before" | "after", span or None))
    anchors: (source, watch, span, announced, probes)
    """
    with warnings.catch_warnings(record=True) as log:
        warnings.simplefilter("always")
        result = prepare_quietly(document, sources, anchors, hook, carry_on)
    result["warnings"] = list({(str(w.message), w.lineno): (w.message, w.category, w.lineno) for w in log}.values())
    return result


def prepare_quietly(document, sources, anchors, hook, carry_on):
    lines = {}
    blocks, dormant, notes = [], {}, []
    classes, matched = {}, set()
    result = {"blocks": blocks, "dormant": dormant, "notes": notes, "error": None, "last": None}
    flags = 0
    order = [i for i, s in enumerate(sources) if s[2] is None] + [i for i, s in enumerate(sources) if s[2]]
    for index in order:
        first_line, code, place = sources[index]
        text = "\n" * (first_line - 1) + code

        def rewriter(guards):
            return Rewriter(
                [(k, a[1], a[2], a[3]) for k, a in enumerate(anchors) if a[0] == index],
                [(i, s[2][1], s[2][2]) for i, s in enumerate(sources) if s[2] and s[2][0] == index],
                carry_on,
                guards,
                place is None,
            )

        try:
            codes, extent, used = compile_best(document, text, rewriter, hook, flags, place is not None, notes)
        except Exception as error:
            message = getattr(error, "msg", None) or str(error) or type(error).__name__
            if place is None:
                result["error"] = (message, getattr(error, "lineno", None) or first_line)
                return result
            dormant[index] = "%s: %s" % (type(error).__name__, message)
            continue
        if used:
            classes.update(used.classes)
            matched |= used.matched
        if place is None:
            blocks.append(codes[0])
            result["last"] = extent
            flags |= codes[0].co_flags & FUTURE_FLAGS
            for number, line in enumerate(code.split("\n"), first_line):
                lines[number] = line
        else:
            dormant[index] = codes
    unmatched = [k for k in range(len(anchors)) if k not in matched and sources[anchors[k][0]][2] is None]
    if unmatched:
        notes.append("no code was found at the place of anchors %s" % ", ".join(map(str, unmatched)))
    result["probes"] = [[prepare_probe(text, classes.get(k)) for text in a[4]] for k, a in enumerate(anchors)]
    result["text"] = "\n".join(lines.get(n, "") for n in range(1, max(lines, default=0) + 1)).rstrip("\n") + "\n"
    return result


def set_up_main(document, script, folder, temporary, text):
    """Makes `__main__`, and what surrounds it, what they are when a file is run."""
    main = sys.modules["__main__"]
    main.__file__ = script
    main.__loader__ = importlib.machinery.SourceFileLoader("__main__", script)
    main.__spec__ = None
    main.__cached__ = None
    sys.argv[:] = [script]
    sys.path.insert(0, folder)
    os.environ["TMPDIR"] = temporary
    if "PWD" in os.environ:
        os.environ["PWD"] = folder
    tempfile.tempdir = None
    signal.signal(signal.SIGINT, signal.default_int_handler)
    lines = [line + "\n" for line in text.split("\n")[:-1]]
    linecache.cache[document] = (len(text), None, lines, script)


def show_warnings(found, document):
    for message, category, line in found:
        try:
            warnings.warn_explicit(message, category, document, line)
        except Exception:
            pass


DEFAULT_HOOK = sys.excepthook
FORMAT = traceback.format_exception


def print_exception(error):
    """As the interpreter reports an exception that nobody caught."""
    hook = getattr(sys, "excepthook", None)
    if hook is DEFAULT_HOOK or hook is None:
        sys.stderr.write("".join(FORMAT(type(error), error, error.__traceback__)))
        return
    try:
        hook(type(error), error, error.__traceback__)
    except BaseException as second:
        first_text = "".join(FORMAT(type(error), error, error.__traceback__))
        text = "".join(FORMAT(type(second), second, second.__traceback__.tb_next, chain=False))
        sys.stderr.write("Error in sys.excepthook:\n" + text + "\nOriginal exception was:\n" + first_text)


def print_message(message):
    """What `SystemExit` does with an argument that is no number."""
    sys.stderr.write(str(message) + "\n")


def shut_down():
    """The interpreter's end, as far as it runs code: threads, then exit functions."""
    for step in (threading._shutdown, atexit._run_exitfuncs):
        try:
            step()
        except BaseException:
            pass


def is_missing(module):
    """Whether a module cannot be found at all."""
    try:
        return importlib.util.find_spec(module.partition(".")[0]) is None
    except Exception:
        return True


def save_random(shared=random._inst, getstate=random.Random.__mro__[1].getstate):
    return getstate(shared), shared.__dict__.get("gauss_next")


def restore_random(state, shared=random._inst, setstate=random.Random.__mro__[1].setstate):
    setstate(shared, state[0])
    shared.gauss_next = state[1]


class Custom:
    """Has every method that a class can define in Python and that rendering asks for."""

    def __repr__(self):
        return ""

    def __str__(self):
        return ""

    def __len__(self):
        return 0


class CustomMapping(dict):
    def __getitem__(self, key):
        return None


def warm_up():
    """Runs what examples will run, so that it is loaded, and specialised, before the fork."""
    code = "def f(x):\n    return x\nclass C:\n    y = f(1)\nfor i in []:\n    print(i)\n"
    anchors = [(0, "statement", (2, 4, 2, 12), False, ["x", "len(x)"])]
    prepare("warm-up", [(1, code, None)], anchors, object(), False)
    try:
        raise ValueError
    except ValueError as error:
        FORMAT(type(error), error, error.__traceback__)
    linecache.clearcache()
