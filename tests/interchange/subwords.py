"""Learns byte-level BPE with Hugging Face's tokenizers; see subwords-part.mjs. Arguments: folder, name of the text, size of the vocabulary."""

import json
import pydoc_data.topics
import random
import sys
import sysconfig
import time
from pathlib import Path

import tokenizers
from tokenizers import Tokenizer, models, pre_tokenizers, trainers

folder, name, size = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])
library = Path(sysconfig.get_path("stdlib"))


def many():
    """Words of several scripts, repeated, with odd white space."""
    draw = random.Random(7)
    ranges = [(0x61, 0x7A), (0x430, 0x44F), (0x3041, 0x3096), (0x4E00, 0x4E80), (0x1F600, 0x1F64F), (0x5D0, 0x5EA)]
    words = []
    for _ in range(3000):
        first, last = draw.choice(ranges)
        words.append("".join(chr(draw.randint(first, last)) for _ in range(draw.randint(1, 7))))
    spaces = [" ", "  ", "\n", "\t", " \n", "\u00a0", "\u3000", "\u0085", "'s ", "'re ", "...", "12"]
    return "".join(words[int(draw.paretovariate(0.6)) % 3000] + draw.choice(spaces) for _ in range(200_000))


texts = {
    "code": lambda: "".join(path.read_text("utf8", "replace") for path in sorted(library.glob("*.py"))),
    "prose": lambda: "\n".join(pydoc_data.topics.topics[key] for key in sorted(pydoc_data.topics.topics)),
    "many": many,
}
text = texts[name]().replace("\r\n", "\n").lstrip("\ufeff")
(folder / f"{name}.txt").write_text(text, "utf8", newline="")
# As a text of characters is split: the validation part begins at floor(length * (1 - 0.25)).
cut = int(len(text) * 0.75 + 1e-9)

tokenizer = Tokenizer(models.BPE())
tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
trainer = trainers.BpeTrainer(
    vocab_size=size, min_frequency=2, initial_alphabet=pre_tokenizers.ByteLevel.alphabet(), show_progress=False
)
begin = time.process_time()
tokenizer.train_from_iterator([text[:cut]], trainer)
seconds = time.process_time() - begin
merges = [" ".join(pair) if isinstance(pair, list) else pair for pair in json.loads(tokenizer.to_str())["model"]["merges"]]
print(
    json.dumps(
        {
            "version": tokenizers.__version__,
            "merges": merges,
            "tokens": tokenizer.encode(text[cut:]).tokens,
            "seconds": seconds,
        }
    )
)
