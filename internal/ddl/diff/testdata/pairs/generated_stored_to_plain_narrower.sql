A computed column becomes a plain one of a narrower type.
-- before
CREATE TABLE t (id INT PRIMARY KEY, a INT, g VARCHAR(40) AS (CONCAT('text', a)) STORED);
CREATE TABLE u (id INT PRIMARY KEY, a INT, g VARCHAR(40) AS (CONCAT('text', a)) STORED);
-- data
INSERT INTO t (id, a) VALUES (1, 1000000);
INSERT INTO u (id, a) VALUES (1, 1);
-- after
CREATE TABLE t (id INT PRIMARY KEY, a INT, g VARCHAR(6));
CREATE TABLE u (id INT PRIMARY KEY, a INT, g VARCHAR(6));
-- expect mariadb
modify_column: ALTER TABLE `t` MODIFY COLUMN `g` varchar(6) DEFAULT NULL
  reason: column `t`.`g`: a strict server refuses values longer than 6 characters
  found: 1 row of `t` violates the new type of `g`: longer than 6 characters, e.g. `id` 1
modify_column: ALTER TABLE `u` MODIFY COLUMN `g` varchar(6) DEFAULT NULL
  reason: column `u`.`g`: a strict server refuses values longer than 6 characters
refused: 1265: ALTER TABLE `t` MODIFY COLUMN `g` varchar(6) DEFAULT NULL
-- expect mysql
modify_column: ALTER TABLE `t` MODIFY COLUMN `g` varchar(6) COLLATE utf8mb4_unicode_ci DEFAULT NULL
  reason: column `t`.`g`: a strict server refuses values longer than 6 characters
  found: 1 row of `t` violates the new type of `g`: longer than 6 characters, e.g. `id` 1
modify_column: ALTER TABLE `u` MODIFY COLUMN `g` varchar(6) COLLATE utf8mb4_unicode_ci DEFAULT NULL
  reason: column `u`.`g`: a strict server refuses values longer than 6 characters
refused: 1265: ALTER TABLE `t` MODIFY COLUMN `g` varchar(6) COLLATE utf8mb4_unicode_ci DEFAULT NULL
