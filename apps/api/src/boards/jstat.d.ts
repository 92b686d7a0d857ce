declare module 'jstat' {
  export const jStat: {
    /** Student's t distribution with `freedom` degrees of freedom. */
    studentt: { inv(probability: number, freedom: number): number; cdf(t: number, freedom: number): number };
  };
}
