"""Makes the reference tables beside this file with PyTorch in float64.

usage: python3 generate.py        (needs torch; the tables in the repository came from PyTorch 1.13)

The formats are described in README.md. Numbers are rounded to 7 significant digits.
"""
import json
import math
import pathlib

import torch

torch.set_default_dtype(torch.float64)
torch.set_num_threads(1)
FOLDER = pathlib.Path(__file__).parent
MODULES = {'rnn': torch.nn.RNN, 'lstm': torch.nn.LSTM, 'gru': torch.nn.GRU}


def rounded(value):
    """A tensor or number as nested lists of numbers with 7 significant digits; None stays None."""
    if value is None:
        return None
    if isinstance(value, torch.Tensor):
        return rounded(value.detach().tolist())
    return [rounded(each) for each in value] if isinstance(value, list) else float(f'{value:.7g}')


def recurrent(cell, nonlinearity, inputs, hidden, layers=1, bidirectional=False):
    extra = {'nonlinearity': nonlinearity or 'tanh'} if cell == 'rnn' else {}
    return MODULES[cell](inputs, hidden, layers, batch_first=True, bidirectional=bidirectional, **extra)


def layer_case(seed, cell, nonlinearity=None, batch=2, steps=4, inputs=3, hidden=5, layers=1, bidirectional=False, lengths=None):
    torch.manual_seed(seed)
    module = recurrent(cell, nonlinearity, inputs, hidden, layers, bidirectional)
    directions = 2 if bidirectional else 1
    x = torch.randn(batch, steps, inputs, requires_grad=True)
    starts = [torch.randn(layers * directions, batch, hidden, requires_grad=True) for _ in range(2 if cell == 'lstm' else 1)]
    state = tuple(starts) if cell == 'lstm' else starts[0]
    if lengths:
        packed = torch.nn.utils.rnn.pack_padded_sequence(x, lengths, batch_first=True, enforce_sorted=False)
        outputs, ends = module(packed, state)
        outputs, _ = torch.nn.utils.rnn.pad_packed_sequence(outputs, batch_first=True, total_length=steps)
    else:
        outputs, ends = module(x, state)
    ends = list(ends) if cell == 'lstm' else [ends]
    weights = [torch.randn_like(each) for each in [outputs, *ends]]
    loss = sum((each * weight).sum() for each, weight in zip([outputs, *ends], weights))
    parameters = dict(module.named_parameters())
    gradients = torch.autograd.grad(loss, [x, *starts, *parameters.values()])
    second = lambda values: rounded(values[1]) if len(values) > 1 else None
    what = [cell, nonlinearity or '', f'hidden {hidden}', f'{layers} layers' if layers > 1 else '',
            'bidirectional' if bidirectional else '', 'padded' if lengths else '', f'batch {batch}', f'steps {steps}']
    return {
        'name': ', '.join(each for each in what if each),
        'cell': cell, 'nonlinearity': nonlinearity, 'batch': batch, 'steps': steps, 'inputs': inputs, 'hidden': hidden,
        'layers': layers, 'bidirectional': bidirectional, 'lengths': lengths,
        'parameters': {name: rounded(value) for name, value in parameters.items()},
        'x': rounded(x), 'h0': rounded(starts[0]), 'c0': second(starts),
        'outputs': rounded(outputs), 'hT': rounded(ends[0]), 'cT': second(ends),
        'lossWeights': {'outputs': rounded(weights[0]), 'hT': rounded(weights[1]), 'cT': second(weights[1:])},
        'loss': rounded(loss.item()),
        'gradients': {
            'x': rounded(gradients[0]), 'h0': rounded(gradients[1]),
            'c0': rounded(gradients[2]) if cell == 'lstm' else None,
            'parameters': {name: rounded(value) for name, value in zip(parameters, gradients[1 + len(starts):])},
        },
    }


def normalisation_case(seed, batch, steps, columns, lengths):
    """torch.nn.BatchNorm1d over the rows that count, one update of the running statistics, then evaluation with them."""
    torch.manual_seed(seed)
    module = torch.nn.BatchNorm1d(columns)
    with torch.no_grad():
        for value in [module.weight, module.bias, module.running_mean]:
            value.copy_(torch.randn(columns))
        module.running_var.copy_(torch.rand(columns) + 0.5)
    before = {name: rounded(value) for name, value in module.state_dict().items() if name != 'num_batches_tracked'}
    x = (2 * torch.randn(batch, steps, columns) + 1).requires_grad_()
    counts = torch.tensor([[step < length for step in range(steps)] for length in lengths])
    outputs = module(x[counts])
    weights = torch.randn_like(x)
    gradients = torch.autograd.grad((outputs * weights[counts]).sum(), [x, module.weight, module.bias])
    module.eval()
    return {
        'lengths': lengths, 'columns': columns, 'x': rounded(x), 'before': before, 'lossWeights': rounded(weights),
        'outputs': rounded(outputs), 'gradients': {name: rounded(value) for name, value in zip(['x', 'weight', 'bias'], gradients)},
        'runningMean': rounded(module.running_mean), 'runningVar': rounded(module.running_var),
        'evaluated': rounded(module(x[counts])),
    }


class Model(torch.nn.Module):
    def __init__(self, cell, nonlinearity, classes, embedding, hidden, layers):
        super().__init__()
        self.embedding = torch.nn.Embedding(classes, embedding)
        self.recurrent = recurrent(cell, nonlinearity, embedding, hidden, layers)
        self.output = torch.nn.Linear(hidden, classes)

    def forward(self, ids, state):
        outputs, state = self.recurrent(self.embedding(ids), state)
        return self.output(outputs), state


def detached(state):
    return tuple(each.detach() for each in state) if isinstance(state, tuple) else state.detach()


def trace(seed, cell, optimizer, options, name='', nonlinearity=None, layers=1, stateful=True, clip=1.0, batch=2,
          window=5, k1=None, k2=None, steps=40, updates=8, classes=6, embedding=3, hidden=5):
    """TBPTT(k1, k2): the window [t - k2, t) from the state saved at t - k2, loss on its last k1 steps. The last window of a
    pass is as short as what is left; the next pass starts at the beginning, from zeros."""
    torch.manual_seed(seed)
    k1, k2 = k1 or window, k2 or window
    model = Model(cell, nonlinearity, classes, embedding, hidden, layers)
    initial = {key: rounded(value) for key, value in model.state_dict().items()}
    ids = torch.randint(0, classes, (batch, steps + 1))
    rule = getattr(torch.optim, optimizer)(model.parameters(), **options)
    passes = math.ceil(steps / k1)
    losses, norms = [], []
    for update in range(updates):
        index = update % passes
        if index == 0:
            saved = {0: None}
        end = min((index + 1) * k1, steps)
        begin = max(0, (index + 1) * k1 - k2)
        logits, state = model(ids[:, begin:end], saved[begin] if stateful else None)
        saved[(index + 1) * k1] = detached(state)
        scored = end - index * k1
        loss = torch.nn.functional.cross_entropy(
            logits[:, -scored:].reshape(-1, classes), ids[:, end - scored + 1:end + 1].reshape(-1))
        rule.zero_grad()
        loss.backward()
        norm = torch.nn.utils.clip_grad_norm_(model.parameters(), clip if clip else math.inf)
        rule.step()
        losses.append(loss.item())
        norms.append(norm.item())
    result = {
        'name': f'{cell} {name}', 'cell': cell, 'nonlinearity': nonlinearity, 'layers': layers, 'optimizer': optimizer,
        'options': options, 'stateful': stateful, 'clipNorm': clip, 'batch': batch, 'window': k1, 'k1': k1, 'k2': k2,
        'classes': classes, 'embedding': embedding, 'hidden': hidden, 'ids': ids.tolist(), 'initial': initial,
        'final': {key: rounded(value) for key, value in model.state_dict().items()},
        'losses': rounded(losses), 'gradientNorms': rounded(norms),
    }
    return result


def main():
    cases, runs = [], []
    kinds = [('rnn', None), ('rnn', 'relu'), ('lstm', None), ('gru', None)]
    for number, (cell, nonlinearity) in enumerate(kinds):
        case = lambda seed, **options: cases.append(layer_case(100 * number + seed, cell, nonlinearity, **options))
        case(1, batch=1, steps=1)
        case(2, batch=1, steps=7, hidden=13, inputs=2)
        case(3, layers=3, hidden=3)
        case(4, bidirectional=True, batch=3)
        case(5, layers=2, bidirectional=True, batch=4, steps=5, hidden=3, lengths=[2, 5, 1, 4])
        case(6, layers=2, batch=3, steps=4, hidden=4, lengths=[1, 4, 2])
        run = lambda seed, optimizer, options, name, **rest: runs.append(
            trace(100 * number + seed, cell, optimizer, options, name=f'{nonlinearity or ""} {name}'.strip(), nonlinearity=nonlinearity, **rest))
        run(21, 'Adam', {'lr': 0.03, 'betas': [0.8, 0.95], 'eps': 1e-3, 'weight_decay': 0.1}, 'adam, coupled decay, two layers', layers=2)
        run(22, 'AdamW', {'lr': 0.03}, 'adamw, k1 2 k2 4', k1=2, k2=4)
        run(23, 'Adam', {'lr': 0.03}, 'adam, k1 2 k2 6, stateless', k1=2, k2=6, stateful=False, clip=None)
        run(24, 'SGD', {'lr': 0.2, 'momentum': 0.8, 'nesterov': True, 'weight_decay': 0.02}, 'nesterov, coupled decay')
        run(25, 'Adagrad', {'lr': 0.1, 'weight_decay': 0.02}, 'adagrad, coupled decay, clipped hard', clip=0.1)
        run(26, 'RMSprop', {'lr': 0.01, 'alpha': 0.9, 'eps': 1e-4, 'momentum': 0.7, 'weight_decay': 0.02}, 'rmsprop, momentum')
        run(27, 'SGD', {'lr': 0.3}, 'sgd, short last window, two passes', steps=13, updates=7, batch=3)
        run(28, 'SGD', {'lr': 0.3}, 'sgd, k1 3 k2 6, short last window, two passes', steps=13, updates=12, k1=3, k2=6, batch=3)
    source = f'PyTorch {torch.__version__}, float64, generate.py'
    normalisations = [normalisation_case(1, 3, 4, 5, [4, 2, 3]), normalisation_case(2, 2, 3, 2, [3, 3])]
    for name, table in [('recurrent-layers', {'cases': cases}), ('training-traces', {'runs': runs}),
                        ('batch-normalisation', {'cases': normalisations})]:
        text = json.dumps({'source': source, **table}, separators=(',', ':'))
        (FOLDER / f'{name}.json').write_text(text + '\n')
        print(name, len(text))


if __name__ == '__main__':
    main()
