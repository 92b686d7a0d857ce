/* global Buffer, expect */

const bytes = (view) => Buffer.from(view.buffer, view.byteOffset, view.byteLength);

/**
 * Arrays of numbers with the same bytes are equal. `toEqual` would compare them value by value, which takes longer than most
 * trainings that produced them. Others are left to it, as are 0 and -0, NaNs of other bits, and what it says of a difference.
 */
const haveSameBytes = (a, b) =>
  ArrayBuffer.isView(a) && ArrayBuffer.isView(b) && a.constructor === b.constructor && bytes(a).equals(bytes(b))
    ? true
    : undefined;

expect.addEqualityTesters([haveSameBytes]);
