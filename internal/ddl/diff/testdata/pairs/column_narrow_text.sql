-- A shorter text: the server refuses values that do not fit
-- before
CREATE TABLE t (id INT PRIMARY KEY, v VARCHAR(300));
-- data
INSERT INTO t VALUES (1, 'abcdefgh'), (2, 'ab');
-- after
CREATE TABLE t (id INT PRIMARY KEY, v VARCHAR(3));
-- expect mariadb
modify_column: ALTER TABLE `t` MODIFY COLUMN `v` varchar(3) DEFAULT NULL
  reason: column `t`.`v`: a strict server refuses values longer than 3 characters
  found: 1 row of `t` violates the new type of `v`: longer than 3 characters, e.g. `id` 1
refused: 1406: ALTER TABLE `t` MODIFY COLUMN `v` varchar(3) DEFAULT NULL
-- expect mysql
modify_column: ALTER TABLE `t` MODIFY COLUMN `v` varchar(3) COLLATE utf8mb4_unicode_ci DEFAULT NULL
  reason: column `t`.`v`: a strict server refuses values longer than 3 characters
  found: 1 row of `t` violates the new type of `v`: longer than 3 characters, e.g. `id` 1
refused: 1406: ALTER TABLE `t` MODIFY COLUMN `v` varchar(3) COLLATE utf8mb4_unicode_ci DEFAULT NULL
