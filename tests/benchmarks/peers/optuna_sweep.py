"""The peer of sweep.bench.mjs: a grid of character models with Optuna's journal storage and processes of PyTorch of one thread each.

Usage: optuna_sweep.py TEXT GRID UPDATES PRECISION PROCESSES, with GRID a JSON object of lists. Prints one JSON line.
"""
import itertools
import json
import math
import os
import subprocess
import sys
import tempfile
import time

BATCH, WINDOW, EMBEDDING = 32, 64, 128


def open_study(path):
    import optuna
    from optuna.storages import JournalStorage
    from optuna.storages.journal import JournalFileBackend

    optuna.logging.set_verbosity(optuna.logging.ERROR)
    return optuna.create_study(study_name="sweep", storage=JournalStorage(JournalFileBackend(path)), load_if_exists=True)


def read_streams(text):
    """Inputs and next characters of both parts, [batch, length] each, and the number of different characters."""
    import torch

    with open(text, encoding="utf8") as file:
        characters = file.read()
    number = {character: index for index, character in enumerate(sorted(set(characters)))}
    ids = torch.tensor([number[character] for character in characters])
    cut = int(len(ids) * 0.9)

    def streams(part):
        length = (len(part) - 1) // BATCH
        return part[: length * BATCH].view(BATCH, length), part[1 : length * BATCH + 1].view(BATCH, length)

    return streams(ids[:cut]), streams(ids[cut:]), len(number)


def train(trial, grid, data, updates, autocast):
    """Bits a character on the validation part after the last update."""
    import torch
    from torch.nn import functional

    (inputs, targets), (held_inputs, held_targets), classes = data
    cell, hidden, rate = (trial.suggest_categorical(name, grid[name]) for name in ("cell", "hidden", "rate"))
    torch.manual_seed(1)
    embedding = torch.nn.Embedding(classes, EMBEDDING)
    layer = {"lstm": torch.nn.LSTM, "gru": torch.nn.GRU}[cell](EMBEDDING, hidden, batch_first=True)
    output = torch.nn.Linear(hidden, classes)
    parameters = [each for module in (embedding, layer, output) for each in module.parameters()]
    adam = torch.optim.Adam(parameters, rate)

    def loss(x, y, state, reduction):
        with torch.autocast("cpu", dtype=torch.bfloat16, enabled=autocast):
            hiddens, state = layer(embedding(x), state)
            logits = output(hiddens)
        return functional.cross_entropy(logits.flatten(0, 1).float(), y.flatten(), reduction=reduction), state

    state, at = None, 0
    for _ in range(updates):
        if at + WINDOW > inputs.shape[1]:
            state, at = None, 0
        mean, state = loss(inputs[:, at : at + WINDOW], targets[:, at : at + WINDOW], state, "mean")
        state = tuple(each.detach() for each in state) if cell == "lstm" else state.detach()
        at += WINDOW
        adam.zero_grad()
        mean.backward()
        torch.nn.utils.clip_grad_norm_(parameters, 1.0)
        adam.step()
    total, state = 0.0, None
    with torch.no_grad():
        for at in range(0, held_inputs.shape[1], WINDOW):
            part, state = loss(held_inputs[:, at : at + WINDOW], held_targets[:, at : at + WINDOW], state, "sum")
            total += part.item()
    return total / held_targets.numel() / math.log(2)


def work(path, text, grid, updates, autocast):
    import optuna
    import torch

    torch.set_num_threads(1)
    data, study = read_streams(text), open_study(path)
    while study.get_trials(deepcopy=False, states=[optuna.trial.TrialState.WAITING]):
        study.optimize(lambda trial: train(trial, grid, data, updates, autocast), n_trials=1)


def main(text, grid, updates, precision, processes):
    import optuna
    import torch

    path = os.path.join(tempfile.mkdtemp(), "journal.log")
    study = open_study(path)
    for values in itertools.product(*grid.values()):
        study.enqueue_trial(dict(zip(grid, values)))
    began = time.time()
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}
    command = [sys.executable, __file__, "--worker", path, text, json.dumps(grid), updates, precision]
    for worker in [subprocess.Popen(command, env=environment) for _ in range(processes)]:
        worker.wait()
    seconds = time.time() - began
    done = [trial for trial in study.get_trials() if trial.state.name == "COMPLETE"]
    training = sum(trial.duration.total_seconds() for trial in done)
    versions = f"Optuna {optuna.__version__}, PyTorch {torch.__version__}"
    best = min(trial.value for trial in done)
    print(json.dumps({"by": versions, "seconds": seconds, "training": training, "trials": len(done), "best": best}))


if sys.argv[1] == "--worker":
    work(*sys.argv[2:4], json.loads(sys.argv[4]), int(sys.argv[5]), sys.argv[6] == "bfloat16")
else:
    main(sys.argv[1], json.loads(sys.argv[2]), sys.argv[3], sys.argv[4], int(sys.argv[5]))
