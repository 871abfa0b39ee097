-- A trigger names a column that goes, its successor one that comes
-- before
CREATE TABLE t (id INT PRIMARY KEY, a INT);
CREATE TRIGGER tr BEFORE INSERT ON t FOR EACH ROW SET NEW.a = 1;
-- after
CREATE TABLE t (id INT PRIMARY KEY, b INT);
CREATE TRIGGER tr BEFORE INSERT ON t FOR EACH ROW SET NEW.b = 1;
-- expect mariadb
drop_trigger: DROP TRIGGER `tr`
add_column: ALTER TABLE `t` ADD COLUMN `b` int(11) DEFAULT NULL
create_trigger: CREATE DEFINER=me TRIGGER `tr` BEFORE INSERT ON `t` FOR EACH ROW SET NEW.b = 1
drop_column: ALTER TABLE `t` DROP COLUMN `a`
  lost: column `t`.`a` with its values
-- expect mysql
drop_trigger: DROP TRIGGER `tr`
add_column: ALTER TABLE `t` ADD COLUMN `b` int DEFAULT NULL
create_trigger: CREATE DEFINER=me TRIGGER `tr` BEFORE INSERT ON `t` FOR EACH ROW SET NEW.b = 1
drop_column: ALTER TABLE `t` DROP COLUMN `a`
  lost: column `t`.`a` with its values
