-- A column moves and changes at once
-- before
CREATE TABLE t (id INT PRIMARY KEY, a INT, b INT, c INT);
-- after
CREATE TABLE t (id INT PRIMARY KEY, c BIGINT NOT NULL DEFAULT 3, a INT, b VARCHAR(10));
-- expect mariadb
modify_column: ALTER TABLE `t` MODIFY COLUMN `c` bigint(20) NOT NULL DEFAULT 3 AFTER `id`
  reason: column `t`.`c`: fails while a row holds NULL
modify_column: ALTER TABLE `t` MODIFY COLUMN `b` varchar(10) DEFAULT NULL
  reason: column `t`.`b`: a strict server refuses values longer than 10 characters
-- expect mysql
modify_column: ALTER TABLE `t` MODIFY COLUMN `c` bigint NOT NULL DEFAULT '3' AFTER `id`
  reason: column `t`.`c`: fails while a row holds NULL
modify_column: ALTER TABLE `t` MODIFY COLUMN `b` varchar(10) COLLATE utf8mb4_unicode_ci DEFAULT NULL
  reason: column `t`.`b`: a strict server refuses values longer than 10 characters
