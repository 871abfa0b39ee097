-- Floats and decimals that lose their sign
-- before
CREATE TABLE t (id INT PRIMARY KEY, a DOUBLE, b INT, c DOUBLE);
-- data
INSERT INTO t VALUES (1, 1, 1, -1);
-- after
CREATE TABLE t (id INT PRIMARY KEY, a DOUBLE UNSIGNED, b DOUBLE UNSIGNED, c DECIMAL(10, 2) UNSIGNED);
-- expect
modify_column: ALTER TABLE `t` MODIFY COLUMN `a` double unsigned DEFAULT NULL, MODIFY COLUMN `b` double unsigned DEFAULT NULL, MODIFY COLUMN `c` decimal(10,2) unsigned DEFAULT NULL
  lost: digits behind the point beyond 2 of `t`.`c`
  reason: column `t`.`a`: a strict server refuses values outside 0 and more; column `t`.`b`: a strict server refuses values outside 0 and more; column `t`.`c`: values are rounded without a word; a strict server refuses values outside decimal(10,2) unsigned; a strict server refuses values outside 0 and more
  found: 1 row of `t` violates the new type of `c`: outside 0 and more, e.g. `id` 1
refused: 1264: ALTER TABLE `t` MODIFY COLUMN `a` double unsigned DEFAULT NULL, MODIFY COLUMN `b` double unsigned DEFAULT NULL, MODIFY COLUMN `c` decimal(10,2) unsigned DEFAULT NULL
