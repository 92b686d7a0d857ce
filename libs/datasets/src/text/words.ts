/** The spans of the words of a text: word i is [begins[i], ends[i]). */
export interface WordSpans {
  text: string;
  length: number;
  begins: Int32Array;
  ends: Int32Array;
}

const [other, space, letter, unseen] = [0, 1, 2, 3];
/** The class of each UTF-16 unit, as a lookup table: ten times as fast as a regular expression over the text. */
const kinds = new Uint8Array(0x10000).fill(unseen);

const classify = (character: string): number => {
  if (/^[\p{L}\p{M}\p{N}_'’]$/u.test(character)) return letter;
  return /^\s$/u.test(character) ? space : other;
};

/** Splits a text into words (letters, marks, numbers, apostrophes), <names>, line breaks, and single other characters. */
export function wordSpans(text: string): WordSpans {
  const [begins, ends] = [new Int32Array(text.length), new Int32Array(text.length)];
  let length = 0;
  for (let at = 0; at < text.length;) {
    const begin = at;
    const [kind, width] = characterAt(text, at);
    at += width;
    if (kind === letter) at = endOfWord(text, at);
    else if (text[begin] === '<') at = endOfName(text, at);
    if (kind === space && text[begin] !== '\n') continue;
    begins[length] = begin;
    ends[length++] = at;
  }
  return { text, length, begins: begins.subarray(0, length), ends: ends.subarray(0, length) };
}

/** The class of the character at an index, and its number of UTF-16 units. */
function characterAt(text: string, at: number): [kind: number, width: number] {
  const unit = text.charCodeAt(at);
  if ((unit & 0xf800) !== 0xd800) return [classifyUnit(unit), 1];
  const code = text.codePointAt(at)!;
  return [classify(String.fromCodePoint(code)), code > 0xffff ? 2 : 1];
}

function classifyUnit(unit: number): number {
  if (kinds[unit] === unseen) kinds[unit] = classify(String.fromCharCode(unit));
  return kinds[unit]!;
}

function endOfWord(text: string, from: number): number {
  let at = from;
  while (at < text.length) {
    const unit = text.charCodeAt(at);
    if ((unit & 0xf800) !== 0xd800) {
      if (classifyUnit(unit) !== letter) return at;
      at++;
      continue;
    }
    const [kind, width] = characterAt(text, at);
    if (kind !== letter) return at;
    at += width;
  }
  return at;
}

/** The end of a name such as <unk> after its opening bracket; the same index if there is none. */
function endOfName(text: string, from: number): number {
  let at = from;
  while (text.charCodeAt(at) >= 97 && text.charCodeAt(at) <= 122) at++;
  return at > from && text[at] === '>' ? at + 1 : from;
}

/** The words of a text. */
export const splitWords = (text: string): string[] => {
  const { length, begins, ends } = wordSpans(text);
  return Array.from({ length }, (_, index) => text.slice(begins[index], ends[index]));
};
