#!/usr/bin/env bash
# Hugging Face datasets 5.2.0 (PyPI).
# `load_dataset(FOLDER)` finds the splits by words in the names of files. A file whose name has two of them is loaded into both: of
# `train_val.jsonl`, the usual name of what is left beside a test set, every row is in "train" and again in "validation", so that an early stop, or a
# search of hyperparameters, is judged on the rows that were trained on; `dev-test.jsonl` is "validation" and "test". And the words
# count only in small letters: where no name has one, all files are "train", so that a folder of `Train.jsonl` and `Test.jsonl` trains on
# its test set. Nothing is warned of in either case.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/env"
"$folder/env/bin/pip" install --quiet datasets==5.2.0 pyarrow==26.0.1
cat > "$folder/splits.py" <<'PY'
import json
import logging
import os
import sys
import warnings
from pathlib import Path

root = Path(sys.argv[1])
os.environ["HF_HUB_OFFLINE"] = "1"
os.environ["HF_HOME"] = str(root / "home")
import datasets

print("datasets", datasets.__version__)
datasets.disable_progress_bars()
said = []
logging.getLogger("datasets").addHandler(type("Kept", (logging.Handler,), {"emit": lambda _, record: said.append(record.getMessage())})())
datasets.logging.set_verbosity_warning()


def splits(*names):
    """The names of the files whose rows are in each split."""
    folder = root / "-".join(names)
    folder.mkdir()
    for name in names:
        (folder / name).write_text("".join(json.dumps({"from": name, "row": row}) + "\n" for row in range(3)))
    found = datasets.load_dataset(str(folder), cache_dir=str(root / "cache"))
    return {split: sorted(set(rows["from"])) for split, rows in found.items()}


with warnings.catch_warnings(record=True) as warned:
    warnings.simplefilter("always")
    plain = splits("train.jsonl", "test.jsonl")
    both = splits("train_val.jsonl", "test.jsonl")
    two = splits("train.jsonl", "dev-test.jsonl")
    large = splits("Train.jsonl", "Test.jsonl")
for found in (plain, both, two, large):
    print(found)
print("warnings:", said + [str(each.message) for each in warned if "split" in str(each.message)])
assert plain == {"train": ["train.jsonl"], "test": ["test.jsonl"]}
assert both == {"train": ["train_val.jsonl"], "validation": ["train_val.jsonl"], "test": ["test.jsonl"]}
assert two == {"train": ["train.jsonl"], "validation": ["dev-test.jsonl"], "test": ["dev-test.jsonl"]}
assert large == {"train": ["Test.jsonl", "Train.jsonl"]}
assert not said
PY
"$folder/env/bin/python" "$folder/splits.py" "$folder"
