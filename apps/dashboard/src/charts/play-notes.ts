import { frequency, type Note } from './notes';

/** Seconds of a frame, of a note's beginning and end, and before the first note. */
export const frameSeconds = 0.25;
const edge = 0.02;
const lead = 0.05;
/** Loudness of all notes together, from 0 to 1. */
const loudness = 0.4;

export interface Playing {
  /** The frame that is heard now, with its fraction; from a little below 0. */
  frame(): number;
  stop(): void;
}

/** Plays notes with the oscillators of the browser; `done` is called at the end; it is to be stopped then too. */
export function playNotes(notes: readonly Note[], frames: number, done: () => void): Playing {
  const context = new AudioContext();
  const begin = context.currentTime + lead;
  const at = (frame: number): number => Math.max(0, begin + frame * frameSeconds);
  const together = Array.from({ length: frames }, (_, frame) =>
    notes.filter(({ from, to }) => from <= frame && frame < to),
  );
  const gain = loudness / Math.max(1, ...together.map(({ length }) => length));
  for (const { label, from, to } of notes) {
    const [oscillator, volume] = [context.createOscillator(), context.createGain()];
    oscillator.type = 'triangle';
    oscillator.frequency.value = frequency(label);
    volume.gain.setValueAtTime(0, at(from));
    volume.gain.linearRampToValueAtTime(gain, at(from) + edge);
    volume.gain.setValueAtTime(gain, at(to) - edge);
    volume.gain.linearRampToValueAtTime(0, at(to));
    oscillator.connect(volume).connect(context.destination);
    oscillator.start(at(from));
    oscillator.stop(at(to));
  }
  const timer = setTimeout(done, (lead + frames * frameSeconds) * 1000);
  return {
    frame: () => (context.currentTime - begin) / frameSeconds,
    stop() {
      clearTimeout(timer);
      void context.close();
    },
  };
}
