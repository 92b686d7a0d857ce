// Preloaded into a process: shifts its clock by OTHER_CLOCK_MS. The monotonic clock (performance.now) is unchanged.
const off = Number(process.env.OTHER_CLOCK_MS);
const RealDate = Date;
globalThis.Date = class extends RealDate {
  constructor(...given) {
    super(...(given.length > 0 ? given : [RealDate.now() + off]));
  }
  static now() {
    return RealDate.now() + off;
  }
};
