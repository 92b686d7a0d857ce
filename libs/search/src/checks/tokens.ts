import {
  defaultVocabulary,
  inWords,
  metricPer,
  tasks,
  ValidationError,
  type SweepSpec,
  type TaskSpec,
} from '@unroll/contracts';
import { getObjectives } from '../objective';

/** What the tokens of a trial depend on; undefined for a task that reads and writes no text. */
function tokenization(task: TaskSpec): string | undefined {
  if (!('tokens' in task)) return undefined;
  if (task.tokens === 'character') return task.tokens;
  return `${task.tokens} ${'tokenizer' in task ? (task.tokenizer?.name ?? task.vocabulary) : task.vocabulary}`;
}

/** Whether the loss of a task is a mean over tokens. */
const isPerToken = ({ kind }: TaskSpec): boolean =>
  tasks[kind].answers === 'written' || (tasks[kind].reads === 'stream' && tasks[kind].loss === 'cross-entropy');

/** Whether the loss of a task is that of whole texts, whose words outside the vocabulary are one and the same, and so easy to write. */
const isOfWords = (task: TaskSpec): boolean =>
  tasks[task.kind].loss === 'connectionist temporal classification' && hasWords(task);

/**
 * Refuses a sweep that would compare trials with different tokens by what is per token. `drawn`: the tasks of its first trials.
 * @throws ValidationError
 */
export function checkTokens(spec: SweepSpec, drawn: readonly TaskSpec[]): void {
  const [kinds, all] = [new Set(drawn.map(({ kind }) => kind)), new Set(drawn.map(tokenization))];
  const objectives = getObjectives(spec).map(({ metric }) => metric);
  const refuse = (path: string, message: string): never => {
    throw new ValidationError([{ path, message }]);
  };
  if (objectives.some((metric) => metricPer(metric) === 'character') && drawn.some(hasWords))
    refuse('task.tokens', 'words are not all of a text, so that they have no bits per character; leave word out');
  if (
    drawn.every(hasOnlyCharacters) &&
    drawn.some((task) => 'vocabulary' in task && task.vocabulary !== defaultVocabulary)
  )
    refuse(
      'task.vocabulary',
      'is of words or subwords, and characters are all in the vocabulary; leave it out, or set task.tokens to word or subword',
    );
  const bad = objectives.find(
    (metric) =>
      metricPer(metric) === 'token' ||
      (metric === 'validation.loss' && drawn.some((task) => isPerToken(task) || isOfWords(task))),
  );
  if (all.size < 2 || bad === undefined) return;
  const others = [...kinds].flatMap((kind) => tasks[kind].metrics).filter((metric) => metricPer(metric) !== 'token');
  const usable = others.filter((metric) => metricPer(metric) !== 'character' || !drawn.some(hasWords));
  const isOfTokens = new Set(drawn.map((task) => 'tokens' in task && task.tokens)).size > 1;
  const hasTokenizer = drawn.some((task) => 'tokenizer' in task && task.tokenizer !== undefined);
  refuse(
    isOfTokens ? 'task.tokens' : hasTokenizer ? 'task.tokenizer' : 'task.vocabulary',
    `trials with different tokens do not compare by ${bad}, ` +
      `which is ${bad === 'validation.loss' && drawn.some(isOfWords) ? 'less the fewer words are known' : 'per token'}; ` +
      (usable.length > 0 ? `set objective to ${inWords([...new Set(usable)], 'or')}` : 'give one value'),
  );
}

/** Whether the tokens of a task are characters, and its data holds no lists of words, which have a vocabulary whatever its tokens are. */
const hasOnlyCharacters = (task: TaskSpec): boolean =>
  'tokens' in task &&
  task.tokens === 'character' &&
  (tasks[task.kind].answers === 'written' || tasks[task.kind].reads === 'stream');

const hasWords = (task: TaskSpec): boolean => 'tokens' in task && task.tokens === 'word';
