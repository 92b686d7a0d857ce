"""Exports recurrent layers by torch.onnx and Keras, each beside its weights in a file that is read without ONNX.

Argument: a folder. Prints {"torch", "keras", "onnx", "models": [{"onnx", "weights", "refused"?}]} as JSON.
"""
import json
import os
import sys
import warnings
from pathlib import Path

os.environ["KERAS_BACKEND"] = "torch"
warnings.filterwarnings("ignore")
import keras
import onnx
import torch
from torch import nn

folder = Path(sys.argv[1])
torch.manual_seed(3)
models = []


class Outputs(nn.Module):
    """The outputs of a recurrent module, without its states."""

    def __init__(self, layers):
        super().__init__()
        self.layers = layers

    def forward(self, x):
        return self.layers(x)[0]


def add(name, layers, dynamic=False, dynamo=True, **expected):
    module = Outputs(layers).eval()
    torch.save(module.state_dict(), folder / f"{name}.pt")
    shapes = {"x": {0: torch.export.Dim("batch", min=2), 1: torch.export.Dim.AUTO}} if dynamic else None
    how = {"dynamic_shapes": shapes} if dynamo else {"input_names": ["x"], "dynamic_axes": {"x": {0: "batch", 1: "time"}}}
    file = folder / f"{name}.onnx"
    torch.onnx.export(module, (torch.zeros(2, 5, 3),), str(file), dynamo=dynamo, verbose=False, **how)
    models.append({"onnx": f"{name}.onnx", "weights": f"{name}.pt", **expected})


add("lstm", nn.LSTM(3, 4, num_layers=2, bidirectional=True, batch_first=True))
add("lstm-dynamic", nn.LSTM(3, 4, num_layers=2, batch_first=True), dynamic=True)
add("gru", nn.GRU(3, 4, num_layers=3, batch_first=True))
add("gru-two-way", nn.GRU(3, 4, bidirectional=True, batch_first=True), dynamic=True)
add("gru-unbiased", nn.GRU(3, 4, bias=False, batch_first=True))
add("rnn", nn.RNN(3, 4, batch_first=True), refused="unrolled into single operations")
# The older exporter, by TorchScript, writes nn.RNN as one node a layer.
add("script-rnn", nn.RNN(3, 4, batch_first=True), dynamo=False)
two_way = {"num_layers": 2, "bidirectional": True, "batch_first": True}
add("script-rnn-relu", nn.RNN(3, 4, nonlinearity="relu", **two_way), dynamo=False)
add("script-gru", nn.GRU(3, 4, **two_way), dynamo=False)
add("script-lstm", nn.LSTM(3, 4, **two_way), dynamo=False)

inputs = keras.Input((5, 3))
network = keras.Model(inputs, keras.layers.GRU(4, return_sequences=True)(inputs))
network(torch.zeros(2, 5, 3))  # Keras exports what was called
network.export(str(folder / "keras.onnx"), format="onnx", verbose=False)
network.save(folder / "keras.keras")
models.append({"onnx": "keras.onnx", "weights": "keras.keras", "refused": "unrolled into single operations"})

versions = {"torch": torch.__version__.split("+")[0], "keras": keras.__version__, "onnx": onnx.__version__}
print(json.dumps({**versions, "models": models}))
