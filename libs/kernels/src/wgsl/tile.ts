/** How workgroups split a lane's batch: each computes a whole sequence of `rows` rows. */
export interface Tile {
  rows: number;
  /** Threads side by side, one unit each, or several where there are more units than threads. */
  across: number;
  unitsOfThread: number;
  /** Groups of such threads, and the rows of each. */
  groups: number;
  rowsOfThread: number;
}
