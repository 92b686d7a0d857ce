#!/usr/bin/env bash
# tokenizers 0.23.3 (PyPI), Python.
# A vocabulary may have a gap in its IDs, as one has from which a token was removed: BPE takes it, and encodes with it. Tokens that are
# added then are numbered from get_vocab_size() on, which counts tokens and does not look at the highest ID. So the third token added to
# a vocabulary with the IDs 0, 1 and 5 gets the ID 5 too, without a warning: "ab" is encoded as 5, and 5 is decoded as "Z". And an
# embedding of get_vocab_size() rows, as is usual, is too small for the IDs that encode gives.
# With the IDs 0, 1 and 2 the same calls give 3, 4 and 5, and "ab" comes back.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check tokenizers==0.23.3
seen=$(venv/bin/python - <<'PYTHON'
from tokenizers import Tokenizer, models

for last in (5, 2):
    tokenizer = Tokenizer(models.BPE({"a": 0, "b": 1, "ab": last}, [("a", "b")]))
    size = tokenizer.get_vocab_size()
    tokenizer.add_tokens(["X", "Y", "Z"])
    ids = tokenizer.encode("ab").ids
    added = [tokenizer.token_to_id(token) for token in ("X", "Y", "Z")]
    print(f"ab has the ID {last}; size {size}; added {added}; ab is encoded as {ids}, decoded as {tokenizer.decode(ids)!r}")
PYTHON
)
echo "$seen"
[ "$seen" = "ab has the ID 5; size 3; added [3, 4, 5]; ab is encoded as [5], decoded as 'Z'
ab has the ID 2; size 3; added [3, 4, 5]; ab is encoded as [2], decoded as 'ab'" ]
