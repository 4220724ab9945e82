import { measure, money } from '../text/numbers.ts';
import type { CalibrationRow } from './report.ts';

/** Shows a figure of the calibration in its unit: shares as per cent, amounts as money. */
export function calibrationCell(value: number | null, { unit }: Pick<CalibrationRow, 'unit'>): string {
  if (value === null) return '–';
  if (unit === '%') return `${percent(value * 100)} %`;
  if (unit === 'A$') return money(value, 'AUD', Math.abs(value) < 100 ? 2 : 0);
  return Math.abs(value) < 10 ? value.toFixed(2) : measure(value);
}

/** Small shares keep two digits that say something: 0.1 % and 0.08 % are not the same. */
function percent(value: number): string {
  return value !== 0 && Math.abs(value) < 1 ? value.toPrecision(2) : value.toFixed(1);
}
