import { DatasetError, type TokenData } from '../token-data';

const most = 65_536;

/**
 * A text as numbered characters (Unicode code points), the last `validation` of it held out.
 * @param validation fraction in (0, 1)
 * @throws DatasetError for a text that is too short or has more than 65,536 different characters
 */
export function prepareCharacters(text: string, { validation }: { validation: number }): TokenData {
  const characters = Array.from(text);
  const vocabulary = [...new Set(characters)].sort((a, b) => a.codePointAt(0)! - b.codePointAt(0)!);
  if (vocabulary.length > most)
    throw new DatasetError(`the text has ${vocabulary.length} different characters, more than ${most}`);
  const numbers = new Map(vocabulary.map((character, index) => [character, index]));
  const ids = Uint16Array.from(characters, (character) => numbers.get(character)!);
  const cut = Math.floor(ids.length * (1 - validation));
  const data = { vocabulary, train: ids.slice(0, cut), validation: ids.slice(cut) };
  if (data.train.length < 2 || data.validation.length < 2)
    throw new DatasetError(
      `the text has ${ids.length} characters, too few to learn from and hold out ${validation} of them`,
    );
  return data;
}
