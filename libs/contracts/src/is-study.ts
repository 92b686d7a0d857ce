import type { SweepSpec } from './sweep-spec';

/** Whether a sweep's trials are run by whoever asks for them. */
export const isStudy = ({ parameters }: Pick<SweepSpec, 'parameters'>): boolean => parameters !== undefined;

/** Whether a trial was run by whoever asked for it: its specification has no network, but the parameters that it was given. */
export const isStudyTrial = ({ spec }: { spec: Readonly<Record<string, unknown>> }): boolean => 'parameters' in spec;
