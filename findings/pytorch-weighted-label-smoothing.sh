#!/usr/bin/env bash
# PyTorch 2.15.0 (PyPI), nn.CrossEntropyLoss(weight, label_smoothing).
# Of an example, label_smoothing spreads a part of the target over all classes, and weight is said to rescale the classes. Together, what is
# spread over a class is weighed by the weight of that class, not of the example's. So with the weights 10 and 1 and a smoothing of 0.2,
# the loss of an example of class 1 is least where class 0 is predicted with 0.53: 0.1 * 10 outweighs 0.9 * 1. The mean still divides by
# the weight of the targets alone, so that at p = 0.5 an example of class 1 costs 1.9 log 2, and one of class 0 costs 0.91 log 2.
# Smoothed losses of single examples, weighed by the class of each afterwards, are least at 0.1 and 0.9, and cost log 2 at p = 0.5.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/env"
"$folder/env/bin/pip" install --quiet --no-compile --disable-pip-version-check torch==2.15.0 numpy==2.2.6
cat > "$folder/smoothing.py" <<'PY'
import math

import torch
from torch.nn import CrossEntropyLoss

weight, smoothing = torch.tensor([10.0, 1.0]), 0.2
together = CrossEntropyLoss(weight=weight, label_smoothing=smoothing)
single = CrossEntropyLoss(label_smoothing=smoothing, reduction="none")


def afterwards(logits, target):
    return (weight[target] * single(logits, target)).sum() / weight[target].sum()


grid = torch.linspace(0.001, 0.999, 999)
best = {}
for name, loss in (("together", together), ("afterwards", afterwards)):
    for target in (0, 1):
        right = torch.tensor([target])
        losses = torch.stack([loss(torch.stack([p, 1 - p]).log()[None], right) for p in grid])
        cost = loss(torch.zeros(1, 2), right).item() / math.log(2)
        best[name, target] = round(grid[losses.argmin()].item(), 2)
        print(f"{name}, an example of class {target}: least at p(class 0) = {best[name, target]}, {cost:.2f} log 2 at 0.5")
assert best == {("together", 0): 0.99, ("together", 1): 0.53, ("afterwards", 0): 0.9, ("afterwards", 1): 0.1}
PY
"$folder/env/bin/python" "$folder/smoothing.py"
