#!/usr/bin/env bash
# onnx 1.23.2 (PyPI), onnx.reference.ReferenceEvaluator, beside onnxruntime 1.32.0.
# The reference evaluator is there to say what an operator means. For RNN, GRU and LSTM it takes `sequence_lens`, and does not use it: a
# sequence of 2 steps in a batch padded to 4 gets the state after 4 steps, and outputs where the operator says zeros. Likewise it takes, and
# does not use, `clip` of all three, `activations` of GRU and LSTM, and `input_forget` of LSTM. No error, no warning; the checker accepts
# each model, and onnxruntime does as the operator says. So an exporter whose recurrent layers are tested against the reference evaluator
# alone passes with wrong lengths, and fails with right ones.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/env"
"$folder/env/bin/pip" install --quiet --no-compile onnx==1.23.2 onnxruntime==1.32.0 numpy==2.2.6
cat > "$folder/compare.py" <<'PY'
import numpy as np
import onnx
import onnxruntime
from onnx import TensorProto, helper
from onnx.reference import ReferenceEvaluator

gates = {"RNN": 1, "GRU": 3, "LSTM": 4}
steps, width, hidden = 4, 3, 5
rng = np.random.default_rng(0)


def uniform(*shape):
    return rng.uniform(-1, 1, shape).astype(np.float32)


def model(operator, weights, lengths=None, **attributes):
    named = dict(zip("WRB", weights), **({} if lengths is None else {"lengths": np.array(lengths, np.int32)}))
    node = helper.make_node(operator, ["x", *named], ["y", "h"], hidden_size=hidden, **attributes)
    graph = helper.make_graph(
        [node],
        "one_layer",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, ["steps", "batch", width])],
        [
            helper.make_tensor_value_info("y", TensorProto.FLOAT, ["steps", 1, "batch", hidden]),
            helper.make_tensor_value_info("h", TensorProto.FLOAT, [1, "batch", hidden]),
        ],
        [onnx.numpy_helper.from_array(values, name) for name, values in named.items()],
    )
    made = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 21)], ir_version=10)
    onnx.checker.check_model(made)
    return made


def state(side, made, x):
    if side == "reference":
        return ReferenceEvaluator(made).run(None, {"x": x})[1]
    return onnxruntime.InferenceSession(made.SerializeToString()).run(None, {"x": x})[1]


for operator, count in gates.items():
    weights = uniform(1, count * hidden, width), uniform(1, count * hidden, hidden), uniform(1, 2 * count * hidden)
    x = uniform(steps, 2, width)
    plain = model(operator, weights)
    variants = {"sequence_lens": {"lengths": [4, 2]}, "clip": {"clip": 0.1}}
    if operator != "RNN":
        variants["activations"] = {"activations": ["Sigmoid", "Relu", "Relu"][: 3 if operator == "LSTM" else 2]}
    if operator == "LSTM":
        variants["input_forget"] = {"input_forget": 1}
    short = {side: state(side, plain, x[:2, 1:]) for side in ("reference", "onnxruntime")}
    assert np.allclose(state("reference", plain, x), state("onnxruntime", plain, x), atol=1e-6)
    for name, options in variants.items():
        made = model(operator, weights, **options)
        found = {side: state(side, made, x) for side in ("reference", "onnxruntime")}
        same = {side: np.allclose(found[side], state(side, plain, x), atol=1e-6) for side in found}
        print(f"{operator} {name}: changes the state in " + ", ".join(side for side in found if not same[side]))
        assert same["reference"] and not same["onnxruntime"]
        if name == "sequence_lens":
            error = {side: np.abs(found[side][:, 1:] - short[side]).max() for side in found}
            print("  from the short sequence alone: " + ", ".join(f"{side} {error[side]:.1g}" for side in found))
            assert error["onnxruntime"] < 1e-6 < 1e-2 < error["reference"]
PY
"$folder/env/bin/python" "$folder/compare.py"
