"""The peer of the lanes benchmark on a GPU: trials in PyTorch with cuDNN, one after another. Embedding, recurrent layer, output
layer, cross-entropy, clipping, Adam, with the hidden state carried over. Prints the milliseconds of an update with TF32 off
(the bar) and on, and the trials that are done in the time of one: python3 pytorch_gpu.py [cell] [batch,steps,hidden] [updates]
"""
import statistics
import sys
import time

import torch

CLASSES = 65
ROUNDS = 5


def milliseconds(cell, batch, steps, hidden, updates):
    torch.manual_seed(0)
    device = torch.device("cuda")
    embedding = torch.nn.Embedding(CLASSES, hidden)
    layer = {"rnn": torch.nn.RNN, "lstm": torch.nn.LSTM, "gru": torch.nn.GRU}[cell](hidden, hidden)
    output = torch.nn.Linear(hidden, CLASSES)
    modules = [module.to(device) for module in (embedding, layer, output)]
    parameters = [p for module in modules for p in module.parameters()]
    adam = torch.optim.Adam(parameters, 1e-3)
    x, y = torch.randint(0, CLASSES, (2, steps, batch), device=device)
    state, times = None, []
    for _ in range(ROUNDS + 1):
        torch.cuda.synchronize()
        start = time.perf_counter()
        for _ in range(updates):
            outputs, state = layer(embedding(x), state)
            state = tuple(s.detach() for s in state) if cell == "lstm" else state.detach()
            loss = torch.nn.functional.cross_entropy(output(outputs).reshape(-1, CLASSES), y.reshape(-1))
            adam.zero_grad()
            loss.backward()
            torch.nn.utils.clip_grad_norm_(parameters, 1.0)
            adam.step()
        torch.cuda.synchronize()
        times.append((time.perf_counter() - start) * 1e3 / updates)
    return statistics.median(times[1:])


if not torch.cuda.is_available():
    sys.exit("PyTorch finds no CUDA")
wanted = sys.argv[1:]
cell = wanted[0] if wanted else "lstm"
sizes = [tuple(map(int, wanted[1].split(",")))] if len(wanted) > 1 else [(32, 64, 128), (32, 64, 256), (32, 64, 512)]
updates = int(wanted[2]) if len(wanted) > 2 else 50
print(f"PyTorch {torch.__version__}, cuDNN {torch.backends.cudnn.version()}, {torch.cuda.get_device_name()}")
for size in sizes:
    for tf32 in (False, True):
        torch.backends.cuda.matmul.allow_tf32 = tf32
        torch.backends.cudnn.allow_tf32 = tf32
        took = milliseconds(cell, *size, updates)
        name = f"{cell}, batch {size[0]}, {size[1]} steps, hidden {size[2]}, TF32 {'on' if tf32 else 'off'}"
        print(f"{name}: {took:.3f} ms an update, {1e3 / took:.1f} updates of one trial after another a second", flush=True)
