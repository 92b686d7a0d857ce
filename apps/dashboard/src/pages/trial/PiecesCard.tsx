import type { ShownFrames } from '@unroll/contracts';
import { useQuery } from '@tanstack/react-query';
import { useEffect, useRef, useState } from 'react';
import { diagnosticsQuery } from '../../api/queries';
import { areKeys, keyName, notesOf, type Note } from '../../charts/notes';
import { playNotes, type Playing } from '../../charts/play-notes';
import { Button } from '../../design/Button';
import { Card } from '../../design/Page';
import { counted } from '../../format/number';

/** How a trained network continues sequences of frames, as a piano roll that plays; nothing where its task is another. */
export function PiecesCard({ id }: { id: string }) {
  const { data } = useQuery(diagnosticsQuery(id));
  const pieces = data?.snapshots?.frames?.pieces;
  return pieces && pieces.length > 0 ? <Shown key={id} pieces={pieces} /> : null;
}

type Pieces = ShownFrames['pieces'];
type Ending = 'written' | 'right';

function Shown({ pieces }: { pieces: Pieces }) {
  const [chosen, choose] = useState(0);
  const [ending, end] = useState<Ending>('written');
  const piece = pieces[Math.min(chosen, pieces.length - 1)]!;
  return (
    <Card
      title="Continued pieces"
      about={
        ending === 'written'
          ? 'The network read the grey frames, and drew the others one after the other'
          : 'The network read the grey frames; the others are those of the data'
      }
      actions={
        <div className="row">
          <label className="field">
            Piece
            <select value={chosen} onChange={({ target }) => choose(Number(target.value))}>
              {pieces.map(({ place }, index) => (
                <option key={place} value={index}>
                  {place}
                </option>
              ))}
            </select>
          </label>
          <label className="field">
            Continued
            <select value={ending} onChange={({ target }) => end(target.value as Ending)}>
              <option value="written">by the network</option>
              <option value="right">as in the data</option>
            </select>
          </label>
        </div>
      }
    >
      <Roll
        key={`${chosen} ${ending}`}
        given={piece.given}
        rest={piece[ending]}
        span={spanOf(pieces)}
        ending={ending}
      />
    </Card>
  );
}

/** The lowest and the highest label of all pieces, so that they are drawn alike. */
function spanOf(pieces: Pieces): [least: number, most: number] {
  const labels = pieces.flatMap(({ given, written, right }) => [...given, ...written, ...right].flat().map(Number));
  return labels.length === 0 ? [60, 72] : [Math.min(...labels), Math.max(...labels)];
}

interface RollProps {
  given: Pieces[number]['given'];
  rest: Pieces[number]['written'];
  span: [least: number, most: number];
  ending: Ending;
}

function Roll({ given, rest, span: [least, most], ending }: RollProps) {
  const frames = given.length + rest.length;
  const rows = most - least + 1;
  const parts = [notesOf(given), notesOf(rest).map(({ label, from, to }) => move(label, from, to, given.length))];
  const notes = notesOf([...given, ...rest]);
  const octaves = Array.from({ length: rows }, (_, row) => least + row).filter((label) => label % 12 === 0);
  const { playing, toggle, head } = usePlayer(notes, frames);
  const isMusic = areKeys(notes);
  return (
    <div className="stack">
      <div className="roll" style={{ height: Math.min(320, Math.max(120, rows * 9)) }}>
        <div className="keys" aria-hidden>
          {octaves.map((label) => (
            <span key={label} style={{ bottom: `${(100 * (label - least)) / rows}%` }}>
              {isMusic ? keyName(label) : label}
            </span>
          ))}
        </div>
        <svg
          role="img"
          aria-label={`Piano roll of ${counted(frames, 'frame')}, the last ${rest.length} ${ending === 'written' ? 'drawn by the network' : 'of the data'}`}
          viewBox={`0 0 ${frames} ${rows}`}
          preserveAspectRatio="none"
        >
          {octaves.map((label) => (
            <line key={label} className="octave" x1={0} x2={frames} y1={most + 1 - label} y2={most + 1 - label} />
          ))}
          {parts.map((own, part) => (
            <Notes key={part} notes={own} className={part === 0 ? 'given' : 'drawn'} most={most} isMusic={isMusic} />
          ))}
          <line className="end" x1={given.length} x2={given.length} y1={0} y2={rows} />
          <line ref={head} className="head" x1={0} x2={0} y1={0} y2={rows} visibility="hidden" />
        </svg>
      </div>
      {isMusic && (
        <div className="row">
          <Button onClick={toggle}>{playing ? 'Stop' : 'Play'}</Button>
          <span className="muted">
            4 frames a second; the numbers of the labels are those of a piano’s keys in MIDI
          </span>
        </div>
      )}
    </div>
  );
}

interface NotesProps {
  notes: readonly Note[];
  className: string;
  /** The highest label, which is at the top. */
  most: number;
  isMusic: boolean;
}

function Notes({ notes, className, most, isMusic }: NotesProps) {
  const name = ({ label, from, to }: Note): string =>
    `${isMusic ? keyName(label) : label}, ${to - from === 1 ? `frame ${to}` : `frames ${from + 1} to ${to}`}`;
  return notes.map((note) => (
    <rect
      key={`${note.label} ${note.from}`}
      className={className}
      x={note.from + 0.04}
      y={most - note.label + 0.08}
      width={note.to - note.from - 0.08}
      height={0.84}
    >
      <title>{name(note)}</title>
    </rect>
  ));
}

const move = (label: number, from: number, to: number, by: number) => ({ label, from: from + by, to: to + by });

/** Plays notes, and moves a line along with what is heard. */
function usePlayer(notes: readonly Note[], frames: number) {
  const [playing, setPlaying] = useState<Playing>();
  const head = useRef<SVGLineElement>(null);
  useEffect(() => {
    if (!playing) return;
    const line = head.current;
    let next = requestAnimationFrame(function follow() {
      const at = String(Math.min(frames, Math.max(0, playing.frame())));
      line?.setAttribute('x1', at);
      line?.setAttribute('x2', at);
      line?.setAttribute('visibility', 'visible');
      next = requestAnimationFrame(follow);
    });
    return () => {
      cancelAnimationFrame(next);
      line?.setAttribute('visibility', 'hidden');
      playing.stop();
    };
  }, [playing, frames]);
  const toggle = (): void => setPlaying(playing ? undefined : playNotes(notes, frames, () => setPlaying(undefined)));
  return { playing: playing !== undefined, toggle, head };
}
