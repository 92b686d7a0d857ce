/**
 * How the scale of a loss follows its gradients: the constants of torch.amp.GradScaler (PyTorch 2.15), all powers of two so that scaling
 * rounds nothing. `interval`: good updates in succession until it grows. Below `least` (fairseq's 1e-4, as a power of two) no gradient is
 * finite; `most` keeps its inverse a normal number.
 */
export const lossScaling = {
  ...{ first: 2 ** 16, growth: 2, backoff: 0.5, interval: 2000 },
  ...{ least: 2 ** -13, most: 2 ** 100 },
} as const;
