#!/usr/bin/env bash
# Ray Tune 2.60.0 (PyPI).
# A trial that fails and goes on from a checkpoint (FailureConfig(max_failures=1)) ends well: Tuner.fit says error None. What it reported
# between the checkpoint and the failure is there twice all the same: the learning curve that result.json and Result.metrics_dataframe
# have goes back, here from iteration 4 to 3, so that a mean, a count of rows or a plot over it is wrong. And Result.from_path, which
# reads the same folder later, says that the trial failed, since error.pkl is not deleted.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/env"
"$folder/env/bin/pip" install --quiet 'ray[tune]==2.60.0'
cat > "$folder/restored.py" <<'PY'
import json
import os
import sys
import tempfile

os.environ.update(RAY_AIR_NEW_OUTPUT="0", RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO="0")
import ray
from ray import tune

ray.init(num_cpus=1, include_dashboard=False, log_to_driver=False, logging_level="CRITICAL")


def train(config):
    """Five iterations with a checkpoint after the second; the first attempt fails after the fourth."""
    checkpoint = tune.get_checkpoint()
    first = 1
    if checkpoint:
        with checkpoint.as_directory() as saved:
            with open(os.path.join(saved, "next")) as file:
                first = int(file.read())
    for step in range(first, 6):
        with tempfile.TemporaryDirectory() as saving:
            with open(os.path.join(saving, "next"), "w") as file:
                file.write(str(step + 1))
            saved = {"checkpoint": tune.Checkpoint.from_directory(saving)} if step == 2 else {}
            tune.report({"loss": 1 / step}, **saved)
        if step == 4 and not checkpoint:
            raise RuntimeError("lost")


run = tune.RunConfig(name="restored", storage_path=sys.argv[1], verbose=0, failure_config=tune.FailureConfig(max_failures=1))
[result] = tune.Tuner(train, run_config=run).fit()
with open(os.path.join(result.path, "result.json")) as file:
    written = [json.loads(line)["training_iteration"] for line in file]
frame = result.metrics_dataframe["training_iteration"].tolist()
again = tune.Result.from_path(result.path)
print(f"Ray {ray.__version__}: error {result.error}; iterations {frame}; read again: error {type(again.error).__name__}")
assert result.error is None and result.metrics["training_iteration"] == 5
assert written == frame == [1, 2, 3, 4, 3, 4, 5]
assert again.error is not None
PY
"$folder/env/bin/python" "$folder/restored.py" "$folder/results" 2> "$folder/log" || { cat "$folder/log" >&2; exit 1; }
