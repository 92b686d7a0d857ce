#!/usr/bin/env bash
# Flax 0.12.8 (PyPI) and Keras 3.15.1: orthogonal recurrent weights of an LSTM.
# Both say that recurrent weights begin orthogonal. With flax.linen's two LSTM cells and nnx.LSTMCell each gate's matrix is: its singular values
# are all 1, and a state keeps its length. nnx.OptimizedLSTMCell computes the same function and takes the same initialiser, but draws the four
# gates as one (64, 256) matrix with orthonormal rows; the matrix of each gate, the one that a state meets at each step, then has singular
# values from about 0 to 0.86. keras.layers.LSTM does likewise. So the "optimized" cell is not a faster twin: it begins from another
# distribution, and so does a network that is ported between these libraries with the same word for its initialiser.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/env"
"$folder/env/bin/pip" install --quiet --no-compile flax==0.12.8 jax==0.10.2 keras==3.15.1
cat > "$folder/gates.py" <<'PY'
import jax
import keras
import numpy as np
from flax import linen, nnx

units, width = 64, 8


def spectrum(matrix):
    values = np.linalg.svd(np.asarray(matrix), compute_uv=False)
    return float(values.min()), float(values.max())


def linen_gates(kind):
    cell = kind(units)
    carry = cell.initialize_carry(jax.random.key(0), (1, width))
    weights = cell.init(jax.random.key(1), carry, np.zeros((1, width), np.float32))["params"]
    return [weights["h" + gate]["kernel"] for gate in "ifgo"]


apart = nnx.LSTMCell(width, units, rngs=nnx.Rngs(0))
whole = nnx.OptimizedLSTMCell(width, units, rngs=nnx.Rngs(0)).dense_h.kernel[...]
layer = keras.layers.LSTM(units)
layer.build((1, 1, width))
of_keras = np.asarray(layer.get_weights()[1])
gates = {
    "linen.LSTMCell": linen_gates(linen.LSTMCell),
    "linen.OptimizedLSTMCell": linen_gates(linen.OptimizedLSTMCell),
    "nnx.LSTMCell": [getattr(apart, "h" + gate).kernel[...] for gate in "ifgo"],
    "nnx.OptimizedLSTMCell": np.split(np.asarray(whole), 4, axis=1),
    "keras.layers.LSTM": np.split(of_keras, 4, axis=1),
}
assert all(np.allclose(spectrum(matrix), 1, atol=1e-4) for matrix in (whole, of_keras))
for name, matrices in gates.items():
    spectra = [spectrum(matrix) for matrix in matrices]
    print(f"{name}: " + ", ".join(f"{low:.2f} to {high:.2f}" for low, high in spectra))
    if name in ("nnx.OptimizedLSTMCell", "keras.layers.LSTM"):
        assert all(low < 0.1 and 0.7 < high < 0.95 for low, high in spectra)
    else:
        assert all(abs(value - 1) < 1e-4 for pair in spectra for value in pair)
PY
KERAS_BACKEND=jax "$folder/env/bin/python" "$folder/gates.py"
