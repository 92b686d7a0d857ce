#!/usr/bin/env bash
# jStat 1.9.6.
# jStat.setRandom replaces the source of random numbers, as for reproducible samples of a forecast's distribution. normal, gamma and
# studentt draw from it, and poisson.sample does for a mean below 10. From 10 on, poisson.sample draws from Math.random all the same
# (sampleLarge, by the method of Hörmann 1993), so that a seeded run differs from the next only where counts are large.
# Counts from a negative binomial, a Poisson whose mean is a gamma, are therefore drawn here by inverting its distribution function.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund jstat@1.9.6 >/dev/null 2>&1
seen=$(node -e '
const { jStat } = require("jstat");
const drawn = (draw) => {
  let state = 7;
  jStat.setRandom(() => (state = (state * 48271) % 2147483647) / 2147483647);
  return Array.from({ length: 50 }, draw).join(" ");
};
const kinds = {
  "normal": () => jStat.normal.sample(0, 1),
  "gamma": () => jStat.gamma.sample(3, 2),
  "studentt": () => jStat.studentt.sample(4),
  "poisson 9": () => jStat.poisson.sample(9),
  "poisson 10": () => jStat.poisson.sample(10),
};
for (const [name, draw] of Object.entries(kinds))
  console.log(`${name}: ${drawn(draw) === drawn(draw) ? "the same for a seed" : "differs for the same seed"}`);
')
echo "$seen"
[ "$seen" = "normal: the same for a seed
gamma: the same for a seed
studentt: the same for a seed
poisson 9: the same for a seed
poisson 10: differs for the same seed" ]
