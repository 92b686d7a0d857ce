#!/usr/bin/env bash
# Hugging Face datasets 5.2.0 (PyPI).
# Where the README of a folder declares a `class_label` with two names, `load_dataset(FOLDER)` refuses a label 2 in a CSV file ("Class label 2
# greater than configured num_classes 2"), and loads the same rows from JSON Lines and from Parquet without a word: the column is a ClassLabel of
# two classes that holds a 2 and a -7. What the card says of classes is thus no check of the labels, except in CSV.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/env"
"$folder/env/bin/pip" install --quiet datasets==5.2.0 pyarrow==26.0.1
cat > "$folder/classes.py" <<'PY'
import json
import os
import sys
from pathlib import Path

root = Path(sys.argv[1])
os.environ["HF_HUB_OFFLINE"] = "1"
os.environ["HF_HOME"] = str(root / "home")
import datasets
import pyarrow as pa
import pyarrow.parquet as pq

print("datasets", datasets.__version__)
datasets.disable_progress_bars()
card = """---
dataset_info:
  features:
  - name: text
    dtype: string
  - name: label
    dtype:
      class_label:
        names:
          '0': negative
          '1': positive
---
"""
rows = [{"text": "a", "label": 0}, {"text": "b", "label": 2}, {"text": "c", "label": -7}]


def labels(name, write):
    """The column of labels as loaded; the reason where it is refused."""
    folder = root / name.replace(".", "-")
    folder.mkdir()
    (folder / "README.md").write_text(card)
    write(folder / name)
    try:
        loaded = datasets.load_dataset(str(folder), cache_dir=str(root / "cache"))["train"]
    except datasets.exceptions.DatasetGenerationError as error:
        return str(error.__cause__)
    assert loaded.features["label"] == datasets.ClassLabel(names=["negative", "positive"])
    return loaded["label"][:]


csv = labels("train.csv", lambda path: path.write_text("text,label\n" + "".join(f"{each['text']},{each['label']}\n" for each in rows)))
lines = labels("train.jsonl", lambda path: path.write_text("".join(json.dumps(each) + "\n" for each in rows)))
parquet = labels("train.parquet", lambda path: pq.write_table(pa.Table.from_pylist(rows), path))
print("CSV:       ", csv)
print("JSON Lines:", lines)
print("Parquet:   ", parquet)
assert csv == "Class label 2 greater than configured num_classes 2"
assert lines == [0, 2, -7]
assert parquet == [0, 2, -7]
PY
"$folder/env/bin/python" "$folder/classes.py" "$folder"
