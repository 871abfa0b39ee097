-- A rename is never guessed, however alike the columns are
-- before
CREATE TABLE t (id INT PRIMARY KEY, name VARCHAR(40));
-- data
INSERT INTO t VALUES (1, 'kept by explicit step');
-- after
CREATE TABLE t (id INT PRIMARY KEY, full_name VARCHAR(40));
-- expect mariadb
add_column: ALTER TABLE `t` ADD COLUMN `full_name` varchar(40) DEFAULT NULL
drop_column: ALTER TABLE `t` DROP COLUMN `name`
  lost: column `t`.`name` with its values
  found: 1 row of `t` loses the value of `name`, e.g. `id` 1
-- expect mysql
add_column: ALTER TABLE `t` ADD COLUMN `full_name` varchar(40) COLLATE utf8mb4_unicode_ci DEFAULT NULL
drop_column: ALTER TABLE `t` DROP COLUMN `name`
  lost: column `t`.`name` with its values
  found: 1 row of `t` loses the value of `name`, e.g. `id` 1
