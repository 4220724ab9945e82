import mcc from 'merchant-category-codes/with_groups/mcc-en.json' with { type: 'json' };
import { expect, test } from 'vitest';
import { BILLERS } from './billers.ts';
import { EMPLOYERS, FIRST_NAMES, LAST_NAMES, STREETS } from './names.ts';
import { FICTIONAL_MOBILES, phoneOf } from './phones.ts';
import { PLACES, type State } from './places.ts';
import { PUBLISHED_WEEKLY_SPEND, SPEND_CATEGORIES } from './spending.ts';

/** Postcodes by state: Australia Post's ranges for places, without those for post boxes and large receivers. */
const RANGES: Record<State, readonly (readonly [number, number])[]> = {
  NSW: [[2000, 2599], [2619, 2899], [2921, 2999]],
  ACT: [[2600, 2618], [2900, 2920]],
  VIC: [[3000, 3999]],
  QLD: [[4000, 4999]],
  SA: [[5000, 5799]],
  WA: [[6000, 6797]],
  TAS: [[7000, 7799]],
  NT: [[800, 899]],
}; // prettier-ignore

test('every place has a postcode of its state, and none is listed twice', () => {
  const places = Object.values(PLACES).flat();
  expect(places.length).toBeGreaterThanOrEqual(300);
  expect(new Set(places.map((place) => JSON.stringify(place))).size).toBe(places.length);
  for (const { suburb, postcode, state } of places) {
    expect(suburb).toMatch(/^[A-Z][A-Za-z ]+[a-z]$/);
    expect(postcode).toMatch(/^\d{4}$/);
    const inRange = RANGES[state].some(([least, most]) => Number(postcode) >= least && Number(postcode) <= most);
    expect(inRange, `${suburb} ${postcode} ${state}`).toBe(true);
  }
});

test('75,000 members have 75,000 telephone numbers, all kept for fiction', () => {
  const phones = Array.from({ length: 75_000 }, (_, index) => phoneOf(index).phone);
  expect(new Set(phones).size).toBe(75_000);
  expect(new Set(FICTIONAL_MOBILES).size).toBe(30);
  expect(phones.slice(0, 30)).toEqual(FICTIONAL_MOBILES.map((mobile) => `+61${mobile}`));
  expect(phones.slice(30).every((phone) => /^\+61[2378](5550|7010)\d{4}$/.test(phone))).toBe(true);
});

test('a fixed line belongs to the area of the member’s state', () => {
  const areas: Record<State, string> = { NSW: '2', ACT: '2', VIC: '3', TAS: '3', QLD: '7', SA: '8', WA: '8', NT: '8' };
  for (let index = 30; index < 3_000; index += 1) {
    const { phone, states } = phoneOf(index);
    for (const { state } of states) expect(phone.charAt(3)).toBe(areas[state]);
  }
});

test('merchants carry codes of ISO 18245, and each published group of spending has something to buy', () => {
  const codes = new Set(mcc.map((entry) => entry.mcc));
  for (const category of SPEND_CATEGORIES) expect(codes, category.category).toContain(category.mcc);
  const groups = new Set([...SPEND_CATEGORIES, ...BILLERS].map((entry) => entry.group));
  expect([...groups].toSorted()).toEqual(Object.keys(PUBLISHED_WEEKLY_SPEND).toSorted());
});

test('invented names are plentiful, distinct and plain', () => {
  expect(FIRST_NAMES.length).toBeGreaterThan(100);
  for (const list of [STREETS, EMPLOYERS, FIRST_NAMES, LAST_NAMES]) expect(new Set(list).size).toBe(list.length);
  const texts = [
    ...SPEND_CATEGORIES.flatMap((category) => category.merchants),
    ...BILLERS.flatMap((biller) => biller.names),
  ];
  for (const text of texts) expect(text).toMatch(/^[A-Z0-9&() -]+$/);
});
