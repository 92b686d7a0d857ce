import type { ScanCell } from '../scan-cells';
import { angles } from './trigonometry';

export interface ScanCode {
  step: string;
  back: string;
  /** Numbers d… that are made of the weights once, before the steps, in whose place the steps read them; and backwards from their dd…. */
  derived?: number;
  derive?: string;
  backDerived?: string;
}

/**
 * One step of a unit in WGSL: from its inputs x…, weights w… and states h… into the next states n…; and backwards, from the gradients
 * dh… of the states after it, which become those of the states before it, the gradients dx… and those of the weights, added to dw…. The
 * equations, with their sources, are those of native/ops/scan-cells.h.
 */
export const scanCode: Readonly<Record<ScanCell, ScanCode>> = {
  linear: {
    step: 'n0 = x0 * h0 + x1;',
    back: `dx0 = dh0 * h0;
      dx1 = dh0;
      dh0 = dh0 * x0;`,
  },
  lru: {
    derived: 3,
    derive: `let decay = exp(w0);
    let radius = exp(-decay);
    let turn = exp(w1);
    let phase = vec2<f32>(cosine(turn), sine(turn));
    let d0 = radius * phase.x;
    let d1 = radius * phase.y;
    let d2 = sqrt(stableTanh(decay) * (1.0 + radius * radius));`,
    step: `n0 = d0 * h0 - d1 * h1 + d2 * x0;
      n1 = d0 * h1 + d1 * h0 + d2 * x1;`,
    back: `let re = dh0;
      let im = dh1;
      dx0 = re * d2;
      dx1 = im * d2;
      dd0 += re * h0 + im * h1;
      dd1 += im * h0 - re * h1;
      dd2 += re * x0 + im * x1;
      dh0 = d0 * re + d1 * im;
      dh1 = d0 * im - d1 * re;`,
    backDerived: `let ofRadius = dd0 * phase.x + dd1 * phase.y - dd2 * radius / max(d2, 1e-18);
    dw0 = -ofRadius * radius * decay;
    dw1 = (dd1 * phase.x - dd0 * phase.y) * radius * turn;`,
  },
  'min-gru': {
    step: 'n0 = sigmoid(-x0) * h0 + sigmoid(x0) * aboveZero(x1);',
    back: `let z = sigmoid(x0);
      let kept = sigmoid(-x0);
      dx0 = dh0 * (aboveZero(x1) - h0) * z * kept;
      dx1 = dh0 * z * slopeAboveZero(x1);
      dh0 = dh0 * kept;`,
  },
  'min-lstm': {
    step: `let parts = shares(x0, x1);
      n0 = parts.x * h0 + parts.y * aboveZero(x2);`,
    back: `let parts = shares(x0, x1);
      let balance = dh0 * (h0 - aboveZero(x2)) * parts.x * parts.y;
      dx0 = balance * sigmoid(-x0);
      dx1 = -balance * sigmoid(-x1);
      dx2 = dh0 * parts.y * slopeAboveZero(x2);
      dh0 = dh0 * parts.x;`,
  },
  'ind-rnn': {
    step: 'n0 = max(x0 + w0 * h0, 0.0);',
    back: `dx0 = select(0.0, dh0, n0 > 0.0);
      dw0 += dx0 * h0;
      dh0 = dx0 * w0;`,
  },
  'rg-lru': {
    step: `let decay = exp(w0 * sigmoid(x0));
      n0 = decay * h0 + complement(w0 * sigmoid(x0), decay) * sigmoid(x1) * x2;`,
    back: `let r = sigmoid(x0);
      let i = sigmoid(x1);
      let decay = exp(w0 * r);
      let scale = complement(w0 * r, decay);
      let ofLog = dh0 * decay * (h0 - i * x2 * decay / max(scale, 1e-18));
      dx0 = ofLog * w0 * (r - r * r);
      dx1 = dh0 * scale * x2 * (i - i * i);
      dx2 = dh0 * scale * i;
      dw0 += ofLog * r;
      dh0 = dh0 * decay;`,
  },
};

/** Functions that the steps use: g of the minimal cells with its slope, f/(f + i) and i/(f + i), and √(1 − a²) from log a and a. */
export const scanFunctions = `
${angles}
fn aboveZero(x: f32) -> f32 {
  return select(sigmoid(x), x + 0.5, x >= 0.0);
}
fn slopeAboveZero(x: f32) -> f32 {
  let s = sigmoid(x);
  return select(s - s * s, 1.0, x >= 0.0);
}
fn shares(f: f32, i: f32) -> vec2<f32> {
  let most = max(max(-f, -i), 0.0);
  let ofI = exp(-most) + exp(-i - most);
  let ofF = exp(-most) + exp(-f - most);
  return vec2<f32>(ofI, ofF) / (ofI + ofF);
}
fn complement(logA: f32, a: f32) -> f32 {
  return sqrt(-stableTanh(logA) * (1.0 + a * a));
}
`;
