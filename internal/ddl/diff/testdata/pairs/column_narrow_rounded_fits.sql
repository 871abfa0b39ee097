-- What is rounded down fits the new type
-- before
CREATE TABLE t (id INT PRIMARY KEY, a DECIMAL(4, 1), f DOUBLE);
-- data
INSERT INTO t VALUES (1, 127.4, -128.4);
-- after
CREATE TABLE t (id INT PRIMARY KEY, a TINYINT, f TINYINT);
-- expect mariadb
modify_column: ALTER TABLE `t` MODIFY COLUMN `a` tinyint(4) DEFAULT NULL, MODIFY COLUMN `f` tinyint(4) DEFAULT NULL
  lost: digits behind the point beyond 0 of `t`.`a`; digits behind the point beyond 0 of `t`.`f`
  reason: column `t`.`a`: values are rounded without a word; a strict server refuses values outside -128 to 127; column `t`.`f`: values are rounded without a word; a strict server refuses values outside -128 to 127
  found: 1 row of `t` violates the new type of `a`: more than 0 digits behind the point, e.g. `id` 1
  found: 1 row of `t` violates the new type of `f`: more than 0 digits behind the point, e.g. `id` 1
-- expect mysql
modify_column: ALTER TABLE `t` MODIFY COLUMN `a` tinyint DEFAULT NULL, MODIFY COLUMN `f` tinyint DEFAULT NULL
  lost: digits behind the point beyond 0 of `t`.`a`; digits behind the point beyond 0 of `t`.`f`
  reason: column `t`.`a`: values are rounded without a word; a strict server refuses values outside -128 to 127; column `t`.`f`: values are rounded without a word; a strict server refuses values outside -128 to 127
  found: 1 row of `t` violates the new type of `a`: more than 0 digits behind the point, e.g. `id` 1
  found: 1 row of `t` violates the new type of `f`: more than 0 digits behind the point, e.g. `id` 1
