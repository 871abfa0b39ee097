-- What is rounded up is too large for the new type
-- before
CREATE TABLE t (id INT PRIMARY KEY, a DECIMAL(6, 3));
-- data
INSERT INTO t VALUES (1, 999.994), (2, 999.995);
-- after
CREATE TABLE t (id INT PRIMARY KEY, a DECIMAL(5, 2));
-- expect
modify_column: ALTER TABLE `t` MODIFY COLUMN `a` decimal(5,2) DEFAULT NULL
  lost: digits behind the point beyond 2 of `t`.`a`
  reason: column `t`.`a`: values are rounded without a word; a strict server refuses values outside decimal(5,2)
  found: 2 rows of `t` violate the new type of `a`: more than 2 digits behind the point, e.g. `id` 1
  found: 1 row of `t` violates the new type of `a`: outside decimal(5,2), e.g. `id` 2
refused: 1264: ALTER TABLE `t` MODIFY COLUMN `a` decimal(5,2) DEFAULT NULL
