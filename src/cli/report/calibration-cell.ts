import { measure, money } from '../text/numbers.ts';
import type { CalibrationRow } from './report.ts';

/** Shows a figure of the calibration in its unit: percentages, amounts of money, plain numbers. */
export function calibrationCell(value: number | null, { unit }: Pick<CalibrationRow, 'unit'>): string {
  if (value === null) return '–';
  if (unit === '%') return `${Math.abs(value) < 1 ? value.toFixed(2) : value.toFixed(1)} %`;
  if (unit === 'A$') return money(value, 'AUD', Math.abs(value) < 100 ? 2 : 0);
  const number = Math.abs(value) < 10 ? value.toFixed(2) : measure(value);
  return unit === '' ? number : `${number} ${unit}`;
}

/** A gap that asks for an explanation: a quarter of the published figure. */
const FAR_OFF_SHARE = 0.25;

/** @returns whether ours is far from the published figure */
export function isFarOff({ ours, published }: Pick<CalibrationRow, 'ours' | 'published'>): boolean {
  return ours !== null && published !== null && Math.abs(ours - published) > FAR_OFF_SHARE * Math.abs(published);
}
