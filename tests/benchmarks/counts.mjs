/**
 * The arguments of a benchmark that are counts, by their places: `counts(args, { rounds: 5, updates: 60 })`.
 * @throws Error in one line that names an argument that is no whole number above 0, or one too many.
 */
export function counts(given, defaults) {
  const names = Object.keys(defaults);
  if (given.length > names.length)
    throw new Error(`"${given[names.length]}" is one too many after ${names.join(', ')}`);
  return Object.fromEntries(
    names.map((name, place) => {
      const text = given[place];
      if (text === undefined) return [name, defaults[name]];
      if (!/^[1-9]\d*$/.test(text)) throw new Error(`${name}: expected a whole number above 0, found "${text}"`);
      return [name, Number(text)];
    }),
  );
}
