declare module 'jstat' {
  interface Distribution<Parameters extends number[]> {
    inv(probability: number, ...parameters: Parameters): number;
    cdf(x: number, ...parameters: Parameters): number;
    pdf(x: number, ...parameters: Parameters): number;
  }
  export const jStat: {
    studentt: Distribution<[freedom: number]>;
    gamma: Distribution<[shape: number, scale: number]>;
    normal: Distribution<[mean: number, deviation: number]>;
    /** What all random numbers come from but those of poisson.sample from 10 on, which come from Math.random (jStat 1.9.6). */
    setRandom(random: () => number): void;
    _random_fn(): number;
    randn(): number;
    randg(shape: number): number;
    gammaln(x: number): number;
  };
}
