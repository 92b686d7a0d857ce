// node examples/generate.mjs [FOLDER]: writes the data of the examples that do not use a built-in data set, the same bytes every time.
// The recordings are not in the repository; all else is.
import { Buffer } from 'node:buffer';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const folder = process.argv[2] ?? dirname(fileURLToPath(import.meta.url));

/** A linear congruential generator (Numerical Recipes): uniform numbers in [0, 1). */
function generator(seed) {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

const pick = (random, list) => list[Math.floor(random() * list.length)];
const times = (count, make) => Array.from({ length: count }, (_, index) => make(index));

function write(path, content) {
  const file = join(folder, path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, content);
}

/** Requests for appointments, with a tag for each word. "may" and "june" are a month or a person, by the word before them. */
function appointments() {
  const random = generator(1);
  const people = ['ann', 'ben', 'may', 'june', 'omar', 'lea'];
  const days = ['monday', 'tuesday', 'friday', 'may', 'june', 'today'];
  const hours = ['nine', 'ten', 'noon', 'three'];
  const verbs = ['meet', 'call', 'visit', 'remind'];
  const person = () => [['with', 'O'], [pick(random, people), 'PERSON']]; // oxfmt-ignore
  const day = () => [['on', 'O'], [pick(random, days), 'DATE']]; // oxfmt-ignore
  const hour = () => [['at', 'O'], [pick(random, hours), 'TIME']]; // oxfmt-ignore
  const sentence = () => {
    const parts = [person(), day(), hour()].filter(() => random() < 0.8);
    const order = parts.map((part) => [random(), part]).toSorted(([a], [b]) => a - b);
    return [[pick(random, verbs), 'O'], [pick(random, people), 'PERSON'], ...order.flatMap(([, part]) => part)];
  };
  const line = (words) => JSON.stringify({ tokens: words.map(([word]) => word), tags: words.map(([, tag]) => tag) });
  return `${times(140, () => line(sentence())).join('\n')}\n`;
}

/** Pieces of four-chord progressions: a bass note on the first beat of a chord, then its triad on three beats. */
function pieces() {
  const random = generator(2);
  const chords = [[60, 64, 67], [65, 69, 72], [67, 71, 74], [57, 60, 64]]; // oxfmt-ignore
  const progressions = [[0, 3, 1, 2], [0, 1, 2, 0], [3, 1, 0, 2]]; // oxfmt-ignore
  const piece = () => {
    const shift = Math.floor(random() * 3);
    const notes = (chord) => chord.map((note) => note + shift);
    return pick(random, progressions).flatMap((index) => {
      const chord = notes(chords[index]);
      return [[chord[0] - 24], chord, chord, chord];
    });
  };
  return `[\n${times(60, () => `  ${JSON.stringify(piece())}`).join(',\n')}\n]\n`;
}

/** Weather reports: temperature in °C, rain in mm, wind in km/h, and the words for them. */
function weather() {
  const random = generator(3);
  const report = () => {
    const [temperature, rain, wind] = [
      Math.round(random() * 40 - 8),
      Math.round(random() * 12),
      Math.round(random() * 80),
    ];
    const warmth = temperature < 5 ? 'cold' : temperature < 20 ? 'mild' : 'warm';
    const wet = rain < 3 ? 'dry' : temperature < 1 ? 'snow' : 'rain';
    const text = `${warmth} and ${wet}${wind > 50 ? ' with a storm' : ''}`;
    return JSON.stringify({ vector: [temperature / 10, rain / 10, wind / 50], text });
  };
  return `${times(240, report).join('\n')}\n`;
}

/**
 * Opinions as bracketed trees with a class at each node: 0 bad, 1 neutral, 2 good. "not" reverses what it precedes; after "but" the last
 * clause decides.
 */
function opinions() {
  const random = generator(4);
  const words = { 0: ['dull', 'slow', 'broken'], 2: ['bright', 'quick', 'solid'] };
  const nouns = ['it', 'this', 'the film', 'the book'];
  const subject = () => {
    const [first, second] = pick(random, nouns).split(' ');
    return second ? `(1 (1 ${first}) (1 ${second}))` : `(1 ${first})`;
  };
  const adjective = () => {
    const label = random() < 0.5 ? 0 : 2;
    return { label, text: `(${label} ${pick(random, words[label])})` };
  };
  const negated = ({ label, text }) => ({ label: 2 - label, text: `(${2 - label} (1 not) ${text})` });
  const predicate = () => (random() < 0.4 ? negated(adjective()) : adjective());
  const clause = () => {
    const { label, text } = predicate();
    return { label, text: `(${label} ${subject()} (${label} (1 is) ${text}))` };
  };
  const opinion = () => {
    const first = clause();
    if (random() < 0.6) return first.text;
    const last = clause();
    return `(${last.label} ${first.text} (${last.label} (1 but) ${last.text}))`;
  };
  return `${times(180, opinion).join('\n')}\n`;
}

const rate = 8000;
const letterSeconds = 0.08;
const pitches = { a: 400, b: 1500, c: 3000 };

/** A WAV file (16 bits, mono, 8 kHz): for each letter 60 ms of its tone and 20 ms of silence, with a little noise. */
function wav(letters, pitch, random) {
  const each = letterSeconds * rate;
  const samples = Int16Array.from({ length: letters.length * each }, (_, at) => {
    const loudness = at % each < 0.06 * rate ? 8000 : 0;
    const tone = Math.sin((2 * Math.PI * pitch * pitches[letters[Math.floor(at / each)]] * at) / rate);
    return Math.round(loudness * tone + 60 * (random() - 0.5));
  });
  const head = Buffer.alloc(44);
  head.write('RIFF', 0);
  head.writeUInt32LE(36 + samples.byteLength, 4);
  head.write('WAVEfmt ', 8);
  [16, 0x0001_0001, rate, 2 * rate, 0x0010_0002].forEach((value, index) => head.writeUInt32LE(value, 16 + 4 * index));
  head.write('data', 36);
  head.writeUInt32LE(samples.byteLength, 40);
  return Buffer.concat([head, Buffer.from(samples.buffer)]);
}

/** Three voices that each say twelve words of the letters a, b and c: WORD_VOICE_0.wav. */
function recordings() {
  const random = generator(5);
  const wordsSpoken = ['a', 'b', 'c', 'ab', 'ba', 'ac', 'ca', 'bc', 'abc', 'cab', 'bca', 'acb'];
  const voices = { ann: 1, ben: 0.94, lea: 1.06 };
  for (const [voice, pitch] of Object.entries(voices))
    for (const word of wordsSpoken) write(`transcription/recordings/${word}_${voice}_0.wav`, wav(word, pitch, random));
}

write('tagging/appointments.jsonl', appointments());
write('multilabel-frames/pieces.json', pieces());
write('sequence-from-vector/weather.jsonl', weather());
write('tree-classification/opinions.txt', opinions());
recordings();
