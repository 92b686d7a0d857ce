"""Writes a tokenizer.json of Hugging Face's tokenizers, and the IDs that it gives for texts; see subwords-part.mjs.

Arguments: folder, size of the vocabulary. tests/interchange/fixtures/tokenizer has those of 340 tokens, by tokenizers 0.23.3.
"""

import json
import pydoc_data.topics
import random
import sys
from pathlib import Path

import tokenizers
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, processors, trainers

folder, size = Path(sys.argv[1]), int(sys.argv[2])
folder.mkdir(parents=True, exist_ok=True)
prose = "\n".join(pydoc_data.topics.topics[key] for key in sorted(pydoc_data.topics.topics))

tokenizer = Tokenizer(models.BPE())
tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
tokenizer.decoder = decoders.ByteLevel()
tokenizer.post_processor = processors.ByteLevel(trim_offsets=False)
trainer = trainers.BpeTrainer(
    vocab_size=size,
    initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
    special_tokens=["<|end|>", "<|endoftext|>"],
    show_progress=False,
)
tokenizer.train_from_iterator([prose], trainer)
tokenizer.add_tokens(["==>"])

# IDs in another order than that of the merges, as other tools write them.
content = json.loads(tokenizer.to_str())
vocab = content["model"]["vocab"]
ids = list(range(len(vocab)))
random.Random(3).shuffle(ids)
content["model"]["vocab"] = {token: ids[place] for token, place in vocab.items()}
for added in content["added_tokens"]:
    added["id"] = content["model"]["vocab"].get(added["content"], added["id"])
text = json.dumps(content, ensure_ascii=False)
(folder / "tokenizer.json").write_text(text, "utf8")
tokenizer = Tokenizer.from_str(text)

texts = [
    "The quick brown fox can't jump.<|endoftext|>\nIt's 12 o'clock.",
    " <|endoftext|><|end|> <|endof ==>==> =>",
    "naïve Ärger 東京 🙂‍↕️ \u00a0\t\r\n  two  spaces\u3000",
    "<|endoftext|",
    "".join(random.Random(1).sample(prose, 400)),
    prose[1000:1800].replace("\n\n", "<|end|>\n"),
]
if size > 1000:
    texts.append(prose)
expected = [{"text": each, "ids": tokenizer.encode(each).ids} for each in texts]
(folder / "expected.json").write_text(json.dumps({"version": tokenizers.__version__, "texts": expected}), "utf8")
