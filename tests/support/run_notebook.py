"""Runs the code cells of a notebook in order, in one namespace, and prints the last expression of each as JSON, as text: `run_notebook.py FILE`."""

import ast
import json
import sys

with open(sys.argv[1], encoding="utf8") as file:
    notebook = json.load(file)
names = {"__name__": "__main__"}
for number, cell in enumerate(each for each in notebook["cells"] if each["cell_type"] == "code"):
    tree = ast.parse("".join(cell["source"]), f"cell {number + 1}")
    last = ast.Expression(tree.body.pop().value) if tree.body and isinstance(tree.body[-1], ast.Expr) else None
    exec(compile(tree, f"cell {number + 1}", "exec"), names)
    if last is not None:
        print(json.dumps(repr(eval(compile(last, f"cell {number + 1}", "eval"), names))))
