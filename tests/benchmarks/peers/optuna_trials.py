"""Optuna's cost of a trial that does nothing, on a PostgreSQL server: milliseconds from asking for it to its result stored.

usage: optuna_trials.py postgresql+psycopg2://USER:PASSWORD@HOST:PORT/DATABASE TRIALS
Prints one JSON object: {"version", "random", "tpe"} in milliseconds a trial.
"""
import json
import sys
import time

import optuna

optuna.logging.set_verbosity(optuna.logging.ERROR)
storage, trials = sys.argv[1], int(sys.argv[2])


def objective(trial):
    # As many parameters as the trials beside it draw and store.
    rate = trial.suggest_float('learningRate', 1e-4, 1e-2, log=True)
    size = trial.suggest_categorical('hiddenSize', [8, 16])
    return rate * size


answer = {'version': optuna.__version__}
for name, sampler in (('random', optuna.samplers.RandomSampler(seed=1)), ('tpe', optuna.samplers.TPESampler(seed=1))):
    study = optuna.create_study(storage=storage, sampler=sampler)
    began = time.perf_counter()
    study.optimize(objective, n_trials=trials)
    answer[name] = (time.perf_counter() - began) / trials * 1e3
print(json.dumps(answer))
