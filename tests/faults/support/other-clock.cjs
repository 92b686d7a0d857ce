// Loaded into a process: its clock is off by OTHER_CLOCK_MS. Time that only counts up (performance.now) goes on as it is.
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
