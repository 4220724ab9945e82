import type { State } from './places.ts';

/**
 * The thirty mobile numbers that ACMA keeps for fiction, without their leading 0.
 * Source: ACMA, Phone numbers for use in TV shows, films and creative works.
 */
// prettier-ignore
export const FICTIONAL_MOBILES = [
  '491570006', '491570156', '491570157', '491570158', '491570159', '491570110', '491570313', '491570737', '491571266',
  '491571491', '491571804', '491572549', '491572665', '491572983', '491573770', '491573087', '491574118', '491574632',
  '491575254', '491575789', '491576398', '491576801', '491577426', '491577644', '491578957', '491578148', '491578888',
  '491579212', '491579760', '491579455',
] as const;

export type AreaCode = '2' | '3' | '7' | '8';

/**
 * Each area code has 20,000 fictional fixed lines, (0a) 5550 xxxx and (0a) 7010 xxxx. So that 75,000 members get one
 * each, in their own area, every thousand members are shared out as below: 75 × 266 = 19,950 is the fullest.
 * The shares follow the population as far as that allows.
 */
// prettier-ignore
const AREAS: readonly { areaCode: AreaCode; perThousand: number; states: readonly { state: State; weight: number }[] }[] = [
  { areaCode: '2', perThousand: 266, states: [{ state: 'NSW', weight: 95 }, { state: 'ACT', weight: 5 }] },
  { areaCode: '3', perThousand: 266, states: [{ state: 'VIC', weight: 92 }, { state: 'TAS', weight: 8 }] },
  { areaCode: '7', perThousand: 228, states: [{ state: 'QLD', weight: 1 }] },
  { areaCode: '8', perThousand: 240, states: [{ state: 'WA', weight: 60 }, { state: 'SA', weight: 35 }, { state: 'NT', weight: 5 }] },
];

export interface PhoneSlot {
  /** E.164, `+61…`, of a number that belongs to nobody. */
  phone: string;
  /** States of the number's area, by weight. */
  states: readonly { state: State; weight: number }[];
}

const PER_BLOCK = 1_000;
/** Coprime to 1,000 and to 20,000: multiplying by it visits each number once, in an order that does not look like one. */
const STRIDE = 7_919;

/**
 * The number of a member: a function of the index alone, so that members can be made in any order and never share one.
 * The first thirty get the mobiles.
 * @param index 0 to 74,999
 */
export function phoneOf(index: number): PhoneSlot {
  const block = Math.floor(index / PER_BLOCK);
  let position = ((index % PER_BLOCK) * STRIDE) % PER_BLOCK;
  for (const area of AREAS) {
    if (position < area.perThousand) {
      const line = ((block * area.perThousand + position) * STRIDE) % 20_000;
      const fixed = `${area.areaCode}${line < 10_000 ? '5550' : '7010'}${String(line % 10_000).padStart(4, '0')}`;
      return { phone: `+61${FICTIONAL_MOBILES[index] ?? fixed}`, states: area.states };
    }
    position -= area.perThousand;
  }
  throw new RangeError(`Cannot give a telephone number to member ${index}: the areas do not sum to ${PER_BLOCK}`);
}
