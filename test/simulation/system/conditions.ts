import type { AttributeValue, Item } from '../../../src/dynamodb/wire.ts';

const SIGNS: Record<string, (order: number) => boolean> = {
  '=': (order) => order === 0,
  '<>': (order) => order !== 0,
  '<': (order) => order < 0,
  '<=': (order) => order <= 0,
  '>': (order) => order > 0,
  '>=': (order) => order >= 0,
};

/**
 * Whether a condition holds on an item, for the conditions that the ledger writes: terms joined by AND, each a comparison of an
 * attribute with a value, or whether an attribute is there. What is not there compares with nothing.
 * @throws for a condition of another form, rather than to guess
 */
export function holds(condition: string, item: Item | undefined, values: Item = {}): boolean {
  return condition.split(' AND ').every((term) => {
    const presence = /^attribute_(not_)?exists\((\w+)\)$/.exec(term);
    if (presence) return (item?.[presence[2] ?? ''] === undefined) === (presence[1] !== undefined);
    const prefix = /^begins_with\((\w+), (:\w+)\)$/.exec(term);
    if (prefix) return item?.[prefix[1] ?? '']?.S?.startsWith(values[prefix[2] ?? '']?.S ?? '') === true;
    const noText = /^NOT attribute_type\((\w+), :text\)$/.exec(term);
    if (noText) return item?.[noText[1] ?? '']?.S === undefined;
    const [, name = '', sign = '', value = ''] = /^(\w+) (=|<>|<=?|>=?) (:\w+)$/.exec(term) ?? [];
    const test = SIGNS[sign];
    if (!test) throw new Error(`The simulated engine does not know the condition "${term}"`);
    const [is, wanted] = [item?.[name], values[value]];
    return is !== undefined && wanted !== undefined && test(orderOf(is, wanted));
  });
}

function orderOf(a: AttributeValue, b: AttributeValue): number {
  if (a.N !== undefined && b.N !== undefined) return Number(a.N) - Number(b.N);
  const [one = '', other = ''] = [a.S ?? a.B, b.S ?? b.B];
  return one < other ? -1 : one > other ? 1 : 0;
}
