/** A team, a member or a priority. A leaf has no children, and says whether a trial of it can start. */
export interface FairNode {
  name: string;
  weight: number;
  running: number;
  recent: number;
  hasWork?: boolean;
  children?: FairNode[];
}

export function nextLeaf(
  tree: Pick<FairNode, 'children'>,
  busy?: readonly string[],
): [FairNode, FairNode, FairNode] | undefined;
export function fade(node: FairNode, kept: number): void;
