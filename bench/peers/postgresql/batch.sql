-- Fifty postings a transaction, in one statement; each client has accounts, a chain and a share of the clearing account of its own.
\set share :accounts / :clients
\set first 1 + :share * :client_id
\set chain -1 - :client_id
\set clearing 1 + :client_id
SELECT post_batch(array_agg(gen_random_uuid()), array_agg(:first + floor(random() * :share)::integer), array_agg(floor(random() * 10001)::bigint - 5000), :chain, :clearing) FROM generate_series(1, 50);
