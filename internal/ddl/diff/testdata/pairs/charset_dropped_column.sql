-- The character set changes while a column that follows it goes
-- before
CREATE TABLE t (id INT PRIMARY KEY, v VARCHAR(20), w VARCHAR(300)) CHARSET = latin1;
-- after
CREATE TABLE t (id INT PRIMARY KEY, w VARCHAR(200)) CHARSET = utf8mb4 COLLATE = utf8mb4_unicode_ci;
-- expect mariadb
alter_table: ALTER TABLE `t` MODIFY COLUMN `w` varchar(200) DEFAULT NULL, DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci
  reason: column `t`.`w`: a strict server refuses values longer than 200 characters; its collation changes from latin1_swedish_ci to utf8mb4_unicode_ci
drop_column: ALTER TABLE `t` DROP COLUMN `v`
  lost: column `t`.`v` with its values
-- expect mysql
alter_table: ALTER TABLE `t` MODIFY COLUMN `w` varchar(200) COLLATE utf8mb4_unicode_ci DEFAULT NULL, DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci
  reason: column `t`.`w`: a strict server refuses values longer than 200 characters; its collation changes from latin1_swedish_ci to utf8mb4_unicode_ci
drop_column: ALTER TABLE `t` DROP COLUMN `v`
  lost: column `t`.`v` with its values
