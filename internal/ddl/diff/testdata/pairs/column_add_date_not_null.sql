-- No server has a date for rows that exist
-- before
CREATE TABLE t (id INT PRIMARY KEY);
-- data
INSERT INTO t VALUES (7);
-- after
CREATE TABLE t (id INT PRIMARY KEY, d DATE NOT NULL);
-- expect
add_column: ALTER TABLE `t` ADD COLUMN `d` date NOT NULL
  reason: column `t`.`d`: a server refuses it while there are rows, for which it has no value
  found: 1 row of `t` violates NOT NULL of the new column `d`, which has no default (a script can add it with values), e.g. `id` 7
refused: 1292: ALTER TABLE `t` ADD COLUMN `d` date NOT NULL
