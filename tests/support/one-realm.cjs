/** Globals that a package defined when it was loaded: it is not loaded again. */
const ofPackages = new Set();

const ownGlobals = () =>
  new Map(Reflect.ownKeys(globalThis).map((key) => [key, Object.getOwnPropertyDescriptor(globalThis, key)]));

/** Loads a package, and keeps the globals that it defines for the files to come. */
function keepGlobalsOf(load) {
  const before = new Set(Reflect.ownKeys(globalThis));
  const loaded = load();
  for (const key of Reflect.ownKeys(globalThis)) if (!before.has(key)) ofPackages.add(key);
  return loaded;
}

/** What a file may change of this process; returns what undoes it. */
function remember() {
  const globals = ownGlobals();
  const { exit, exitCode } = process;
  const environment = { ...process.env };
  return () => {
    for (const key of Reflect.ownKeys(globalThis)) {
      if (!globals.has(key) && !ofPackages.has(key)) Reflect.deleteProperty(globalThis, key);
    }
    for (const [key, descriptor] of globals) {
      const { value, get } = Object.getOwnPropertyDescriptor(globalThis, key) ?? {};
      if (value !== descriptor.value || get !== descriptor.get) Reflect.defineProperty(globalThis, key, descriptor);
    }
    Object.assign(process, { exit, exitCode });
    for (const name of Object.keys(process.env)) if (!(name in environment)) delete process.env[name];
    for (const [name, value] of Object.entries(environment)) if (process.env[name] !== value) process.env[name] = value;
  };
}

module.exports = { keepGlobalsOf, remember };
