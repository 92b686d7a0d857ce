declare module 'jstat' {
  interface Distribution<Parameters extends number[]> {
    inv(probability: number, ...parameters: Parameters): number;
    cdf(x: number, ...parameters: Parameters): number;
    pdf(x: number, ...parameters: Parameters): number;
  }
  export const jStat: {
    studentt: Distribution<[freedom: number]>;
    normal: Distribution<[mean: number, deviation: number]>;
  };
}
