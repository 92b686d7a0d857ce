import { forecastOption } from '@unroll/charts';
import type { ShownForecast } from '@unroll/contracts';
import { useQuery } from '@tanstack/react-query';
import { useCallback, useState } from 'react';
import { diagnosticsQuery } from '../../api/queries';
import { EChart } from '../../charts/EChart';
import { chartInk } from '../../charts/palette';
import { Button } from '../../design/Button';
import { Card } from '../../design/Page';
import { count, mark } from '../../format/number';

const height = 320;

/** Forecasts of the validation part against the truth, one series at a time; nothing where the trial has none. */
export function ForecastCard({ id }: { id: string }) {
  const { data } = useQuery(diagnosticsQuery(id));
  const forecasts = data?.snapshots?.forecasts ?? [];
  return forecasts.length > 0 ? <Shown forecasts={forecasts} /> : null;
}

const nameOf = ({ series, target = '', times }: ShownForecast): string =>
  [series, target, `from ${times[0]}`].filter((name) => name !== '').join(', ');

function Shown({ forecasts }: { forecasts: readonly ShownForecast[] }) {
  const [chosen, choose] = useState(0);
  const index = Math.min(chosen, forecasts.length - 1);
  const forecast = forecasts[index]!;
  const option = useCallback(() => forecastOption([forecast], { ink: chartInk(), mark }), [forecast]);
  return (
    <Card
      title="Forecasts"
      about={`Of the validation part, with the best weights: ${nameOf(forecast)}`}
      actions={
        forecasts.length > 1 && (
          <div className="row">
            <Button disabled={index === 0} onClick={() => choose(index - 1)} aria-label="Previous forecast">
              ‹
            </Button>
            <label className="field">
              <span className="hidden">Forecast</span>
              <select value={index} onChange={({ target }) => choose(Number(target.value))}>
                {forecasts.map((each, at) => (
                  <option key={at} value={at}>
                    {nameOf(each)}
                  </option>
                ))}
              </select>
            </label>
            <Button
              disabled={index === forecasts.length - 1}
              onClick={() => choose(index + 1)}
              aria-label="Next forecast"
            >
              ›
            </Button>
            <span className="muted">
              {count(index + 1)} of {count(forecasts.length)}
            </span>
          </div>
        )
      }
    >
      <EChart
        label={`Forecast of ${forecast.times.length} rows ${nameOf(forecast)} against the truth`}
        height={height}
        option={option}
      />
    </Card>
  );
}
