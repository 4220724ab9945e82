import type { Profiler } from 'node:inspector';

/** Puts time into a part: the first rule whose expression finds something in `function file` decides. */
export interface PartRule {
  part: string;
  matches: RegExp;
}

/**
 * Shares of a profile's time by part, greatest first; they sum up to 1. A function that no rule names counts as its caller's
 * part: what `JSON.parse` spends inside V8 belongs to whoever the rules say. Time in which the thread waited is left out.
 */
export function sharesOf(profile: Profiler.Profile, rules: readonly PartRule[]): Record<string, number> {
  const nodes = new Map(profile.nodes.map((node) => [node.id, node]));
  const partOf = new Map<number, string>();
  const [root] = profile.nodes;
  const open: { id: number; inherited: string }[] = root ? [{ id: root.id, inherited: OTHER }] : [];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const node = nodes.get(next.id);
    if (!node) continue;
    const { functionName, url } = node.callFrame;
    const part = rules.find(({ matches }) => matches.test(`${functionName} ${url}`))?.part ?? next.inherited;
    partOf.set(node.id, part);
    for (const id of node.children ?? []) open.push({ id, inherited: part });
  }
  const micros = new Map<string, number>();
  for (const [index, id] of (profile.samples ?? []).entries()) {
    if (nodes.get(id)?.callFrame.functionName === '(idle)') continue;
    const part = partOf.get(id) ?? OTHER;
    micros.set(part, (micros.get(part) ?? 0) + (profile.timeDeltas?.[index] ?? 0));
  }
  const total = [...micros.values()].reduce((sum, each) => sum + each, 0);
  const shares = [...micros].map(([part, each]) => [part, total === 0 ? 0 : each / total] as const);
  return Object.fromEntries(shares.toSorted(([, a], [, b]) => b - a));
}

const OTHER = 'other';
