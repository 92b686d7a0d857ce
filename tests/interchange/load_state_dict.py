"""Loads exported weights into the module that the export printed (network.py), strictly, and compares its classes with ours."""

import json
import sys

import torch
from safetensors import safe_open
from safetensors.torch import load_file

sys.path.insert(0, ".")
from network import Network

given = json.load(sys.stdin)
network = Network()
network.load_state_dict(load_file(given["exported"]), strict=True)
with safe_open(given["own"], "pt") as file:
    reading = json.loads(file.metadata()["unroll"])["reading"]
worst = 0.0
for text, answer in zip(given["texts"], given["answers"], strict=True):
    ids = torch.tensor([[reading["inputVocabulary"].index(letter) for letter in text]])
    with torch.no_grad():
        _, states = network.recurrent(network.embedding(ids))
        state = states[0] if isinstance(states, tuple) else states  # [layers · directions, batch, hidden]
        directions = 2 if network.recurrent.bidirectional else 1
        top = torch.cat(list(state[-directions:]), dim=1)
        probabilities = network.output(top).softmax(1)[0]
    best = int(probabilities.argmax())
    assert reading["targetVocabulary"][best] == answer["class"], (text, answer)
    difference = abs(float(probabilities[best]) - answer["probability"])
    assert difference == difference, (text, answer, probabilities)
    worst = max(worst, difference)
print(json.dumps({"difference": worst, "torch": torch.__version__.split("+")[0]}))
