-- A float that loses its sign
-- before
CREATE TABLE t (id INT PRIMARY KEY, a DOUBLE);
-- data
INSERT INTO t VALUES (1, 1), (2, -1);
-- after
CREATE TABLE t (id INT PRIMARY KEY, a DOUBLE UNSIGNED);
-- expect
modify_column: ALTER TABLE `t` MODIFY COLUMN `a` double unsigned DEFAULT NULL
  reason: column `t`.`a`: a strict server refuses values outside 0 and more
  found: 1 row of `t` violates the new type of `a`: outside 0 and more, e.g. `id` 2
refused: 1264: ALTER TABLE `t` MODIFY COLUMN `a` double unsigned DEFAULT NULL
