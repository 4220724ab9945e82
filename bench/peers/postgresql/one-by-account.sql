-- One posting a statement, at its best: chains by account, no clearing row, so that nothing but the account is locked.
\set account random(1, :accounts)
\set amount random(-5000, 5000)
SELECT post_by_account(gen_random_uuid(), :account, :amount);
