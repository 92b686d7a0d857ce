import { check, rules, type HistoryEvent } from '../history/checker.cjs';

const second = (at: number): string => new Date(1_900_000_000_000 + at * 1000).toISOString();

/** What a worker was told, or asked. */
const told = (event: string, phase: string, more: object): HistoryEvent => ({
  ...{ by: 'client', process: 'worker 1', at: second(0), event, phase },
  ...more,
});

/** A history of one trial in a sweep that may run one: claimed at 0 s, renewed at 10 s, reported, and completed at 25 s. */
function history(): HistoryEvent[] {
  const trial = { trial: 't', sweep: 's' };
  const server = (n: number, at: number, xid: string, event: object): HistoryEvent => ({
    ...{ by: 'server', n, at: second(at), xid, event: '' },
    ...event,
  });
  const report = (updates: number, value: number, state: string): object => ({
    ...{ event: 'trial', trial: 't', state, value, updates },
  });
  const work = (updates: number, value: number, end?: string): object => ({
    ...{ attempt: 'a', trial: 't', updates, value },
    ...(end ? { end } : {}),
  });
  return [
    { event: 'about', unique: true, leaseSeconds: 20 },
    server(1, 0, '1', { event: 'sweep', sweep: 's', limit: 1 }),
    server(2, 0, '1', { event: 'insert', ...trial, state: 'pending' }),
    server(3, 0, '1', { event: 'insert', trial: 'u', sweep: 's', state: 'pending' }),
    server(4, 0, '2', { event: 'trial', trial: 't', state: 'running', value: null, updates: 0 }),
    server(5, 0, '2', { event: 'begin', attempt: 'a', trial: 't', worker: 'w', until: second(20) }),
    told('claim', 'ok', { attempts: ['a'] }),
    server(6, 10, '3', { event: 'lease', attempt: 'a', until: second(30) }),
    told('commit', 'invoke', { work: [work(1, 0.5)] }),
    server(7, 12, '4', report(1, 0.5, 'running')),
    server(8, 12, '4', { event: 'points', trial: 't', name: 'loss', first: 1 }),
    told('commit', 'ok', { work: [work(1, 0.5)], lost: [] }),
    told('commit', 'invoke', { work: [work(2, 0.25, 'completed')] }),
    server(9, 25, '5', report(2, 0.25, 'completed')),
    server(10, 25, '5', { event: 'end', attempt: 'a', trial: 't', to: 'succeeded' }),
    told('commit', 'ok', { work: [work(2, 0.25, 'completed')], lost: [] }),
    told('submit', 'ok', { sweep: 's' }),
    {
      event: 'stored',
      sweeps: ['s'],
      trials: [
        { id: 't', state: 'completed', updates: 2 },
        { id: 'u', state: 'pending' },
      ],
    },
  ];
}

const begin = { by: 'server', event: 'begin', attempt: 'b', xid: '9', at: second(13), until: second(40) } as const;

/** Faults that a history may show, each planted in the one above: what becomes of it, by the rule that must find it. */
const planted: [rule: keyof typeof rules, what: string, plant: (events: HistoryEvent[]) => HistoryEvent[]][] = [
  [
    'one result a trial',
    'a second result',
    (events) => [
      ...events,
      { ...begin, n: 20, trial: 't' },
      { ...events[13]!, n: 21, xid: '9', value: 0.1 },
      { ...events[14]!, n: 22, xid: '9', attempt: 'b' },
    ],
  ],
  [
    'one result a trial',
    'a result from no attempt',
    (events) => events.filter(({ event }) => event !== 'end' && event !== 'begin'),
  ],
  ['one attempt at a time', 'a trial that is claimed twice', (events) => [...events, { ...begin, n: 6.5, trial: 't' }]],
  [
    'no write after the fence',
    'a report of an attempt that has ended, while another trains the trial',
    (events) => [
      ...events.filter(({ n }) => n !== 9 && n !== 10),
      { by: 'server', n: 6.1, at: second(11), xid: '7', event: 'end', attempt: 'a', trial: 't', to: 'released' },
      { ...begin, n: 6.2, trial: 't' },
    ],
  ],
  [
    'no write after the fence',
    'a report of an attempt that the server does not know, while another trains the trial',
    (events) => [
      ...events,
      told('claim', 'told', { attempts: ['z'] }),
      told('commit', 'invoke', { work: [{ attempt: 'z', trial: 't', updates: 1, value: 0.75 }] }),
      { ...events[9]!, n: 8.5, value: 0.75 },
    ],
  ],
  ['no write after the fence', 'points after the end', (events) => [...events, { ...events[10]!, n: 20, xid: '9' }]],
  [
    'no write after the fence',
    'a lease that is renewed after the end',
    (events) => [...events, { ...events[7]!, n: 20 }],
  ],
  ['no write after the fence', 'a second end', (events) => [...events, { ...events[14]!, n: 20, xid: '9' }]],
  [
    'no lease taken early',
    'an attempt that is lost before its lease ran out',
    (events) => events.map((event) => (event.n === 10 ? { ...event, to: 'lost' } : event)),
  ],
  [
    'no lease taken early',
    'an attempt that is lost because the clock was set on',
    (events) => [
      ...events.map((event) => (event.n === 10 ? { ...event, to: 'lost', at: second(3625) } : event)),
      { by: 'server', n: 8.5, at: second(12), xid: '8', event: 'jump', seconds: 3600 },
    ],
  ],
  [
    'no lease taken early',
    'an attempt that is lost although a commit had renewed its lease',
    (events) => {
      const time = Date.parse(second(14)) / 1000;
      const commit: HistoryEvent = { by: 'client', event: 'commit', id: 1, attempts: ['a'], work: [], time };
      return [
        ...events
          .filter(({ n, event }) => n !== 9 && event !== 'commit')
          .map((event) => (event.n === 10 ? { ...event, to: 'lost', at: second(28) } : event))
          .map((event) => (event.n === 6 ? { ...event, at: second(5), until: second(25) } : event)),
        { ...commit, phase: 'invoke' },
        { ...commit, phase: 'ok', lost: [] },
      ];
    },
  ],
  [
    'no lost acknowledged write',
    'a result that is not there',
    (events) => events.filter(({ n }) => n !== 9 && n !== 10),
  ],
  [
    'no lost acknowledged write',
    'a report that is not there',
    (events) => [
      ...events,
      {
        by: 'client',
        event: 'commit',
        phase: 'ok',
        work: [{ attempt: 'a', trial: 't', updates: 3, value: 9 }],
        lost: [],
      },
    ],
  ],
  [
    'no lost acknowledged write',
    'a commit for an attempt that the server does not know',
    (events) => [
      ...events,
      told('claim', 'told', { attempts: ['z'] }),
      told('commit', 'ok', { work: [{ attempt: 'z', trial: 't', updates: 1, value: null }], lost: [] }),
    ],
  ],
  [
    'no lost acknowledged write',
    'a claim that is not there',
    (events) => [...events, { ...events[6]!, attempts: ['z'] }],
  ],
  ['no lost acknowledged write', 'a sweep that is not there', (events) => [...events, { ...events[16]!, sweep: 'z' }]],
  [
    'no lost acknowledged write',
    'a row that is not what was written last',
    (events) =>
      events.map((each) => (each.event === 'stored' ? { ...each, trials: [{ id: 't', state: 'pending' }] } : each)),
  ],
  ['limits are kept', 'a trial beyond concurrentTrials', (events) => [...events, { ...begin, n: 6.5, trial: 'u' }]],
];

describe('the checker of histories', () => {
  it('finds nothing in a history in which everything holds, and says how much it looked at', () => {
    expect(check(history())).toEqual({ violations: [], written: 10, acknowledged: 4 });
  });

  it('accepts a result that is trained again after a retry', () => {
    const again = [
      {
        by: 'server',
        n: 11,
        at: second(30),
        xid: '6',
        event: 'trial',
        trial: 't',
        state: 'failed',
        value: null,
        updates: 2,
      },
      {
        by: 'server',
        n: 12,
        at: second(30),
        xid: '6',
        event: 'trial',
        trial: 't',
        state: 'pending',
        value: null,
        updates: 0,
      },
      { ...begin, n: 13, trial: 't' },
      {
        by: 'server',
        n: 14,
        at: second(33),
        xid: '9',
        event: 'trial',
        trial: 't',
        state: 'completed',
        value: 1,
        updates: 2,
      },
      { by: 'server', n: 15, at: second(33), xid: '9', event: 'end', attempt: 'b', trial: 't', to: 'succeeded' },
    ] as HistoryEvent[];
    expect(check([...history(), ...again]).violations).toEqual([]);
  });

  it('accepts that a claim which was told, but never acknowledged, is not there', () => {
    const refused = { work: [{ attempt: 'z', trial: 't', updates: 1, value: 0.75 }], lost: ['z'] };
    const undone = [told('claim', 'told', { attempts: ['z'] }), told('commit', 'ok', refused)];
    expect(check([...history(), ...undone]).violations).toEqual([]);
  });

  it.each(planted)('%s: finds %s', (rule, _, plant) => {
    const found = check(plant(history())).violations.map((violation) => violation.rule);
    expect(found).toContain(rule);
  });

  it('has a planted fault for each of its rules', () => {
    expect(new Set(planted.map(([rule]) => rule))).toEqual(new Set(Object.keys(rules)));
  });
});
