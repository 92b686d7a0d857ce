"""Data sets of other libraries, written by themselves: `data.py FOLDER`. Writes expected.json beside them: the values as CSV has them.

Run it with the packages that tests/interchange/run.mjs installs for the part `data`.
"""

import datetime
import decimal
import json
import sys
from pathlib import Path

import datasets
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.feather as feather
import pyarrow.parquet as pq

folder = Path(sys.argv[1])
folder.mkdir(parents=True, exist_ok=True)
made_with = {module.__name__: module.__version__ for module in (pd, pa, pl, np, datasets)}


def frame():
    """40 rows of two series, with every kind of column that a table of measurements has."""
    rows = 40
    times = pd.date_range("2026-03-28 21:00", periods=rows // 2, freq="h", tz="Europe/Berlin")
    load = np.sin(np.arange(rows)) * 10
    load[[5, 31]] = np.nan
    return pd.DataFrame(
        {
            "time": list(times) * 2,
            "store": pd.Categorical(["north"] * (rows // 2) + ["south"] * (rows // 2)),
            "load": load,
            "count": pd.array([None if i == 7 else i * i for i in range(rows)], dtype="Int64"),
            "big": np.arange(rows, dtype="int64") + 2**53 + 1,
            "single": np.linspace(0, 1, rows, dtype="float32"),
            "price": [decimal.Decimal(i) / 100 - 1 for i in range(rows)],
            "open": [i % 3 == 0 for i in range(rows)],
            "day": [d.date() for d in times.tz_localize(None)] * 2,
            "note": [f"row {i}, with a comma" for i in range(rows)],
        }
    )


def typed(table):
    """What Arrow says about prices and times, in the given unit."""
    return table.set_column(table.schema.get_field_index("price"), "price", table["price"].cast(pa.decimal128(12, 2)))


def with_times(table, unit, zone):
    times = table["time"].cast(pa.timestamp("ns", "UTC")).cast(pa.timestamp(unit, zone or "UTC"))
    if zone is None:
        times = pa.chunked_array([times.combine_chunks().cast(pa.timestamp(unit))])
    return table.set_column(0, "time", times)


base = frame()
table = typed(pa.Table.from_pandas(base, preserve_index=False))
for unit in ("ms", "us", "ns"):
    for zone in ("Europe/Berlin", None):
        each = with_times(table, unit, zone)
        name = f"{unit}-{'zone' if zone else 'wall'}"
        pq.write_table(each, folder / f"{name}.parquet", row_group_size=16, compression="snappy")
        feather.write_feather(each, folder / f"{name}.feather", compression="lz4")
for codec in ("none", "gzip", "zstd", "brotli", "lz4"):
    pq.write_table(table, folder / f"{codec}.parquet", compression=codec, row_group_size=9, data_page_version="2.0")
pq.write_table(table, folder / "plain.parquet", use_dictionary=False, data_page_size=64)
feather.write_feather(table, folder / "zstd.feather", compression="zstd")
feather.write_feather(table, folder / "none.feather", compression="uncompressed", chunksize=7)
with pa.ipc.new_stream(folder / "stream.arrow", table.schema) as stream:
    stream.write_table(table, max_chunksize=11)
base.to_parquet(folder / "pandas.parquet", index=False)
pl.from_pandas(base.drop(columns="price")).write_parquet(folder / "polars.parquet")
pl.from_pandas(base.drop(columns="price")).write_ipc(folder / "polars.arrow", compression="zstd")
long = pa.table({"x": np.arange(40000) // 50 % 97 + 1000})
feather.write_feather(long, folder / "long.feather", compression="lz4")

# What Arrow says of columns beyond the type by which they are stored, and values that a float64 does not hold.
days = pd.date_range("2026-03-07", periods=3, tz="America/New_York")
odd = pa.table(
    {
        "key": pa.array([decimal.Decimal(2**53 + i) for i in range(3)], pa.decimal128(38, 0)),
        "hash": pa.array([b"\xfe1", b"\xff1", b"plain"], pa.binary()),
        "uuid": pa.ExtensionArray.from_storage(pa.uuid(), pa.array([bytes([i] * 16) for i in range(3)], pa.binary(16))),
        "month": pa.array(pd.period_range("1969-12", periods=3, freq="M")),
        "quarter": pa.array(pd.period_range("1969Q4", periods=3, freq="Q-MAR")),
        "day": pa.array(days),
        "tokyo": pa.array(days.tz_localize(None).tz_localize("Asia/Tokyo")),
        "prices": pa.array([[decimal.Decimal("1.25"), None], [], [decimal.Decimal("-2.50")]], pa.list_(pa.decimal128(5, 2))),
        "times": pa.array([[t.tz_localize(None)] for t in days], pa.list_(pa.timestamp("ms"))),
        "box": pa.array([{"price": decimal.Decimal("0.5")}] * 3, pa.struct([("price", pa.decimal128(5, 2))])),
    }
)
pq.write_table(odd, folder / "odd.parquet")
feather.write_feather(odd, folder / "odd.feather", compression="lz4")
pq.write_table(pa.table({"week": pa.array(pd.period_range("2026-01-05", periods=3, freq="W"))}), folder / "odd-weeks.parquet")

# Durations in each unit, their CSV, and the seconds that they have.
times = pd.date_range("2026-01-01", periods=4, freq="h")
took = pd.Series([np.timedelta64(93_784_000, "ms"), np.timedelta64("NaT"), np.timedelta64(-2000, "ms"), np.timedelta64(86_400_000, "ms")])
durations = pd.DataFrame({"time": times, **{unit: took.astype(f"m8[{unit}]") for unit in ("s", "ms", "us", "ns")}})
durations["fine"] = durations["ns"] + pd.Timedelta(1, "ns")
durations.to_parquet(folder / "odd-durations.parquet", index=False)
feather.write_feather(pa.Table.from_pandas(durations), folder / "odd-durations.feather", compression="lz4")
durations.to_csv(folder / "odd-durations.csv", index=False)
np.save(folder / "odd-durations.npy", durations.to_records(index=False))
second, inside = datetime.timedelta(seconds=90), pa.duration("ms")
kinds = {
    "struct": ({"took": second}, pa.struct([("took", inside)])),
    "list": ([second], pa.list_(inside)),
    "large": ([second], pa.large_list(inside)),
    "map": ([("took", second)], pa.map_(pa.string(), inside)),
}
nested = pa.table({"time": pa.array(times), "x": [1.0, 2.0, 4.0, 3.0]} | {name: pa.array([value] * 4, kind) for name, (value, kind) in kinds.items()})
pq.write_table(nested, folder / "odd-nested-durations.parquet")
feather.write_feather(nested, folder / "odd-nested-durations.feather", compression="uncompressed")
months = pa.table({"time": pa.array(times), "x": [1.0, 2.0, 4.0, 3.0], "gap": pa.array([pa.MonthDayNano([1, 2, 3])] * 4)})
feather.write_feather(months, folder / "odd-months.feather", compression="uncompressed")
seconds = durations.drop(columns="time").apply(lambda column: column.dt.total_seconds())
(folder / "odd-durations.json").write_text(json.dumps({name: column.replace(np.nan, None).tolist() for name, column in seconds.items()}))

# As CSV has them: what these columns should read as.
shown = base.assign(time=base["time"].dt.tz_convert("UTC").dt.strftime("%Y-%m-%dT%H:%M:%S.000Z"))
shown["open"] = shown["open"].map({True: "true", False: "false"})
shown.to_csv(folder / "expected.csv", index=False, float_format="%.17g")

# Arrays of NumPy.
grid = np.arange(24, dtype="float64").reshape(12, 2) / 7
np.save(folder / "grid.npy", grid)
np.save(folder / "fortran.npy", np.asfortranarray(grid))
np.save(folder / "big-endian.npy", grid.astype(">f8"))
half = np.zeros(12, dtype=[("time", "M8[h]"), ("x", ">f2"), ("name", "U5"), ("n", "i8")])
half["time"] = np.datetime64("2026-01-01T00") + np.arange(12)
half["x"] = grid[:, 1]
half["name"], half["n"] = "é, b", np.arange(12) + 2**53 + 1
np.save(folder / "structured.npy", half)
aligned = np.array([(1, 0.5), (2, 1.5)], dtype=np.dtype([("n", "i1"), ("x", "f8")], align=True))
np.save(folder / "aligned.npy", aligned)
np.save(folder / "before-1970.npy", np.array(["1969-12-31T23:59:59.9999"], dtype="M8[us]"))
sequences = np.arange(12, dtype="float32").reshape(4, 3)
np.savez(folder / "masked.npz", x=sequences, y=np.arange(4) % 2, mask=sequences > 1)
np.savez(folder / "unlabelled.npz", x=sequences, y=np.array([0, 1, np.nan, 1]))
np.savez(folder / "columns.npz", time=half["time"].astype("M8[ns]"), x=grid[:, 0], z=grid, step=np.arange(12, dtype="u1"))
waves = np.random.default_rng(0).normal(size=(30, 5, 2)).astype("float32")
np.savez_compressed(folder / "waves.npz", x_train=waves[:20], y_train=np.arange(20) % 2, x_test=waves[20:], y_test=np.arange(10) % 2)
empty = pa.table({"time": pa.array([], pa.timestamp("s")), "x": pa.array([], pa.float64())})
pq.write_table(empty, folder / "empty.parquet")
pq.write_table(pa.table({"time": [1, 2, 3], "x": [1.0, 2.0, 3.0], "box": [{"a": 1}, {"a": 2}, {"a": 3}]}), folder / "nested.parquet")
np.savez(folder / "objects.npz", x=np.array([[1], [2, 3]], dtype=object), allow_pickle=True)

# A data set of Hugging Face: Parquet as the hub has it, and a folder that save_to_disk wrote.
labels = datasets.ClassLabel(names=["negative", "positive"])
features = datasets.Features({"text": datasets.Value("string"), "label": labels})
parts = {
    part: datasets.Dataset.from_dict(
        {"text": [f"{part} {i} {'good' if i % 2 else 'bad'}" for i in range(count)], "label": [i % 2 for i in range(count)]},
        features=features,
    )
    for part, count in (("train", 40), ("test", 10))
}
both = datasets.DatasetDict(parts)
both.save_to_disk(folder / "saved")
hub = folder / "hub" / "data"
hub.mkdir(parents=True, exist_ok=True)
for part, each in both.items():
    halves = [each.shard(2, index) for index in range(2)] if part == "train" else [each]
    for index, shard in enumerate(halves):
        shard.to_parquet(hub / f"{part}-{index:05}-of-{len(halves):05}.parquet")
(folder / "hub" / "README.md").write_text("---\ndataset_info:\n  features: []\n---\n# A data set\n")
lines = folder / "lines"
lines.mkdir(exist_ok=True)
for part, each in both.items():
    each.to_json(lines / f"{part}.jsonl")
tagged = datasets.Dataset.from_dict(
    {"tokens": [["a", "b", "c"], ["b", "a"]] * 10, "ner_tags": [[0, 1, 0], [1, 0]] * 10},
    features=datasets.Features(
        {"tokens": datasets.List(datasets.Value("string")), "ner_tags": datasets.List(datasets.ClassLabel(names=["O", "B"]))}
    ),
)
tagged.to_parquet(folder / "tagged.parquet")
pairs = datasets.Dataset.from_dict(
    {"id": ["0", "1", "2"], "translation": [{"en": f"a {i}", "fr": f"un {i}"} for i in range(3)]},
    features=datasets.Features({"id": datasets.Value("string"), "translation": datasets.Translation(["en", "fr"])}),
)
pairs.to_parquet(folder / "pairs.parquet")
(folder / "made-with.json").write_text(json.dumps(made_with))
print(json.dumps(made_with))
