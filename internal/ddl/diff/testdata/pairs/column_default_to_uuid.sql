-- A default of a column that exists becomes one that differs from row to row
-- before
CREATE TABLE t (id INT PRIMARY KEY, u VARCHAR(36));
-- after
CREATE TABLE t (id INT PRIMARY KEY, u VARCHAR(36) DEFAULT (UUID()));
-- expect mariadb
modify_column: ALTER TABLE `t` MODIFY COLUMN `u` varchar(36) DEFAULT uuid()
-- expect mysql
modify_column: ALTER TABLE `t` MODIFY COLUMN `u` varchar(36) COLLATE utf8mb4_unicode_ci DEFAULT (uuid())
