-- Duplicates of an expression
-- servers mysql
-- before
CREATE TABLE t (id INT PRIMARY KEY, s VARCHAR(50) COLLATE utf8mb4_bin);
-- data
INSERT INTO t VALUES (1, 'ab'), (2, 'AB'), (3, 'c');
-- after
CREATE TABLE t (id INT PRIMARY KEY, s VARCHAR(50) COLLATE utf8mb4_bin, UNIQUE KEY f ((LOWER(s))));
-- expect
add_index: ALTER TABLE `t` ADD UNIQUE KEY `f` ((lower(`s`)))
  reason: index `t`.`f`: fails while two rows hold the same values
  found: 2 rows of `t` violate unique key `f`, e.g. lower(`s`) ab
refused: 1062: ALTER TABLE `t` ADD UNIQUE KEY `f` ((lower(`s`)))
