import { entryPoint, each, type Shader } from './shader';

/** Rotations of the rounds between two injections of the key: two sets of four, in alternation. */
const rotations = [
  [13, 15, 26, 6],
  [17, 29, 16, 24],
];

/** Five injections of the key, one after every four rounds. */
const rounds = each(5, (before) => {
  const injection = before + 1;
  return (
    rotations[before % 2]!.map((by) => `  x.x += x.y; x.y = ((x.y << ${by}u) | (x.y >> ${32 - by}u)) ^ x.x;`).join(
      '\n',
    ) + `\n  x += vec2<u32>(keys[${injection % 3}], keys[${(injection + 1) % 3}] + ${injection}u);`
  );
});

/** Threefry-2x32 with 20 rounds (Salmon et al. 2011), as in libs/random: the first word under a key and a counter of two words. */
const threefry = `
fn threefry(key: vec2<u32>, counter: vec2<u32>) -> u32 {
  let keys = array<u32, 3>(key.x, key.y, 0x1bd11bdau ^ key.x ^ key.y);
  var x = counter + key;
${rounds}
  return x.x;
}
/** A lane's words: the key, the counter's first word, and the threshold. */
fn word(lane: u32, which: u32) -> u32 { return u32(keys[lane * 4u + which]); }
fn draw(lane: u32, index: u32) -> u32 { return threefry(vec2<u32>(word(lane, 0u), word(lane, 1u)), vec2<u32>(word(lane, 2u), index)); }`;

/**
 * Dropout masks [lane, rows, blocks, width]: 0 where the number drawn is below the lane's threshold, else the lane's scale. A thread for
 * each value; the counter's second word is (row · blocksOfRow + block) · units + unit. Numbers: count (of values), rows, blocks, width,
 * blocksOfRow, units, across.
 */
export const dropoutMaskShader: Shader = {
  key: 'dropout mask',
  outputs: ['out'],
  inputs: [
    ['keys', 'i32'],
    ['scales', 'f32'],
  ],
  numbers: ['count', 'rows', 'blocks', 'width', 'blocksOfRow', 'units', 'across'],
  code: `${threefry}
${entryPoint(256)}
  let at = (group.y * size.across + group.x) * 256u + thread;
  if (at >= size.count) { return; }
  let unit = at % size.width;
  let block = (at / size.width) % size.blocks;
  let row = (at / (size.width * size.blocks)) % size.rows;
  let lane = at / (size.width * size.blocks * size.rows);
  let drawn = draw(lane, (row * size.blocksOfRow + block) * size.units + unit);
  out[at] = select(scales[lane], 0.0, drawn < word(lane, 3u));
}`,
};

/**
 * Replaces some of the tokens [lane, count] by others, drawn uniformly: where the first number of a position, in 24 bits, is below the
 * lane's threshold, the token becomes vocabulary · the second number. A thread for each token. Numbers: all (tokens of all lanes), count,
 * vocabulary (up to 2²⁰), across.
 */
export const tokenDropoutShader: Shader = {
  key: 'token dropout',
  outputs: ['out'],
  outputType: 'i32',
  inputs: [
    ['ids', 'i32'],
    ['keys', 'i32'],
  ],
  numbers: ['all', 'count', 'vocabulary', 'across'],
  code: `${threefry}
${entryPoint(256)}
  let at = (group.y * size.across + group.x) * 256u + thread;
  if (at >= size.all) { return; }
  let lane = at / size.count;
  let position = 2u * (at % size.count);
  out[at] = ids[at];
  if ((draw(lane, position) >> 8u) < word(lane, 3u)) {
    // The product has up to 44 bits; the token is what is above the lower 24.
    let other = draw(lane, position + 1u) >> 8u;
    out[at] = i32(((other >> 12u) * size.vocabulary + (((other & 0xfffu) * size.vocabulary) >> 12u)) >> 12u);
  }
}`,
};
