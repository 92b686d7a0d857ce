#!/usr/bin/env bash
# onnxruntime 1.32.0 (PyPI), quantize_dynamic, an LSTM of 32 units.
# Dynamic quantisation is said to cost a little precision. What it costs a sequence depends on the sequences that happen to be in its batch:
# DynamicQuantizeLSTM scales activations over the batch, not by row, so a companion with values 20 times as large leaves the others few of
# the 256 levels. The same sequence then gets another answer, with about ten times the error that it has alone; in float32 its answer stays
# within rounding. Where requests are batched, an answer thus depends on what came at the same time. Rows that are quantised each by its
# own scale do not do so. GRU and RNN are left in float32 by the same call, without a word.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/env"
"$folder/env/bin/pip" install --quiet --no-compile onnx==1.23.2 onnxruntime==1.32.0 numpy==2.2.6
cat > "$folder/companions.py" <<'PY'
import logging
import sys

import numpy as np
import onnx
import onnxruntime
from onnx import TensorProto, helper
from onnxruntime.quantization import quantize_dynamic

logging.disable(logging.WARNING)
steps, width, hidden = 20, 8, 32
bound = hidden**-0.5
rng = np.random.default_rng(0)


def layer(operator, gates):
    """A layer with PyTorch's initial weights, whose answer is its last state."""
    shapes = {"W": (1, gates * hidden, width), "R": (1, gates * hidden, hidden), "B": (1, 2 * gates * hidden)}
    weights = {name: rng.uniform(-bound, bound, shape).astype(np.float32) for name, shape in shapes.items()}
    graph = helper.make_graph(
        [helper.make_node(operator, ["x", *weights], ["", "h"], hidden_size=hidden)],
        "one_layer",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, [steps, "batch", width])],
        [helper.make_tensor_value_info("h", TensorProto.FLOAT, [1, "batch", hidden])],
        [onnx.numpy_helper.from_array(values, name) for name, values in weights.items()],
    )
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 21)], ir_version=10)


folder = sys.argv[1]
kinds = {}
for operator, gates in {"RNN": 1, "GRU": 3, "LSTM": 4}.items():
    onnx.save(layer(operator, gates), f"{folder}/float32.onnx")
    quantize_dynamic(f"{folder}/float32.onnx", f"{folder}/int8.onnx")
    kinds[operator] = [node.op_type for node in onnx.load(f"{folder}/int8.onnx").graph.node]
    print(f"{operator} becomes {', '.join(kinds[operator])}")
assert kinds == {"RNN": ["RNN"], "GRU": ["GRU"], "LSTM": ["DynamicQuantizeLSTM"]}

one, large = (scale * rng.normal(size=(steps, 1, width)).astype(np.float32) for scale in (1, 20))
answers = {}
for kind in ("float32", "int8"):
    session = onnxruntime.InferenceSession(f"{folder}/{kind}.onnx")
    for company, x in {"alone": one, "with another": np.concatenate([one, large], axis=1)}.items():
        answers[kind, company] = session.run(None, {"x": x})[0][0, 0]
truth = answers["float32", "alone"]
errors = {key: np.abs(answer - truth).max() for key, answer in answers.items()}
for (kind, company), error in errors.items():
    print(f"LSTM, {kind}, {company}: off by at most {error:.4f}")
assert errors["float32", "with another"] < 1e-6
assert errors["int8", "alone"] < 0.005 < 5 * errors["int8", "alone"] < errors["int8", "with another"]
PY
"$folder/env/bin/python" "$folder/companions.py" "$folder"
