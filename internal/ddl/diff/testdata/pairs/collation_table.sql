-- Only the collation of a table changes
-- before
CREATE TABLE t (id INT PRIMARY KEY, v VARCHAR(20)) CHARSET = utf8mb4 COLLATE = utf8mb4_general_ci;
-- after
CREATE TABLE t (id INT PRIMARY KEY, v VARCHAR(20)) CHARSET = utf8mb4 COLLATE = utf8mb4_unicode_ci;
-- expect mariadb
alter_table: ALTER TABLE `t` MODIFY COLUMN `v` varchar(20) DEFAULT NULL, DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci
  reason: column `t`.`v`: its collation changes from utf8mb4_general_ci to utf8mb4_unicode_ci
-- expect mysql
alter_table: ALTER TABLE `t` MODIFY COLUMN `v` varchar(20) COLLATE utf8mb4_unicode_ci DEFAULT NULL, DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci
  reason: column `t`.`v`: its collation changes from utf8mb4_general_ci to utf8mb4_unicode_ci
