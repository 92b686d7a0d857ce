"""The peer of forecasting.bench.mjs: DeepAR of GluonTS in PyTorch on one thread, with its data pipeline. Argument: a CSV file with the
columns series, time and value. Its first line says what it is. Reads lines with a number of updates, and answers each with the median CPU
milliseconds of an update.
"""
import logging
import statistics
import sys
import tempfile
import time
import warnings

import gluonts
import lightning.pytorch as lightning
import pandas
import torch
from gluonts.dataset.pandas import PandasDataset
from gluonts.torch import DeepAREstimator

warnings.filterwarnings("ignore")
logging.getLogger("lightning.pytorch").setLevel(logging.ERROR)
torch.set_num_threads(1)


class Laps(lightning.Callback):
    """CPU milliseconds from the end of an update to that of the next."""

    def __init__(self):
        self.ends = []

    def on_train_batch_end(self, *_):
        self.ends.append(time.process_time())

    def median(self):
        laps = [1e3 * (after - before) for before, after in zip(self.ends, self.ends[1:])]
        return statistics.median(laps[len(laps) // 10 :])


data = PandasDataset.from_long_dataframe(
    pandas.read_csv(sys.argv[1], parse_dates=["time"]), item_id="series", timestamp="time", target="value", freq="h"
)
print(f"GluonTS {gluonts.__version__} on PyTorch {torch.__version__}, 1 thread", flush=True)
for line in sys.stdin:
    laps = Laps()
    # GluonTS writes checkpoints there.
    with tempfile.TemporaryDirectory() as folder:
        estimator = DeepAREstimator(
            freq="h",
            prediction_length=48,
            context_length=168,
            num_layers=2,
            hidden_size=40,
            batch_size=32,
            num_batches_per_epoch=int(line),
            trainer_kwargs=dict(
                max_epochs=1,
                accelerator="cpu",
                callbacks=[laps],
                default_root_dir=folder,
                enable_progress_bar=False,
                enable_model_summary=False,
                logger=False,
            ),
        )
        estimator.train(data)
    print(laps.median(), flush=True)
