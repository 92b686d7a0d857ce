import type { ShownWriting } from '@unroll/contracts';
import { useQuery } from '@tanstack/react-query';
import { useCallback, useState } from 'react';
import { diagnosticsQuery } from '../../api/queries';
import { attentionOption } from '../../charts/attention-option';
import { EChart } from '../../charts/EChart';
import { DataTable, type Column } from '../../design/DataTable';
import { Card } from '../../design/Page';
import { theme } from '../../design/theme';
import { counted } from '../../format/number';

/** What a trained network writes, beside its source and the right text; nothing where its task does not write. */
export function WritingCard({ id }: { id: string }) {
  const { data } = useQuery(diagnosticsQuery(id));
  const written = data?.snapshots?.written;
  return written && written.examples.length > 0 ? <Shown written={written} /> : null;
}

type Example = ShownWriting['examples'][number];

function Shown({ written: { separator, examined, examples } }: { written: ShownWriting }) {
  const attended = examples.filter(({ attention }) => attention && attention.length > 0);
  return (
    <>
      <Card
        title="Written"
        about={`Of ${counted(examined, 'example')} of the validation part, those with the most edits first; with the best weights`}
        flush
      >
        <DataTable
          caption="Written"
          columns={columnsFor(separator, examples)}
          rows={examples}
          rowKey={({ place }) => place}
        />
      </Card>
      {attended.length > 0 && <Attention examples={attended} separator={separator} />}
    </>
  );
}

function columnsFor(separator: string, examples: readonly Example[]): Column<Example>[] {
  const text = (tokens: readonly string[] | undefined) => <span className="letters">{tokens?.join(separator)}</span>;
  return [
    { id: 'place', header: 'Where', cell: ({ place }) => <span className="nowrap">{place}</span> },
    ...(examples.some(({ source }) => source)
      ? [{ id: 'source', header: 'Source', cell: ({ source }: Example) => text(source) }]
      : []),
    {
      id: 'found',
      header: 'Written',
      cell: ({ found, right }) => (
        <span className={found.join(separator) === right.join(separator) ? undefined : 'worse'}>
          {found.length > 0 ? text(found) : 'nothing'}
        </span>
      ),
    },
    { id: 'right', header: 'Right', cell: ({ right }) => text(right) },
  ];
}

function Attention({ examples, separator }: { examples: readonly Example[]; separator: string }) {
  const [chosen, choose] = useState(0);
  const example = examples[Math.min(chosen, examples.length - 1)]!;
  const option = useCallback(() => attentionOption(example, theme()), [example]);
  return (
    <Card
      title="Attention"
      about="What each token written attends to in its source: the darker, the larger the weight"
      actions={
        <label className="field">
          Example
          <select value={chosen} onChange={({ target }) => choose(Number(target.value))}>
            {examples.map(({ place, source, found }, index) => (
              <option key={place} value={index}>
                {place}: {(source ?? found).slice(0, 24).join(separator)}
              </option>
            ))}
          </select>
        </label>
      }
    >
      <EChart
        label={`Attention of ${counted(example.found.length, 'token')} written over ${counted(example.attention![0]!.length, 'step')} of the source`}
        height={Math.max(200, 64 + example.found.length * 22)}
        option={option}
      />
    </Card>
  );
}
