-- A prefix is no longer needed when a text becomes short
-- before
CREATE TABLE t (id INT PRIMARY KEY, a TEXT, KEY ka (a(20)));
-- after
CREATE TABLE t (id INT PRIMARY KEY, a VARCHAR(100), KEY ka (a));
-- expect mariadb
alter_table: ALTER TABLE `t` DROP INDEX `ka`, MODIFY COLUMN `a` varchar(100) DEFAULT NULL, ADD KEY `ka` (`a`)
  reason: column `t`.`a`: a strict server refuses values longer than 100 characters
-- expect mysql
alter_table: ALTER TABLE `t` DROP INDEX `ka`, MODIFY COLUMN `a` varchar(100) COLLATE utf8mb4_unicode_ci DEFAULT NULL, ADD KEY `ka` (`a`)
  reason: column `t`.`a`: a strict server refuses values longer than 100 characters
