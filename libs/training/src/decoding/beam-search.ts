/** What one step makes of hypotheses. */
export interface BeamStep<State> {
  /** The state of each hypothesis after its token. States are never changed, since hypotheses share them. */
  states: readonly State[];
  /** Log-probabilities of the next token for each hypothesis, in nats; −Infinity or NaN for one that cannot come. */
  logProbabilities: readonly ArrayLike<number>[];
}

export interface BeamSearch<State> {
  /** Where each sequence begins; its token is no part of what is found. */
  start: { state: State; token: number };
  /** One step of all hypotheses that still grow, from their states and last tokens; at most `width` of them, one at first. */
  step(states: readonly State[], tokens: readonly number[]): BeamStep<State> | Promise<BeamStep<State>>;
  /** The token that ends a sequence. */
  end: number;
  /** Hypotheses followed side by side. 1 is greedy decoding. */
  width: number;
  /** Most tokens of a sequence, its end among them. */
  maximumLength: number;
  /** α of Wu et al. 2016: 0 ranks by log-probability alone, which favours short sequences; 0.6 to 1 is usual. */
  lengthPenalty: number;
}

export interface BeamHypothesis {
  /** Without the first token and the end. */
  tokens: number[];
  /** Of all tokens, the end among them, in nats. */
  logProbability: number;
  /** The log-probability over the length penalty, by which hypotheses are ranked. */
  score: number;
  /** Whether the end came; false where the maximum length came first. */
  ended: boolean;
}

interface Growing<State> {
  state: State;
  tokens: number[];
  logProbability: number;
}

/** A hypothesis with one more token. */
interface Candidate {
  from: number;
  token: number;
  logProbability: number;
}

/** lp(Y) = (5 + |Y|)^α / (5 + 1)^α, Wu et al. 2016, equation 14; |Y| counts the end too. */
export const computeLengthPenalty = (length: number, alpha: number): number => ((5 + length) / 6) ** alpha;

/**
 * Beam search: at most `width` sequences, best score first. At each step the `width` likeliest continuations of all are
 * taken; one that ends makes the beam narrower by one (Sutskever et al. 2014), so the search is over when it has `width`
 * sequences or reaches the maximum length. Of equal ones the earlier hypothesis and the smaller token win. Throws
 * RangeError for a width or a maximum length below 1, and what `step` throws.
 */
export async function beamSearch<State>(search: BeamSearch<State>): Promise<BeamHypothesis[]> {
  const { start, end, width, maximumLength, lengthPenalty } = search;
  if (!(width >= 1)) throw new RangeError(`the width of a beam must be at least 1, not ${width}`);
  if (!(maximumLength >= 1)) throw new RangeError(`a sequence has at least 1 token, not ${maximumLength}`);
  const done: BeamHypothesis[] = [];
  const finish = (tokens: number[], logProbability: number, ended: boolean): void => {
    const length = tokens.length + (ended ? 1 : 0);
    done.push({ tokens, logProbability, score: logProbability / computeLengthPenalty(length, lengthPenalty), ended });
  };
  let beam: Growing<State>[] = [{ state: start.state, tokens: [], logProbability: 0 }];
  for (let length = 1; length <= maximumLength && beam.length > 0; length++) {
    const lastTokens = beam.map(({ tokens }) => tokens.at(-1) ?? start.token);
    const { states, logProbabilities } = await search.step(
      beam.map(({ state }) => state),
      lastTokens,
    );
    const next: Growing<State>[] = [];
    for (const { from, token, logProbability } of likeliest(beam, logProbabilities, width - done.length)) {
      const { tokens } = beam[from]!;
      if (token === end) finish(tokens, logProbability, true);
      else next.push({ state: states[from]!, tokens: [...tokens, token], logProbability });
    }
    beam = next;
  }
  for (const { tokens, logProbability } of beam) finish(tokens, logProbability, false);
  return done.sort((a, b) => b.score - a.score);
}

/** The `count` likeliest continuations, likeliest first. */
function likeliest(
  beam: readonly { logProbability: number }[],
  logProbabilities: readonly ArrayLike<number>[],
  count: number,
): Candidate[] {
  const best: Candidate[] = [];
  for (const [from, hypothesis] of beam.entries()) {
    const row = logProbabilities[from]!;
    for (let token = 0; token < row.length; token++) {
      const logProbability = hypothesis.logProbability + row[token]!;
      const least = best.length < count ? -Infinity : best.at(-1)!.logProbability;
      // Neither −Infinity nor NaN is above anything.
      if (!(logProbability > least)) continue;
      if (best.length === count) best.pop();
      const place = best.findIndex((other) => other.logProbability < logProbability);
      best.splice(place === -1 ? best.length : place, 0, { from, token, logProbability });
    }
  }
  return best;
}
