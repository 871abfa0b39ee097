-- All columns the other way round, with one new and one gone
-- before
CREATE TABLE t (a INT, b INT, c INT, d INT, e INT, PRIMARY KEY (a));
-- after
CREATE TABLE t (e INT, d INT, x BIGINT, b INT, a INT, PRIMARY KEY (a));
-- expect mariadb
alter_table: ALTER TABLE `t` MODIFY COLUMN `e` int(11) DEFAULT NULL FIRST, MODIFY COLUMN `d` int(11) DEFAULT NULL AFTER `e`, ADD COLUMN `x` bigint(20) DEFAULT NULL AFTER `d`, MODIFY COLUMN `a` int(11) NOT NULL AFTER `c`
drop_column: ALTER TABLE `t` DROP COLUMN `c`
  lost: column `t`.`c` with its values
-- expect mysql
alter_table: ALTER TABLE `t` MODIFY COLUMN `e` int DEFAULT NULL FIRST, MODIFY COLUMN `d` int DEFAULT NULL AFTER `e`, ADD COLUMN `x` bigint DEFAULT NULL AFTER `d`, MODIFY COLUMN `a` int NOT NULL AFTER `c`
drop_column: ALTER TABLE `t` DROP COLUMN `c`
  lost: column `t`.`c` with its values
