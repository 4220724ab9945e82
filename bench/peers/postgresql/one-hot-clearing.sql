-- One posting a statement, as the books have it: one clearing account for all, 16 chains.
\set account random(1, :accounts)
\set amount random(-5000, 5000)
\set chain -1 - :account % 16
SELECT post_by_chain(gen_random_uuid(), :account, :amount, :chain, 0);
