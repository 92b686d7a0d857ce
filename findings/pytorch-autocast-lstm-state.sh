#!/usr/bin/env bash
# PyTorch 2.15.0 (PyPI), torch.autocast('cpu', dtype=torch.bfloat16).
# Autocast is said to run the products in bfloat16 and to keep what needs the range or precision of float32. nn.LSTM keeps its states h and
# c in bfloat16 too, from step to step and from window to window, and a number there has eight significant bits. An LSTM whose
# gates are open, so that c grows by 1 at each step, comes to 256 and stays there: 256 + 1 is 256. nn.LSTMCell with the same weights, called in a
# loop under the same autocast, comes to 400 in 400 steps, since the elementwise operations of its state are done in float32.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/env"
"$folder/env/bin/pip" install --quiet torch==2.15.0 numpy==2.2.6
cat > "$folder/count.py" <<'PY'
import torch

steps = 400


def opened(module, suffix):
    """Gates i, f, o near 1 and a candidate near 1, whatever comes in: c grows by 1 at each step."""
    for name, values in module.named_parameters():
        torch.nn.init.zeros_(values)
    torch.nn.init.constant_(getattr(module, "bias_ih" + suffix), 30.0)
    return module


with torch.no_grad():
    layer, cell = opened(torch.nn.LSTM(1, 1), "_l0"), opened(torch.nn.LSTMCell(1, 1), "")
    inputs = torch.zeros(steps, 1, 1)
    whole = layer(inputs)[1][1]
    with torch.autocast("cpu", dtype=torch.bfloat16):
        cast = layer(inputs)[1][1]
        states = layer(inputs[:200])[1]
        windows = layer(inputs[200:], states)[1][1]
        pair = None
        for each in inputs:
            pair = cell(each, pair)
        gru = torch.nn.GRU(1, 1)(inputs)[1]
counts = {"float32": whole, "autocast": cast, "autocast, two windows": windows, "autocast, LSTMCell": pair[1]}
for name, state in counts.items():
    print(f"{name}: c = {state.item():.0f} after {steps} steps, {state.dtype}")
print(f"autocast, GRU: {gru.dtype}")
assert round(whole.item()) == steps and round(pair[1].item()) == steps
assert cast.item() == windows.item() == 256 and cast.dtype == torch.bfloat16
assert gru.dtype == torch.float32
PY
"$folder/env/bin/python" "$folder/count.py"
