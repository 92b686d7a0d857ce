import type { ClassReport } from '@unroll/contracts';
import { useQuery } from '@tanstack/react-query';
import { useCallback } from 'react';
import { diagnosticsQuery } from '../../api/queries';
import { confusionOption } from '../../charts/confusion-option';
import { EChart } from '../../charts/EChart';
import { DataTable, type Column } from '../../design/DataTable';
import { Card } from '../../design/Page';
import { theme } from '../../design/theme';
import { count, counted, none, number, percent } from '../../format/number';

/** Classes up to which the cells of a confusion matrix are large enough to see. */
const mostShown = 40;

/** What became of each class in the validation part; nothing where the trial has no class report. */
export function ClassesCard({ id }: { id: string }) {
  const { data } = useQuery(diagnosticsQuery(id));
  const report = data?.snapshots?.classes;
  return report ? <Shown report={report} of={data?.snapshots?.tagged ? 'step' : 'example'} /> : null;
}

type Class = ClassReport['classes'][number];
type Wrong = ClassReport['mostWrong'][number];

const share = (value: number | null): string => (value === null ? none : percent(value));

function Shown({ report, of }: { report: ClassReport; of: 'step' | 'example' }) {
  const { examples, classes, confusion, mostWrong } = report;
  const option = useCallback(() => confusionOption(report, theme()), [report]);
  return (
    <>
      <div className="columns">
        <Card title="Classes" about={`${counted(examples, of)} of the validation part, with the best weights`} flush>
          <DataTable caption="Classes" columns={classColumns(of)} rows={classes} rowKey={({ name }) => name} />
        </Card>
        {confusion && classes.length <= mostShown && (
          <Card title="Confusion matrix" about="Of each true class (row), the fraction that got each answer (column)">
            <EChart
              label={`Confusion matrix of ${classes.length} classes`}
              height={Math.max(240, 90 + classes.length * 26)}
              option={option}
            />
          </Card>
        )}
      </div>
      {mostWrong.length > 0 && (
        <Card title="Most wrong" about="The wrong answers that gave the true class the lowest probability" flush>
          <DataTable caption="Most wrong" columns={wrongColumns} rows={mostWrong} rowKey={({ place }) => place} />
        </Card>
      )}
    </>
  );
}

const classColumns = (of: 'step' | 'example'): Column<Class>[] => [
  { id: 'class', header: 'Class', cell: ({ name }) => name },
  { id: 'precision', header: 'Precision', numeric: true, cell: ({ precision }) => share(precision) },
  { id: 'recall', header: 'Recall', numeric: true, cell: ({ recall }) => share(recall) },
  { id: 'f1', header: 'F1', numeric: true, cell: ({ f1 }) => percent(f1) },
  { id: 'count', header: of === 'step' ? 'Steps' : 'Examples', numeric: true, cell: (each) => count(each.count) },
];

const wrongColumns: Column<Wrong>[] = [
  { id: 'place', header: 'Where', cell: ({ place }) => place },
  { id: 'right', header: 'True class', cell: ({ right }) => right },
  { id: 'found', header: 'Answer', cell: ({ found }) => found },
  {
    id: 'probability',
    header: 'Probability of the true class',
    numeric: true,
    cell: ({ probability }) => number(probability),
  },
  { id: 'text', header: 'Begins', cell: ({ text }) => text },
];
