#!/usr/bin/env bash
# GluonTS 0.17.0 (PyPI) with PyTorch 2.15.0.
# DeepAR lowers its learning rate by ReduceLROnPlateau with PyTorch's defaults: a loss is better where it is below best * (1 - 1e-4). Its
# loss is a negative log-likelihood, a density's, so its sign depends on the unit of the series: dividing them by 1,000 takes ln(1000) from
# each loss and changes nothing else. Below zero, best * (1 - 1e-4) lies above best: a loss that stays where it is, or worsens by less than
# a ten-thousandth from epoch to epoch, counts as better each time, and the worse value becomes the best. Patience never runs out. In MW the
# learning rate of a run stays at 1e-3, whose twin in kW, with the same curve 6.9 higher, goes down to 1.6e-05.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/env"
"$folder/env/bin/pip" install --quiet --no-compile "gluonts[torch]==0.17.0" torch==2.15.0
cat > "$folder/plateau.py" <<'PY'
import logging
import math
import warnings

logging.disable(logging.WARNING)
warnings.filterwarnings("ignore")
from gluonts.torch.model.deepar.lightning_module import DeepARLightningModule
from lightning.pytorch import Trainer


def trained(shift):
    """The learning rate after 100 epochs whose loss falls for 30 and then creeps upwards, and how far the scheduler's best is above the least."""
    module = DeepARLightningModule({"freq": "h", "context_length": 24, "prediction_length": 24}, lr=1e-3, patience=10)
    module.trainer = Trainer(accelerator="cpu", logger=False, enable_checkpointing=False)
    settings = module.configure_optimizers()
    scheduler = settings["lr_scheduler"]["scheduler"]
    losses = [shift + (5 + 2 * math.exp(-epoch / 5) if epoch < 30 else 5.005 + 0.0001 * (epoch - 30)) for epoch in range(100)]
    for loss in losses:
        scheduler.step(loss)
    return settings["optimizer"].param_groups[0]["lr"], scheduler.best - min(losses)


kilowatts, megawatts = trained(0), trained(-math.log(1000))
for name, (rate, above) in {"kW": kilowatts, "MW": megawatts}.items():
    print(f"{name}: learning rate {rate:.1e} after 100 epochs, its best is {above:.4f} above the least loss")
assert kilowatts[0] < 2e-5 and kilowatts[1] < 1e-9
assert megawatts[0] == 1e-3 and megawatts[1] > 0.006
PY
"$folder/env/bin/python" "$folder/plateau.py"
