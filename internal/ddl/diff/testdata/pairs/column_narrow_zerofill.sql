-- A number filled up with zeros is too long for a text
-- before
CREATE TABLE t (id INT PRIMARY KEY, a INT(20) ZEROFILL);
-- data
INSERT INTO t VALUES (1, 1);
-- after
CREATE TABLE t (id INT PRIMARY KEY, a VARCHAR(11));
-- expect mariadb
modify_column: ALTER TABLE `t` MODIFY COLUMN `a` varchar(11) DEFAULT NULL
  reason: column `t`.`a`: a strict server refuses values longer than 11 characters
  found: 1 row of `t` violates the new type of `a`: longer than 11 characters, e.g. `id` 1
refused: 1406: ALTER TABLE `t` MODIFY COLUMN `a` varchar(11) DEFAULT NULL
-- expect mysql
modify_column: ALTER TABLE `t` MODIFY COLUMN `a` varchar(11) COLLATE utf8mb4_unicode_ci DEFAULT NULL
  reason: column `t`.`a`: a strict server refuses values longer than 11 characters
  found: 1 row of `t` violates the new type of `a`: longer than 11 characters, e.g. `id` 1
refused: 1406: ALTER TABLE `t` MODIFY COLUMN `a` varchar(11) COLLATE utf8mb4_unicode_ci DEFAULT NULL
