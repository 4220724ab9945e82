-- As many accounts as :accounts says, each with an opening deposit of :opening; and chains and shares of clearing for :clients clients.
INSERT INTO accounts (id, balance_minor, head) SELECT id, :opening, genesis(id) FROM generate_series(1, :accounts) AS id;
INSERT INTO chains (id, head) SELECT -id, genesis(-id) FROM generate_series(1, greatest(16, :clients)) AS id;
INSERT INTO clearing (id) SELECT id FROM generate_series(0, :clients) AS id;
VACUUM ANALYZE;
CHECKPOINT;
