"""The peer of training.bench.mjs: one training step in PyTorch on one thread. Embedding, recurrent layer, output layer,
cross-entropy, clipping, Adam, with the hidden state carried over. Reads lines "cell batch steps hidden updates precision",
where bfloat16 is PyTorch's autocast, and answers each with the median CPU milliseconds of a step, and the bytes by which the process
grew at most. Its first line says what it is.
"""
import re
import statistics
import sys
import time

import torch

CLASSES = 65
torch.set_num_threads(1)


def resident():
    """Bytes of this process: now, and at its most so far."""
    with open("/proc/self/status") as file:
        status = file.read()
    return [1024 * int(re.search(rf"^{name}:\s+(\d+)", status, re.M)[1]) for name in ("VmRSS", "VmHWM")]


def milliseconds(cell, batch, steps, hidden, updates, precision):
    torch.manual_seed(0)
    embedding = torch.nn.Embedding(CLASSES, hidden)
    layer = {"rnn": torch.nn.RNN, "lstm": torch.nn.LSTM, "gru": torch.nn.GRU}[cell](hidden, hidden)
    output = torch.nn.Linear(hidden, CLASSES)
    parameters = [p for module in (embedding, layer, output) for p in module.parameters()]
    adam = torch.optim.Adam(parameters, 1e-3)
    x, y = torch.randint(0, CLASSES, (2, steps, batch))
    state, times = None, []
    for _ in range(updates + 2):
        start = time.process_time()
        with torch.autocast("cpu", dtype=torch.bfloat16, enabled=precision == "bfloat16"):
            outputs, state = layer(embedding(x), state)
            logits = output(outputs)
        state = tuple(s.detach() for s in state) if cell == "lstm" else state.detach()
        loss = torch.nn.functional.cross_entropy(logits.float().reshape(-1, CLASSES), y.reshape(-1))
        adam.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(parameters, 1.0)
        adam.step()
        times.append((time.process_time() - start) * 1e3)
    return statistics.median(times[2:])


blas = "MKL" if torch.backends.mkl.is_available() else "OpenBLAS or another BLAS of the system"
print(f"PyTorch {torch.__version__} with {blas}, 1 thread", flush=True)
for line in sys.stdin:
    cell, *numbers, precision = line.split()
    before = resident()[0]
    print(milliseconds(cell, *map(int, numbers), precision), resident()[1] - before, flush=True)
