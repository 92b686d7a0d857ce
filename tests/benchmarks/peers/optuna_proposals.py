"""Optuna's cost of a proposal of ten ranges where so many trials are finished, as JSON: {"version", "random", "tpe"}, milliseconds.
usage: optuna_proposals.py FINISHED [STORAGE]"""
import json
import random
import statistics
import sys
import time

import optuna

optuna.logging.set_verbosity(optuna.logging.ERROR)
finished, storage = int(sys.argv[1]), sys.argv[2] if len(sys.argv) > 2 else None
space = {f'x{i}': optuna.distributions.FloatDistribution(0, 1) for i in range(10)}
numbers = random.Random(1)


def trial():
    point = {name: numbers.random() for name in space}
    value = sum((u - 0.3) ** 2 for u in point.values())
    return optuna.trial.create_trial(params=point, distributions=space, value=value)


def cost(sampler):
    study = optuna.create_study(storage=storage, sampler=sampler)
    study.add_trials([trial() for _ in range(finished)])
    times = []
    for _ in range(11):
        start = time.perf_counter()
        asked = study.ask(space)
        times.append(time.perf_counter() - start)
        study.tell(asked, 1.0)
    return statistics.median(times) * 1e3


result = {'random': cost(optuna.samplers.RandomSampler(seed=1)), 'tpe': cost(optuna.samplers.TPESampler(seed=1))}
print(json.dumps({'version': optuna.__version__, **result}))
