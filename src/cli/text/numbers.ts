const WHOLE = new Intl.NumberFormat('en-AU', { maximumFractionDigits: 0 });
const ONE_DECIMAL = new Intl.NumberFormat('en-AU', { minimumFractionDigits: 1, maximumFractionDigits: 1 });

/** `37500.4` → `37,500` */
export function count(value: number): string {
  return WHOLE.format(value);
}

/** `3.14159` → `3.1`, `1234.5` → `1,235`: one decimal below 100. */
export function measure(value: number): string {
  return Math.abs(value) < 100 ? ONE_DECIMAL.format(value) : WHOLE.format(value);
}

/** `4998123.4` → `A$4,998,123`, with the narrow symbol of the currency that Australians know. */
export function money(value: number, currency: string, decimals = 0): string {
  const digits = { minimumFractionDigits: decimals, maximumFractionDigits: decimals };
  // Spaces inside the text would let it wrap.
  const text = new Intl.NumberFormat('en', {
    style: 'currency',
    currency,
    currencyDisplay: 'symbol',
    ...digits,
  }).format(value);
  return text.replace(/\s/g, '\u00a0');
}

/** `0.0123` → `US$0.0123`: as many decimals as three digits of a small amount need. */
export function usd(value: number): string {
  if (value === 0) return 'US$0.00';
  const decimals = Math.abs(value) >= 0.1 ? 2 : Math.min(8, 2 - Math.floor(Math.log10(Math.abs(value))));
  return `US$${value.toLocaleString('en', { minimumFractionDigits: decimals, maximumFractionDigits: decimals })}`;
}

/** `0.0123` → `US$0.0123`, always four decimals: for columns of small amounts. */
export function cents(value: number): string {
  return value > 0 && value < 0.00005
    ? '<US$0.0001'
    : `US$${value.toLocaleString('en', { minimumFractionDigits: 4, maximumFractionDigits: 4 })}`;
}

/** `950` → `950 ms`, `12345` → `12.3 s`, `75000` → `1 min 15 s` */
export function duration(ms: number): string {
  if (ms < 1000) return `${Math.round(ms)} ms`;
  if (ms < 59_950) return `${ONE_DECIMAL.format(ms / 1000)} s`;
  const seconds = Math.round(ms / 1000);
  return `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
}

/** `1536` → `1.5 KB`, in steps of 1,024 */
export function bytes(value: number): string {
  const units = ['B', 'KB', 'MB', 'GB', 'TB'];
  const power = value < 1 ? 0 : Math.min(units.length - 1, Math.floor(Math.log2(value) / 10));
  const amount = value / 1024 ** power;
  return `${power === 0 ? WHOLE.format(amount) : measure(amount)} ${units[power]}`;
}
