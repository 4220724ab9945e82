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
  let terms = known.get(condition);
  if (!terms) known.set(condition, (terms = condition.split(' AND ').map(termOf)));
  return terms.every((term) => term(item, values));
}

type Term = (item: Item | undefined, values: Item) => boolean;

/** The ledger writes few conditions, many times. */
const known = new Map<string, Term[]>();

function termOf(term: string): Term {
  const [, not, present] = /^attribute_(not_)?exists\((\w+)\)$/.exec(term) ?? [];
  if (present !== undefined) return (item) => (item?.[present] === undefined) === (not !== undefined);
  const [, text, prefix = ''] = /^begins_with\((\w+), (:\w+)\)$/.exec(term) ?? [];
  if (text !== undefined) return (item, values) => item?.[text]?.S?.startsWith(values[prefix]?.S ?? '') === true;
  const [, negated] = /^NOT (.*)$/.exec(term) ?? [];
  if (negated !== undefined) {
    const test = termOf(negated);
    return (item, values) => !test(item, values);
  }
  const [, ofText] = /^attribute_type\((\w+), :text\)$/.exec(term) ?? [];
  if (ofText !== undefined) return (item) => item?.[ofText]?.S !== undefined;
  const [, name = '', sign = '', value = ''] = /^(\w+) (=|<>|<=?|>=?) (:\w+)$/.exec(term) ?? [];
  const test = SIGNS[sign];
  if (!test) throw new Error(`The simulated engine does not know the condition "${term}"`);
  return (item, values) => {
    const is = item?.[name];
    const wanted = values[value];
    return is !== undefined && wanted !== undefined && test(orderOf(is, wanted));
  };
}

function orderOf(a: AttributeValue, b: AttributeValue): number {
  if (a.N !== undefined && b.N !== undefined) return Number(a.N) - Number(b.N);
  const [one = '', other = ''] = [a.S ?? a.B, b.S ?? b.B];
  return one < other ? -1 : one > other ? 1 : 0;
}
