/** A label that several frames in a row have. */
export interface Note {
  label: number;
  /** The first frame, and the one after the last. */
  from: number;
  to: number;
}

/**
 * The notes of frames, in the order of their beginnings. A label of frames in a row is one note: the data do not say where it is struck
 * anew.
 */
export function notesOf(frames: readonly (readonly string[])[]): Note[] {
  const open = new Map<string, Note>();
  const notes: Note[] = [];
  frames.forEach((labels, frame) => {
    for (const [label, note] of open) {
      if (labels.includes(label)) continue;
      note.to = frame;
      open.delete(label);
    }
    for (const label of new Set(labels)) {
      if (open.has(label)) continue;
      const note = { label: Number(label), from: frame, to: frames.length };
      open.set(label, note);
      notes.push(note);
    }
  });
  return notes;
}

/** Whether labels are numbers of keys of a piano, as MIDI numbers them: A0 is 21, C8 108. */
export const areKeys = (notes: readonly Note[]): boolean =>
  notes.length > 0 && notes.every(({ label }) => Number.isInteger(label) && label >= 21 && label <= 108);

/** Name of a key: C4 is 60. */
export const keyName = (label: number): string =>
  `${['C', 'C♯', 'D', 'D♯', 'E', 'F', 'F♯', 'G', 'G♯', 'A', 'A♯', 'B'][label % 12]!}${Math.floor(label / 12) - 1}`;

/** In Hz, in equal temperament; A4, which is 69, has 440. */
export const frequency = (label: number): number => 440 * 2 ** ((label - 69) / 12);
