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
