-- A shorter text whose values all fit, beside a change that loses nothing
-- before
CREATE TABLE t (id INT PRIMARY KEY, v VARCHAR(300), w INT);
-- data
INSERT INTO t VALUES (1, 'ab', 1);
-- after
CREATE TABLE t (id INT PRIMARY KEY, v VARCHAR(3), w BIGINT, x INT);
-- expect mariadb
alter_table: ALTER TABLE `t` MODIFY COLUMN `w` bigint(20) DEFAULT NULL, ADD COLUMN `x` int(11) DEFAULT NULL
modify_column: ALTER TABLE `t` MODIFY COLUMN `v` varchar(3) DEFAULT NULL
  reason: column `t`.`v`: a strict server refuses values longer than 3 characters
-- expect mysql
alter_table: ALTER TABLE `t` MODIFY COLUMN `w` bigint DEFAULT NULL, ADD COLUMN `x` int DEFAULT NULL
modify_column: ALTER TABLE `t` MODIFY COLUMN `v` varchar(3) COLLATE utf8mb4_unicode_ci DEFAULT NULL
  reason: column `t`.`v`: a strict server refuses values longer than 3 characters
