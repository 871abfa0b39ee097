-- Digits behind the point are rounded without a word
-- before
CREATE TABLE t (id INT PRIMARY KEY, a DECIMAL(10, 4), f DOUBLE);
-- data
INSERT INTO t VALUES (1, 1.2345, 2.5), (2, 1.5, 3);
-- after
CREATE TABLE t (id INT PRIMARY KEY, a DECIMAL(10, 2), f INT);
-- expect mariadb
modify_column: ALTER TABLE `t` MODIFY COLUMN `a` decimal(10,2) DEFAULT NULL, MODIFY COLUMN `f` int(11) DEFAULT NULL
  lost: digits behind the point beyond 2 of `t`.`a`; digits behind the point beyond 0 of `t`.`f`
  reason: column `t`.`a`: values are rounded without a word; column `t`.`f`: values are rounded without a word; a strict server refuses values outside -2147483648 to 2147483647
  found: 1 row of `t` violates the new type of `a`: more than 2 digits behind the point, e.g. `id` 1
  found: 1 row of `t` violates the new type of `f`: more than 0 digits behind the point, e.g. `id` 1
-- expect mysql
modify_column: ALTER TABLE `t` MODIFY COLUMN `a` decimal(10,2) DEFAULT NULL, MODIFY COLUMN `f` int DEFAULT NULL
  lost: digits behind the point beyond 2 of `t`.`a`; digits behind the point beyond 0 of `t`.`f`
  reason: column `t`.`a`: values are rounded without a word; column `t`.`f`: values are rounded without a word; a strict server refuses values outside -2147483648 to 2147483647
  found: 1 row of `t` violates the new type of `a`: more than 2 digits behind the point, e.g. `id` 1
  found: 1 row of `t` violates the new type of `f`: more than 0 digits behind the point, e.g. `id` 1
