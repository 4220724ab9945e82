-- One row of figures: what is stored, and how much of it is not as it should be. All of it is recomputed from the lines.
WITH linked AS MATERIALIZED (
  SELECT chain, seq, hash, line, (line::json #>> '{legs,0,account}')::integer AS account,
    (line::json #>> '{legs,0,amountMinor}')::bigint AS amount, (line::json #>> '{legs,1,amountMinor}')::bigint AS counter,
    lag(hash) OVER by_chain AS before, row_number() OVER by_chain AS place, lead(seq) OVER by_chain IS NULL AS last
  FROM journal WINDOW by_chain AS (PARTITION BY chain ORDER BY seq)
), moved AS (
  SELECT account, sum(amount) AS amount FROM linked GROUP BY account
), heads AS (
  SELECT id, seq, head FROM accounts WHERE seq > 0 UNION ALL SELECT id, seq, head FROM chains WHERE seq > 0
)
SELECT
  (SELECT count(*) FROM linked) AS postings,
  (SELECT count(*) FROM linked WHERE seq <> place
    OR hash <> digest(coalesce(before, genesis(chain)) || convert_to(line, 'UTF8'), 'sha256')) AS broken_links,
  (SELECT count(*) FROM heads FULL JOIN (SELECT * FROM linked WHERE last) AS ends ON id = chain
    WHERE heads.seq IS DISTINCT FROM ends.seq OR head IS DISTINCT FROM hash) AS wrong_heads,
  (SELECT count(*) FROM accounts LEFT JOIN moved ON id = account
    WHERE balance_minor <> :opening + coalesce(amount, 0) OR balance_minor < floor_minor) AS wrong_balances,
  (SELECT coalesce(sum(amount + counter), 0) FROM linked) AS sum_of_legs,
  -- Where there are rows for clearing, they are what the members' accounts lack.
  (SELECT CASE WHEN :clearing = 1 THEN (SELECT sum(balance_minor) FROM clearing) + (SELECT sum(amount) FROM moved) ELSE 0 END) AS sum_of_balances;
