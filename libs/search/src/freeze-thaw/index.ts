export type { Arrival } from './arrival';
export { chooseNext, type ArrivalLog, type Choice } from './choose-next';
export { lastRung, nextRung } from './rungs';
