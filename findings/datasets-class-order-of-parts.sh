#!/usr/bin/env bash
# Hugging Face datasets 5.2.0 (PyPI).
# `class_encode_column` numbers the classes of the rows that it sees, and `to_parquet` writes their names into the file. Where a part lacks a
# class, as a small test part may, its numbers stand for other names than those of the training part. `load_dataset(FOLDER)` reads the numbers of
# all files under the names of the first one without a word: the test rows "happy" and "sad" come back as "angry" and "happy". The same file
# alone is read rightly, `load_from_disk` keeps the names of each part, and `concatenate_datasets` refuses the two.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/env"
"$folder/env/bin/pip" install --quiet datasets==5.2.0 pyarrow==26.0.1
cat > "$folder/order.py" <<'PY'
import os
import sys
from pathlib import Path

root = Path(sys.argv[1])
os.environ["HF_HUB_OFFLINE"] = "1"
os.environ["HF_HOME"] = str(root / "home")
import datasets

print("datasets", datasets.__version__)
datasets.disable_progress_bars()


def encoded(labels):
    return datasets.Dataset.from_dict({"text": ["a text"] * len(labels), "label": labels}).class_encode_column("label")


def names(part):
    return part.features["label"].int2str(part["label"][:])


train, test = encoded(["angry", "happy", "sad"]), encoded(["happy", "sad"])
data = root / "data"
data.mkdir()
train.to_parquet(str(data / "train.parquet"))
test.to_parquet(str(data / "test.parquet"))

alone = datasets.load_dataset("parquet", data_files=str(data / "test.parquet"), split="train", cache_dir=str(root / "alone"))
print("test.parquet alone:         ", names(alone))
assert names(alone) == ["happy", "sad"]

together = datasets.load_dataset(str(data), cache_dir=str(root / "together"))
print("test part of the folder:    ", names(together["test"]))
assert names(together["train"]) == ["angry", "happy", "sad"]
assert names(together["test"]) == ["angry", "happy"]

datasets.DatasetDict(train=train, test=test).save_to_disk(str(root / "disk"))
saved = datasets.load_from_disk(str(root / "disk"))
print("test part of save_to_disk:  ", names(saved["test"]))
assert names(saved["test"]) == ["happy", "sad"]

try:
    datasets.concatenate_datasets([train, test])
    raise SystemExit("concatenate_datasets took two lists of classes")
except ValueError as error:
    print("concatenate_datasets:       ", str(error)[:37])
PY
"$folder/env/bin/python" "$folder/order.py" "$folder"
