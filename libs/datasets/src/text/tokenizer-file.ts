import { parseJson, ValidationError, type DataReading } from '@unroll/contracts';
import { readFileSync, statSync } from 'node:fs';
import { z } from 'zod';
import { DatasetError } from '../prepared/data';
import type { Look } from '../look';
import { byteSymbols } from './byte-level';
import { BytePairs } from './byte-pairs';
import { mostSymbols } from './symbols';

/** Larger files are no tokenizer of at most 65,536 tokens. Unit: bytes. */
const mostBytes = 64 * 2 ** 20;

const addedToken = z.object({
  id: z.number(),
  content: z.string(),
  single_word: z.boolean().optional(),
  lstrip: z.boolean().optional(),
  rstrip: z.boolean().optional(),
});
const part = z.looseObject({ type: z.string() });

/** What is read of a tokenizer.json, as version 1.0 of the format has it. */
const tokenizerFile = z.object({
  normalizer: part.nullish(),
  pre_tokenizer: part.nullish(),
  decoder: part.nullish(),
  added_tokens: z.array(addedToken).default([]),
  model: z.looseObject({
    type: z.string().optional(),
    vocab: z.record(z.string(), z.int().min(0)),
    merges: z.array(z.union([z.string(), z.tuple([z.string(), z.string()])])),
  }),
});
type TokenizerFile = z.infer<typeof tokenizerFile>;

/** How a text is read by a tokenizer of Hugging Face. */
export type TokenizerReading = Pick<DataReading, 'inputVocabulary' | 'inputMerges' | 'inputAdded'>;

/**
 * Reads a `tokenizer.json` of Hugging Face's tokenizers: a byte-level BPE that cuts texts as GPT-2 does, with its added tokens.
 * @throws DatasetError that names the part of another kind
 */
export function readTokenizer(bytes: Uint8Array): TokenizerReading {
  const file = parsed(bytes);
  requireByteLevel(file);
  const inputVocabulary = vocabularyOf(file);
  const inputMerges = file.model.merges.map((merge) => (typeof merge === 'string' ? merge : merge.join(' ')));
  const inputAdded = file.added_tokens.map(({ content }) => content);
  // Refuses merges of other symbols.
  new BytePairs(inputVocabulary, inputMerges, inputAdded, 'tokenizer');
  return { inputVocabulary, inputMerges, ...(inputAdded.length > 0 ? { inputAdded } : {}) };
}

/** The same of a file. @throws DatasetError */
export function readTokenizerFile(path: string): TokenizerReading {
  if (statSync(path).size > mostBytes) throw new DatasetError('is no tokenizer.json: it has more than 64 MB');
  return readTokenizer(readFileSync(path));
}

/** A first look at a tokenizer. @throws DatasetError for one that cannot be used */
export function lookAtTokenizer(path: string): Look {
  const { inputVocabulary = [], inputMerges = [], inputAdded = [] } = readTokenizerFile(path);
  const added =
    inputAdded.length > 0 ? `, ${inputAdded.length} of them added: ${inputAdded.slice(0, 3).join(' ')}` : '';
  const [tokens, merges] = [inputVocabulary, inputMerges].map(({ length }) => length.toLocaleString('en-US'));
  return { facts: [`byte-level BPE of ${tokens} tokens with ${merges} merges${added}`], warnings: [] };
}

function parsed(bytes: Uint8Array): TokenizerFile {
  let json: unknown;
  try {
    json = parseJson(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch (error) {
    if (error instanceof ValidationError) throw new DatasetError(`is no tokenizer.json: ${error.message}`);
    throw new DatasetError('is no tokenizer.json: it is not JSON');
  }
  const model = (json as { model?: { type?: unknown } } | null)?.model;
  if (typeof model !== 'object' || model === null)
    throw new DatasetError("is no tokenizer.json of Hugging Face's tokenizers: it has no model");
  if (model.type !== undefined && model.type !== 'BPE')
    throw new DatasetError(`model.type: is ${JSON.stringify(model.type)}, and only BPE is read`);
  const { data, error } = tokenizerFile.safeParse(json);
  if (data) return data;
  const { path, message } = error.issues[0]!;
  throw new DatasetError(`${path.join('.')}: ${message}`);
}

/** Options of a byte-level BPE, with the values that leave a text as it is. */
const plainModel: Readonly<Record<string, readonly unknown[]>> = {
  dropout: [null, 0],
  continuing_subword_prefix: [null, ''],
  end_of_word_suffix: [null, ''],
  byte_fallback: [false],
  ignore_merges: [false],
};

/** @throws DatasetError naming what would give other tokens than byte-level BPE as GPT-2 has it */
function requireByteLevel({ normalizer, pre_tokenizer: cuts, decoder, model, added_tokens: added }: TokenizerFile) {
  if (normalizer) throw new DatasetError(`normalizer: ${normalizer.type} changes the text, which is not supported`);
  const cut = cuts ? alone(cuts) : undefined;
  if (!cut) throw new DatasetError('pre_tokenizer: is missing, and only ByteLevel is read');
  if (cut.type !== 'ByteLevel') throw new DatasetError(`pre_tokenizer: is ${cut.type}, and only ByteLevel is read`);
  if (cut.add_prefix_space === true)
    throw new DatasetError('pre_tokenizer.add_prefix_space: is true, which changes the text; only false is read');
  if (cut.use_regex === false)
    throw new DatasetError('pre_tokenizer.use_regex: is false; only texts cut as by GPT-2 are read');
  if (decoder && decoder.type !== 'ByteLevel')
    throw new DatasetError(`decoder: is ${decoder.type}, and only ByteLevel is read`);
  for (const [option, plain] of Object.entries(plainModel))
    if (model[option] !== undefined && !plain.includes(model[option]))
      throw new DatasetError(`model.${option}: ${JSON.stringify(model[option])} is not supported`);
  for (const { content, ...how } of added) {
    const option = (['single_word', 'lstrip', 'rstrip'] as const).find((each) => how[each] === true);
    if (option !== undefined)
      throw new DatasetError(`added_tokens: ${JSON.stringify(content)} has ${option}, which is not supported`);
    if (!/^[\x21-\x7e]+$/.test(content))
      throw new DatasetError(
        `added_tokens: ${JSON.stringify(content)} has white space or other characters than ASCII, which is not supported`,
      );
  }
}

/** The only part of a sequence of one. */
function alone(given: z.infer<typeof part>): z.infer<typeof part> {
  const inside = z.array(part).safeParse(given.pretokenizers);
  return given.type === 'Sequence' && inside.data?.length === 1 ? inside.data[0]! : given;
}

/** The tokens in order of their IDs. @throws DatasetError for too many, or a gap */
function vocabularyOf({ model, added_tokens: added }: TokenizerFile): string[] {
  const ids = new Map([...Object.entries(model.vocab), ...added.map(({ content, id }) => [content, id] as const)]);
  if (ids.size > mostSymbols)
    throw new DatasetError(
      `has ${ids.size.toLocaleString('en-US')} tokens, more than ${mostSymbols.toLocaleString('en-US')}`,
    );
  const vocabulary: string[] = [];
  for (const [token, id] of ids) {
    const other = vocabulary[id];
    // Adding tokens to a vocabulary with a gap makes such files: findings/tokenizers-vocabulary-gap.sh.
    if (other !== undefined)
      throw new DatasetError(
        `model.vocab: ${JSON.stringify(other)} and ${JSON.stringify(token)} both have the ID ${id}`,
      );
    vocabulary[id] = token;
  }
  for (let id = 0; id < ids.size; id++)
    if (vocabulary[id] === undefined)
      throw new DatasetError(`model.vocab: has ${ids.size} tokens, but none with the ID ${id}`);
  const missing = byteSymbols.find((symbol) => !ids.has(symbol));
  if (missing !== undefined)
    throw new DatasetError(
      `model.vocab: has no token for the byte ${JSON.stringify(missing)}: train it with the initial_alphabet of ByteLevel`,
    );
  return vocabulary;
}
