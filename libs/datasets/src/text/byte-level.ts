/**
 * Texts as bytes with names that can be printed, after GPT-2 (Radford et al. 2019): a byte that is a visible character of Latin-1 is
 * named by it, and the others by the characters from U+0100 on, in their order. A space is Ġ, a line break Ċ.
 */

const isVisible = (byte: number): boolean =>
  (byte >= 0x21 && byte <= 0x7e) || (byte >= 0xa1 && byte <= 0xac) || (byte >= 0xae && byte <= 0xff);

/** The code unit that names each byte. */
const nameOfByte = ((): Uint16Array => {
  let others = 0;
  return Uint16Array.from({ length: 256 }, (_, byte) => (isVisible(byte) ? byte : 0x100 + others++));
})();

const byteOfName = new Map(Array.from(nameOfByte, (name, byte) => [name, byte]));

/** The names of the 256 bytes, in order of their code points, with which every vocabulary of subwords begins. */
export const byteSymbols: readonly string[] = Array.from(nameOfByte)
  .sort((a, b) => a - b)
  .map((name) => String.fromCharCode(name));

/** The ID of each byte: its place in `byteSymbols`. */
export const byteIds = ((): Uint8Array => {
  const places = new Map(byteSymbols.map((symbol, place) => [symbol.charCodeAt(0), place]));
  return Uint8Array.from(nameOfByte, (name) => places.get(name)!);
})();

/** The symbol of a line break. */
export const lineBreakSymbol = String.fromCharCode(nameOfByte[0x0a]!);

const decoder = new TextDecoder('utf-8', { ignoreBOM: true });

/** The bytes that symbols stand for. What is no name of a byte stands for its own characters. */
export function bytesOf(symbols: readonly string[]): Uint8Array {
  return Buffer.concat(
    symbols.map((symbol) => {
      const bytes = Array.from({ length: symbol.length }, (_, at) => byteOfName.get(symbol.charCodeAt(at)));
      return bytes.includes(undefined) ? Buffer.from(symbol) : Uint8Array.from(bytes as number[]);
    }),
  );
}

/** The text of symbols. Bytes that are no character, as the half of one is not, are read as U+FFFD. */
export const textOfBytes = (symbols: readonly string[]): string => decoder.decode(bytesOf(symbols));

/** How many characters begin in a symbol. */
export function charactersIn(symbol: string): number {
  let count = 0;
  for (const byte of bytesOf([symbol])) if ((byte & 0xc0) !== 0x80) count++;
  return count;
}

/**
 * Where GPT-2 cuts a text before it looks for pairs: contractions, words and numbers with a space before them, other characters, and white
 * space. Nothing is left out.
 */
const parts =
  /'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\p{White_Space}\p{L}\p{N}]+|\p{White_Space}+(?!\P{White_Space})|\p{White_Space}+/gu;

/** Length at which a part is cut anyway, such as a genome on one line: the time that merging takes grows with its square. */
const longestPart = 256;

/** The parts of a text, within which pairs are merged. */
export const partsOf = (text: string): string[] =>
  (text.match(parts) ?? []).flatMap((part) => (part.length > longestPart ? pieces(part) : [part]));

function pieces(part: string): string[] {
  const cut: string[] = [];
  for (let begin = 0; begin < part.length;) {
    const end = begin + afterCharacter(part.slice(begin, begin + longestPart));
    cut.push(part.slice(begin, end));
    begin = end;
  }
  return cut;
}

/** Length at which a run of characters without a place to cut is cut anyway. */
const longestRun = 2 ** 20;

/** The last position where white space follows something else, where no part reaches across; 0 if none. */
function lastCut(text: string): number {
  for (let at = text.length - 1; at > 0; at--) if (isSpace(text[at]!) && !isSpace(text[at - 1]!)) return at;
  return 0;
}

const isSpace = (unit: string): boolean => /^\p{White_Space}$/u.test(unit);

/**
 * The parts of a text that is read in chunks, in batches: the same whatever the chunks, but for a million characters without a cut.
 * `cut`: gives the parts of a text.
 */
export function* partsOfPieces(pieces: Iterable<string>, cut = partsOf): Generator<string[]> {
  let kept = '';
  for (const piece of pieces) {
    const text = kept + piece;
    const end = text.length > longestRun ? afterCharacter(text) : lastCut(text);
    if (end > 0) yield cut(text.slice(0, end));
    kept = text.slice(end);
  }
  if (kept !== '') yield cut(kept);
}

/** Where a text can be cut at its end: not within a surrogate pair. */
function afterCharacter(text: string): number {
  const last = text.charCodeAt(text.length - 1);
  return text.length > 1 && last >= 0xd800 && last <= 0xdbff ? text.length - 1 : text.length;
}
