"""Optuna's best value on known functions (less is better), one JSON line for each sampler and function:
{"version", "function", "sampler", "values": one a seed}. The functions are those of search-quality.bench.mjs.
usage: optuna_quality.py TRIALS SEEDS"""
import json
import math
import sys
import warnings

import optuna

warnings.filterwarnings('ignore')
optuna.logging.set_verbosity(optuna.logging.ERROR)
trials, seeds = int(sys.argv[1]), int(sys.argv[2])

A = [[10, 3, 17, 3.5, 1.7, 8], [0.05, 10, 17, 0.1, 8, 14], [3, 3.5, 1.7, 10, 17, 8], [17, 8, 0.05, 10, 0.1, 14]]
P = [
    [0.1312, 0.1696, 0.5569, 0.0124, 0.8283, 0.5886],
    [0.2329, 0.4135, 0.8307, 0.3736, 0.1004, 0.9991],
    [0.2348, 0.1451, 0.3522, 0.2883, 0.3047, 0.6650],
    [0.4047, 0.8828, 0.8732, 0.5743, 0.1091, 0.0381],
]


def branin(t):
    x, y = t.suggest_float('x', -5, 10), t.suggest_float('y', 0, 15)
    bowl = (y - 5.1 / (4 * math.pi**2) * x * x + 5 / math.pi * x - 6) ** 2
    return bowl + 10 * (1 - 1 / (8 * math.pi)) * math.cos(x) + 10 - 0.397887


def hartmann6(t):
    x = [t.suggest_float(f'x{i}', 0, 1) for i in range(6)]
    hills = zip([1, 1.2, 3, 3.2], A, P)
    return 3.32237 - sum(h * math.exp(-sum(a * (v - p) ** 2 for a, v, p in zip(row, x, top))) for h, row, top in hills)


def ackley10(t):
    x = [t.suggest_float(f'x{i}', -32.768, 32.768) for i in range(10)]
    length, waves = math.sqrt(sum(v * v for v in x) / 10), sum(math.cos(2 * math.pi * v) for v in x) / 10
    return -20 * math.exp(-0.2 * length) - math.exp(waves) + 20 + math.e


def tuning(t):
    cell = t.suggest_categorical('cell', ['rnn', 'lstm', 'gru'])
    rate = t.suggest_float('learningRate', 1e-5, 1e-1, log=True)
    hidden = t.suggest_int('hiddenSize', 16, 512, log=True)
    best = {'rnn': 1e-3, 'lstm': 5e-3, 'gru': 3e-3}[cell]
    value = {'rnn': 0.3, 'lstm': 0.05, 'gru': 0}[cell]
    value += 0.15 * math.log10(rate / best) ** 2 + 0.2 * (math.log2(hidden / 200) / 3) ** 2
    if cell == 'lstm':
        value += 0.1 * (t.suggest_float('forgetBias', 0, 3) - 1) ** 2 - 0.1
    return value + 0.3 * abs(t.suggest_float('dropout', 0, 0.8) - 0.2)


samplers = {
    'random': lambda seed: optuna.samplers.RandomSampler(seed=seed),
    'TPE': lambda seed: optuna.samplers.TPESampler(seed=seed),
    'TPE, multivariate': lambda seed: optuna.samplers.TPESampler(
        seed=seed, multivariate=True, group=True, warn_independent_sampling=False
    ),
}
for function in [branin, hartmann6, ackley10, tuning]:
    for name, make in samplers.items():
        values = []
        for seed in range(seeds):
            study = optuna.create_study(sampler=make(seed))
            study.optimize(function, n_trials=trials)
            values.append(study.best_value)
        line = {'version': optuna.__version__, 'function': function.__name__, 'sampler': name, 'values': values}
        print(json.dumps(line), flush=True)
