-- A value of an enumeration goes that a row holds
-- before
CREATE TABLE t (id INT PRIMARY KEY, e ENUM('a', 'it''s', 'c'));
-- data
INSERT INTO t VALUES (1, 'a'), (2, 'it''s');
-- after
CREATE TABLE t (id INT PRIMARY KEY, e ENUM('a', 'c'));
-- expect mariadb
modify_column: ALTER TABLE `t` MODIFY COLUMN `e` enum('a','c') DEFAULT NULL
  reason: column `t`.`e`: a strict server refuses rows that hold a value that goes
  found: 1 row of `t` violates the new type of `e`: a value that goes ('it''s'), e.g. `id` 2
refused: 1265: ALTER TABLE `t` MODIFY COLUMN `e` enum('a','c') DEFAULT NULL
-- expect mysql
modify_column: ALTER TABLE `t` MODIFY COLUMN `e` enum('a','c') COLLATE utf8mb4_unicode_ci DEFAULT NULL
  reason: column `t`.`e`: a strict server refuses rows that hold a value that goes
  found: 1 row of `t` violates the new type of `e`: a value that goes ('it''s'), e.g. `id` 2
refused: 1265: ALTER TABLE `t` MODIFY COLUMN `e` enum('a','c') COLLATE utf8mb4_unicode_ci DEFAULT NULL
