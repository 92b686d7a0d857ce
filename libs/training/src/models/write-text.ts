import { standardDrawing, type GenerateBody } from '@unroll/contracts';
import {
  encodePrompt,
  encodeSource,
  neverWritten,
  separatorFor,
  textOf,
  textPieces,
  writtenTokens,
} from '@unroll/datasets';
import { generate } from './generate';
import type { Model } from './model-file';
import { Network } from './network';

/** Takes a piece of a text that is being written, or undefined after a step without one; what it throws ends the writing. */
export type Hearing = (piece: string | undefined) => void | Promise<void>;

/**
 * What a language model writes after a prompt, without the prompt; of a sequence-to-sequence model, what its decoder finds for it. `hear`
 * gets the text piece by piece as it is written; of a beam, whose end decides, all at once. Throws DatasetError for a prompt that the
 * model cannot read, and Error for a model of another task.
 */
export async function writeText(model: Model, body: GenerateBody, hear?: Hearing): Promise<string> {
  const { kind } = model.header.spec.task;
  if (kind === 'sequence-to-sequence') return answer(model, body, hear);
  return continueText(model, body, hear);
}

async function continueText(model: Model, body: GenerateBody, hear?: Hearing): Promise<string> {
  const { spec, reading } = model.header;
  const prompt = encodePrompt(body.prompt, { task: spec.task, reading });
  const vocabulary = reading.inputVocabulary ?? [];
  const tokens = writtenTokens(spec.task);
  const pieceOf = textPieces(tokens);
  const onStep = async (token: number | undefined): Promise<void> =>
    await hear?.(token === undefined ? undefined : pieceOf(vocabulary[token]));
  const network = new Network(model);
  try {
    const { length = standardDrawing.length, temperature = standardDrawing.temperature } = body;
    const { seed = standardDrawing.seed, beam, topK, topP } = body;
    const never = neverWritten(vocabulary);
    const drawn = { prompt, length, temperature, seed, beam, topK, topP, never, onStep };
    const written = await generate(network, drawn);
    const text = textOf(
      written.map((token) => vocabulary[token]!),
      tokens,
    );
    const rest = beam === undefined ? pieceOf() : text;
    if (rest !== '') await hear?.(rest);
    return text;
  } finally {
    network.dispose();
  }
}

async function answer({ header, weights }: Model, body: GenerateBody, hear?: Hearing): Promise<string> {
  const { spec, reading } = header;
  const { task } = spec;
  if (task.kind !== 'sequence-to-sequence') throw new Error(`a ${task.kind} model answers no prompt`);
  const own = { ...spec, task: { ...task, beamWidth: body.beam ?? task.beamWidth } };
  // The end of a text is one of its tokens too. A text that is cut there is one that has not ended.
  const longest = body.length === undefined ? reading.longestTarget : body.length + 1;
  const data = encodeSource(body.prompt, { ...own, reading: { ...reading, longestTarget: longest } });
  const network = new Network({ header: { ...header, spec: own }, weights }, data);
  try {
    const [found] = await network.answers();
    const whole = found && 'text' in found ? found.text : '';
    const separator = separatorFor(task.tokens);
    const parts = separator === '' ? Array.from(whole) : whole.split(separator);
    // Of subwords, the decoder's limit is all: a text does not tell where one ends.
    const text = task.tokens === 'subword' ? whole : parts.slice(0, body.length).join(separator);
    await hear?.(text);
    return text;
  } finally {
    network.dispose();
  }
}
