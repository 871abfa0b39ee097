-- A number becomes a text
-- before
CREATE TABLE t (id INT PRIMARY KEY, v INT, w BIGINT);
-- data
INSERT INTO t VALUES (1, 12, 1234567);
-- after
CREATE TABLE t (id INT PRIMARY KEY, v VARCHAR(20), w VARCHAR(5));
-- expect mariadb
modify_column: ALTER TABLE `t` MODIFY COLUMN `v` varchar(20) DEFAULT NULL
modify_column: ALTER TABLE `t` MODIFY COLUMN `w` varchar(5) DEFAULT NULL
  reason: column `t`.`w`: a strict server refuses values longer than 5 characters
  found: 1 row of `t` violates the new type of `w`: longer than 5 characters, e.g. `id` 1
refused: 1406: ALTER TABLE `t` MODIFY COLUMN `w` varchar(5) DEFAULT NULL
-- expect mysql
modify_column: ALTER TABLE `t` MODIFY COLUMN `v` varchar(20) COLLATE utf8mb4_unicode_ci DEFAULT NULL
modify_column: ALTER TABLE `t` MODIFY COLUMN `w` varchar(5) COLLATE utf8mb4_unicode_ci DEFAULT NULL
  reason: column `t`.`w`: a strict server refuses values longer than 5 characters
  found: 1 row of `t` violates the new type of `w`: longer than 5 characters, e.g. `id` 1
refused: 1406: ALTER TABLE `t` MODIFY COLUMN `w` varchar(5) COLLATE utf8mb4_unicode_ci DEFAULT NULL
