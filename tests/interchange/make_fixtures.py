"""Writes fixtures/: small recurrent layers of PyTorch and Keras, and what those libraries compute with them.

Run it with Python, PyTorch 2.15.0, safetensors, Keras 3.15.1 and h5py (node tests/interchange/run.mjs makes such an environment).
"""

import json
import os
import sys
from pathlib import Path

os.environ["KERAS_BACKEND"] = "torch"
import keras
import numpy as np
import torch
from safetensors.torch import save_file
from torch import nn

folder = Path(sys.argv[1] if len(sys.argv) > 1 else Path(__file__).parent / "fixtures")
folder.mkdir(exist_ok=True)
steps, inputs = 5, 3
x = np.random.default_rng(0).normal(size=(2, steps, inputs)).astype("float32")
expected = {}


class Tagger(nn.Module):
    """A module with recurrent layers, as people write it."""

    def __init__(self, recurrent):
        super().__init__()
        self.encoder = recurrent
        self.fc = nn.Linear(2, 2)


def outputs(layers):
    with torch.no_grad():
        return layers(torch.from_numpy(x))[0]


def keep(name, values):
    expected[name] = {"shape": list(values.shape), "values": [float(v) for v in np.asarray(values).ravel()]}


torch.manual_seed(1)
lstm = nn.LSTM(inputs, 4, num_layers=2, bidirectional=True, batch_first=True)
keep("lstm.pt", outputs(lstm))
torch.save({"epoch": 3, "state_dict": Tagger(lstm).state_dict(), "optimizer": {"lr": 0.1, "betas": (0.9, 0.999)}}, folder / "lstm.pt")
save_file(Tagger(lstm).state_dict(), folder / "lstm.safetensors")

gru = nn.GRU(inputs, 4, bias=False, batch_first=True)
keep("gru.pt", outputs(gru))
torch.save(gru.state_dict(), folder / "gru.pt")

# Half precision, as views of one storage, the recurrent matrix transposed in memory.
rnn = nn.RNN(inputs, 4, batch_first=True)
state = {name: value.to(torch.bfloat16) for name, value in rnn.state_dict().items()}
rnn.load_state_dict({name: value.float() for name, value in state.items()})
keep("rnn.pt", outputs(rnn))
storage = torch.cat([torch.full((7,), 9, dtype=torch.bfloat16), state["weight_ih_l0"].ravel(), state["weight_hh_l0"].T.contiguous().ravel()])
state["weight_ih_l0"] = storage[7:19].view(4, 3)
state["weight_hh_l0"] = storage[19:35].view(4, 4).T
torch.save(state, folder / "rnn.pt")

torch.save(nn.LSTM(inputs, 4), folder / "module.pt")
torch.save(nn.LSTM(inputs, 4, proj_size=2).state_dict(), folder / "projected.pt")
two = nn.ModuleDict({"low": nn.GRU(inputs, 4, batch_first=True), "high": nn.GRU(4, 5, batch_first=True)})
keep("two.pt", outputs(lambda each: two["high"](two["low"](each)[0])))
torch.save(two.state_dict(), folder / "two.pt")

# The imaginary part of a conjugate is a view of which torch.save notes that its values are negated.
torch.manual_seed(77)
negated = nn.RNN(inputs, 4, batch_first=True)
keep("negated.pt", outputs(negated))
state = negated.state_dict()
state["weight_hh_l0"] = torch.complex(torch.zeros(4, 4), -state["weight_hh_l0"]).conj().imag
torch.save(state, folder / "negated.pt")

layers = keras.layers
keras.utils.set_random_seed(2)


def saved(name, stack, formats=("keras",)):
    model = keras.Sequential([keras.Input((steps, inputs)), *stack])
    # Biases begin at 0: others show whether they are read.
    model.set_weights([w + 0.1 * np.random.default_rng(i).normal(size=w.shape) for i, w in enumerate(model.get_weights())])
    keep(f"{name}.keras", model(x).detach() if hasattr(model(x), "detach") else model(x))
    for ending in formats:
        model.save(folder / f"{name}.{ending}")


saved("keras-lstm", [layers.LSTM(4, return_sequences=True, name="low"), layers.Dropout(0.1), layers.LSTM(5, return_sequences=True)], ("keras", "h5"))
saved("keras-gru", [layers.Bidirectional(layers.GRU(4, return_sequences=True))], ("keras", "h5"))
saved("keras-rnn", [layers.SimpleRNN(4, activation="relu", return_sequences=True, use_bias=False)])
saved("keras-old-gru", [layers.GRU(4, reset_after=False, return_sequences=True)])
saved("keras-sum", [layers.Bidirectional(layers.LSTM(4, return_sequences=True), merge_mode="sum")])
saved("keras-hard", [layers.LSTM(4, recurrent_activation="hard_sigmoid", return_sequences=True)])
saved("keras-dense", [layers.LSTM(4, return_sequences=True), layers.Dense(3), layers.LSTM(4, return_sequences=True)])

versions = {"torch": torch.__version__.split("+")[0], "keras": keras.__version__, "numpy": np.__version__}
answers = {"made with": versions, "input": {"shape": list(x.shape), "values": [float(v) for v in x.ravel()]}, "outputs": expected}
(folder / "expected.json").write_text(json.dumps(answers) + "\n")
