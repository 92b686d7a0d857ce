"""Optuna's samplers on tables of tunings: the peer of search-tables.bench.mjs, by the same protocol.

Arguments: FOLDER, trials, seeds, first seed, "nearest" or "smooth". Prints a JSON object per sampler and pruner.
"""
import json
import math
import sys
import warnings
from pathlib import Path

import numpy as np
import optuna

warnings.simplefilter("ignore")
optuna.logging.set_verbosity(optuna.logging.ERROR)
MARKS = [1 / 8, 1 / 4, 1 / 2, 1]


def read(file):
    table = json.loads(file.read_text())
    names = list(table["configurations"][0]["hp"])
    raw = np.array(
        [
            [math.log(1 - each["hp"][name] if name.startswith("beta") else each["hp"][name]) for name in names]
            for each in table["configurations"]
        ]
    )
    least, most = raw.min(0), raw.max(0)
    curves = [[math.inf if v is None else v for v in each["valid"]] for each in table["configurations"]]
    best = sorted(min(curve) for curve in curves)
    within = [best[max(0, math.ceil(part * len(best)) - 1)] for part in (0.01, 0.05)]
    return names, (raw - least) / (most - least), curves, within


def curve_at(rows, curves, point, smooth, noise):
    far = ((rows - point) ** 2).sum(1)
    near = np.argsort(far)[: 8 if smooth else 1]
    if not smooth:
        return curves[near[0]]
    weights = 1 / (np.sqrt(far[near]) + 1e-6)
    curve = []
    for at in range(len(curves[0])):
        if math.isinf(curves[near[0]][at]):
            curve.append(math.inf)
            continue
        logs = [math.log(1e3 if math.isinf(curves[i][at]) else max(curves[i][at], 1e-12)) for i in near]
        curve.append(math.exp(float(np.dot(logs, weights) / weights.sum()) + 0.01 * noise.standard_normal()))
    return curve


def search(table, sampler, pruner, trials, seed, smooth):
    names, rows, curves, _ = table
    study = optuna.create_study(sampler=sampler, pruner=pruner)
    noise = np.random.default_rng(seed)
    budget, used, best, reached = trials * len(curves[0]), 0, math.inf, []
    while len(reached) < len(MARKS):
        trial = study.ask()
        point = np.array([trial.suggest_float(name, 0, 1) for name in names])
        least, state = math.inf, optuna.trial.TrialState.COMPLETE
        for step, value in enumerate(curve_at(rows, curves, point, smooth, noise)):
            used += 1
            least, best = min(least, value), min(best, value)
            while len(reached) < len(MARKS) and used >= MARKS[len(reached)] * budget:
                reached.append(best)
            trial.report(value if math.isfinite(value) else 1e30, step + 1)
            if trial.should_prune():
                state = optuna.trial.TrialState.PRUNED
                break
        if state == optuna.trial.TrialState.PRUNED:
            study.tell(trial, state=state)
        else:
            study.tell(trial, least if math.isfinite(least) else 1e30)
    return reached


def main():
    folder, trials, seeds, first, protocol = sys.argv[1], *map(int, sys.argv[2:5]), sys.argv[5]
    tables = [read(file) for file in sorted(Path(folder).glob("*.json"))]
    samplers = {
        "TPE": lambda seed: optuna.samplers.TPESampler(seed=seed),
        "TPE, univariate": lambda seed: optuna.samplers.TPESampler(seed=seed, multivariate=False, constant_liar=False),
        "random": lambda seed: optuna.samplers.RandomSampler(seed=seed),
    }
    pruners = {
        "none": lambda: optuna.pruners.NopPruner(),
        "successive halving": lambda: optuna.pruners.SuccessiveHalvingPruner(min_resource=2, reduction_factor=3),
    }
    for name, sampler in samplers.items():
        for rule, pruner in pruners.items():
            one, five, each = np.zeros(4), np.zeros(4), []
            for table in tables:
                runs = np.array(
                    [search(table, sampler(s), pruner(), trials, s, protocol == "smooth") for s in range(first, first + seeds)]
                )
                one += (runs <= table[3][0]).mean(0) / len(tables)
                five += (runs <= table[3][1]).mean(0) / len(tables)
                each.append(float((runs[:, -1] <= table[3][0]).mean()))
            result = {"version": optuna.__version__, "sampler": name, "rule": rule}
            print(json.dumps({**result, "one": one.tolist(), "five": five.tolist(), "each": each}), flush=True)


main()
