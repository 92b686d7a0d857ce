// A simulated week of 20 people and 100 trainers, by the rule of fair shares. Writes a picture of who had how much, as SVG.
import { init } from 'echarts';
import { writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';

const { fade, nextLeaf } = createRequire(import.meta.url)('../support/fair-tree.cjs');

const hour = 3600;
const day = 24 * hour;
const trainers = 100;
const peopleOfTeam = 5;
const halfLife = 7 * day;
/** Seconds between two refreshes of what was used of late. */
const refresh = 60;

/** Four teams; one begins on the third day, one takes the fifth off. */
const teams = [
  { name: 'speech', weight: 4, works: () => true },
  { name: 'text', weight: 2, works: () => true },
  { name: 'music', weight: 1, works: (time) => time >= 2 * day },
  { name: 'sensors', weight: 1, works: (time) => time < 4 * day || time >= 5 * day },
];

/** Mulberry32: the same week each time. */
function generator(seed) {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

const node = (name, weight, rest) => ({ name, weight, running: 0, recent: 0, ...rest });

/** Each person has sweeps of two priorities; those of the last of a team train groups ten times as long. */
function plantTree() {
  const priorities = () => [node('high', 4, { hasWork: true }), node('normal', 1, { hasWork: true })];
  const people = (team) =>
    Array.from({ length: peopleOfTeam }, (_, index) =>
      node(`${team} ${index + 1}`, 1, { children: priorities(), patient: index === 4 }),
    );
  return { children: teams.map(({ name, weight }) => node(name, weight, { children: people(name) })) };
}

const everyLeaf = (tree, use) => {
  for (const team of tree.children)
    for (const person of team.children) for (const leaf of person.children) use(leaf, person, team);
};

/** Runs the week; returns the trainer seconds of each team by the hour, and the longest time that a leaf with work had no trainer. */
export function simulateWeek(seed = 1) {
  const random = generator(seed);
  const tree = plantTree();
  const used = teams.map(() => new Float64Array((7 * day) / hour));
  const waits = new Map();
  let longest = 0;
  let groups = 0;
  // The trainers by the time at which they are free.
  const free = Array.from({ length: trainers }, () => ({ at: 0, path: undefined }));
  let refreshed = 0;
  for (;;) {
    const trainer = free.reduce((first, each) => (each.at < first.at ? each : first));
    const now = trainer.at;
    if (now >= 7 * day) break;
    for (; refreshed + refresh <= now; refreshed += refresh)
      for (const team of tree.children) fade(team, 2 ** (-refresh / halfLife));
    everyLeaf(tree, (leaf, person, team) => {
      const works = teams.find(({ name }) => name === team.name).works(now);
      if (works && !leaf.hasWork) waits.set(leaf, now);
      leaf.hasWork = works;
    });
    const path = nextLeaf(
      tree,
      trainer.path?.map(({ name }) => name),
    );
    for (const each of trainer.path ?? []) each.running -= 1;
    if (trainer.path?.[2].running === 0) waits.set(trainer.path[2], now);
    const [team, person, leaf] = path;
    if (leaf.running === 0) longest = Math.max(longest, now - (waits.get(leaf) ?? 0));
    for (const each of path) each.running += 1;
    // Log-normal, median 12 minutes.
    const normal = Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
    const took = (person.patient ? 10 : 1) * 720 * Math.exp(0.7 * normal);
    const row = used[tree.children.indexOf(team)];
    for (let at = now; at < Math.min(now + took, 7 * day);) {
      const next = Math.min(now + took, (Math.floor(at / hour) + 1) * hour);
      row[Math.floor(at / hour)] += next - at;
      at = next;
    }
    Object.assign(trainer, { at: now + took, path });
    groups += 1;
  }
  return { used, longest, groups };
}

const shareOf = (used, from, until) => {
  const sums = used.map((row) => row.slice(from, until).reduce((sum, seconds) => sum + seconds, 0));
  const all = sums.reduce((sum, seconds) => sum + seconds, 0);
  return sums.map((seconds) => seconds / all);
};

/** A picture of the teams' shares by the hour, stacked, with the shares that their weights give. */
function draw(used, file) {
  const chart = init(null, null, { renderer: 'svg', ssr: true, width: 900, height: 380 });
  const hours = used[0].length;
  const due = (team, hour_) => {
    const works = teams.filter((each) => each.works(hour_ * hour));
    const { weight } = teams[team];
    return works.includes(teams[team]) ? (100 * weight) / works.reduce((sum, each) => sum + each.weight, 0) : 0;
  };
  const colours = ['#2a78b8', '#d1702d', '#3a8f5b', '#8a5bb0'];
  chart.setOption({
    animation: false,
    backgroundColor: '#ffffff',
    textStyle: { fontFamily: 'sans-serif' },
    grid: { left: 56, right: 24, top: 48, bottom: 48 },
    legend: { top: 8, data: teams.map(({ name, weight }) => `${name}, weight ${weight}`) },
    xAxis: { type: 'value', min: 0, max: 7, interval: 1, name: 'day', nameLocation: 'middle', nameGap: 28 },
    yAxis: { type: 'value', min: 0, name: '% of the trainers', nameLocation: 'middle', nameGap: 36 },
    series: teams.flatMap(({ name, weight }, team) => [
      {
        name: `${name}, weight ${weight}`,
        type: 'line',
        symbol: 'none',
        lineStyle: { width: 1.5, color: colours[team] },
        itemStyle: { color: colours[team] },
        data: Array.from({ length: hours }, (_, at) => [(at + 0.5) / 24, 100 * shareOf(used, at, at + 1)[team]]),
      },
      {
        type: 'line',
        step: 'end',
        symbol: 'none',
        lineStyle: { width: 1, type: 'dashed', color: colours[team] },
        data: Array.from({ length: hours }, (_, at) => [at / 24, due(team, at)]),
      },
    ]),
  });
  writeFileSync(file, `${chart.renderToSVGString()}\n`);
  chart.dispose();
}

const percent = (share) => `${(100 * share).toFixed(1)} %`;

/** Simulates the week, prints what each team had, and draws it if `file` is given. */
export function printWeek(file) {
  const began = performance.now();
  const { used, longest, groups } = simulateWeek();
  const seconds = (performance.now() - began) / 1000;
  console.log(
    `A week of ${teams.length * peopleOfTeam} people and ${trainers} trainers: ${groups} groups, simulated in ${seconds.toFixed(1)} s.`,
  );
  console.log(
    `The longest that sweeps of a person and a priority waited for their next trainer: ${(longest / 60).toFixed(0)} min.`,
  );
  console.log('\n| team | weight | due | days 6 and 7 | the whole week |\n| --- | --- | --- | --- | --- |');
  const [late, whole] = [shareOf(used, 120, 168), shareOf(used, 0, 168)];
  const all = teams.reduce((sum, { weight }) => sum + weight, 0);
  teams.forEach(({ name, weight }, index) =>
    console.log(
      `| ${name} | ${weight} | ${percent(weight / all)} | ${percent(late[index])} | ${percent(whole[index])} |`,
    ),
  );
  if (file) draw(used, file);
}
