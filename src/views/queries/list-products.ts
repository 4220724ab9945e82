import type { ProductView } from '../../contract/queries.ts';
import { productKey } from '../keys.ts';
import type { ProductRow } from '../products/product-row.ts';
import { type Query, found } from './query.ts';
import { readList } from './read-list.ts';
import { defined, toWire } from './wire.ts';

export const listProducts: Query<'listProducts'> = async ({ views, tenant, tenantId }, { limit, offset }) => {
  const { ids, total } = await readList({ views, tenantId, kind: 'products', offset, limit });
  const rows = await views.get(ids.map((id) => productKey(tenantId, id)));
  const products = rows.filter((row) => row !== undefined).map((row) => productViewOf(row, tenant.currencyExponent));
  return found({ products, total, limit, offset });
};

function productViewOf({ version, terms }: ProductRow, exponent: number): ProductView {
  const { productCode, name, productType, category, status, interest, fees, constraints, features, creditCriteria } =
    terms;
  const wired = (value: object | undefined) => value && toWire(value, exponent);
  return {
    productCode,
    name,
    productType,
    status,
    version,
    interest: toWire(interest, exponent),
    ...defined({
      category,
      fees: wired(fees),
      constraints: wired(constraints),
      features,
      creditCriteria: wired(creditCriteria),
    }),
  };
}
