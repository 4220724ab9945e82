import type { TwinConfig } from '../../twin/config.ts';

/** What of the twin's settings the command line lets choose. */
export type DemoSettings = Pick<TwinConfig, 'members' | 'days' | 'start' | 'seed' | 'tenantId' | 'workers'>;

export const SCENARIO = 'steady-state';

/** The command that repeats a run. Workers are left out: they change nothing but the speed. */
export function repeatCommand({ members, days, start, seed, tenantId }: DemoSettings): string {
  return `npm run demo -- --members ${members} --days ${days} --start ${start} --seed ${seed} --tenant ${tenantId}`;
}

/** Name of a run, and of its folder: when, and which seed. It stands in nothing that is hashed. */
export function runIdOf(settings: Pick<DemoSettings, 'seed'>, startedMs: number): string {
  const time = new Date(startedMs)
    .toISOString()
    .replace(/\.\d+Z$/, '')
    .replaceAll(/[-:]/g, '');
  return `${time}-${settings.seed}`;
}
