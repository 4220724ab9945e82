const PLURALS = new Intl.PluralRules('en');

/**
 * @param noun in the singular; its plural ends in s
 * @param write how the number is written
 * @returns `1 digest`, `2 digests`
 */
export function counted(count: number, noun: string, write: (count: number) => string = String): string {
  return `${write(count)} ${noun}${PLURALS.select(count) === 'one' ? '' : 's'}`;
}
