-- A unique key moves from a column that goes to one that comes
-- before
CREATE TABLE t (id INT PRIMARY KEY, a INT, UNIQUE KEY u (a));
-- after
CREATE TABLE t (id INT PRIMARY KEY, b INT, UNIQUE KEY u (b));
-- expect mariadb
alter_table: ALTER TABLE `t` DROP INDEX `u`, ADD COLUMN `b` int(11) DEFAULT NULL, ADD UNIQUE KEY `u` (`b`)
  reason: index `t`.`u`: fails while two rows hold the same values
drop_column: ALTER TABLE `t` DROP COLUMN `a`
  lost: column `t`.`a` with its values
-- expect mysql
alter_table: ALTER TABLE `t` DROP INDEX `u`, ADD COLUMN `b` int DEFAULT NULL, ADD UNIQUE KEY `u` (`b`)
  reason: index `t`.`u`: fails while two rows hold the same values
drop_column: ALTER TABLE `t` DROP COLUMN `a`
  lost: column `t`.`a` with its values
