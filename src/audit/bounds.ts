/** What an answer counts apart of any one kind, and the name under which it counts the rest together. */
export const GROUPS_MAX = 40;
export const OTHER = 'OTHER';

/** Days that an answer tells one by one: ten years of them, fewer where many tenants share it. */
export const DAYS_MAX = 3_700;
/** A day takes up to 200 bytes: 18,500 of them, of all tenants together, stay below 4 of the 6 MB of a Lambda's answer. */
const DAYS_OF_ALL_MAX = 18_500;
const DAYS_LEAST = 31;

/** @returns how many days of each tenant an answer about so many tenants can tell */
export function daysMaxFor(tenants: number): number {
  return Math.min(DAYS_MAX, Math.max(DAYS_LEAST, Math.floor(DAYS_OF_ALL_MAX / Math.max(tenants, 1))));
}

/**
 * @param options.groupsMax most groups apart, 40 unless told
 * @returns the largest groups, largest first, and then, under `OTHER`, all that are beyond those together with the one that is
 * itself called so
 */
export function largest<Group>(
  groups: ReadonlyMap<string, Group>,
  options: { sizeOf: (group: Group) => number; sum: (groups: readonly Group[]) => Group; groupsMax?: number },
): [name: string, group: Group][] {
  const { sizeOf, sum, groupsMax = GROUPS_MAX } = options;
  const named = [...groups]
    .filter(([name]) => name !== OTHER)
    .toSorted(([a, one], [b, other]) => sizeOf(other) - sizeOf(one) || (a < b ? -1 : 1));
  const own = groups.get(OTHER);
  const rest = [...named.slice(groupsMax).map(([, group]) => group), ...(own === undefined ? [] : [own])];
  return [...named.slice(0, groupsMax), ...(rest.length > 0 ? [[OTHER, sum(rest)] satisfies [string, Group]] : [])];
}

/** @returns the days in order, at most so many and one before them: the earlier ones as one row, dated with their last day */
export function latest<Day extends { date: string }>(
  days: readonly Day[],
  options: { daysMax: number; sum: (earlier: readonly [Day, ...Day[]]) => Omit<Day, 'date'> },
): Day[] {
  const { daysMax, sum } = options;
  const [first, ...others] = days.slice(0, Math.max(days.length - daysMax, 0));
  if (!first) return [...days];
  return [{ ...first, ...sum([first, ...others]), date: (others.at(-1) ?? first).date }, ...days.slice(-daysMax)];
}
