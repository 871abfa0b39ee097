-- A column goes, and with it an index and a part of another
-- before
CREATE TABLE t (id INT PRIMARY KEY, a INT, b INT, KEY (a), KEY ab (a, b));
-- after
CREATE TABLE t (id INT PRIMARY KEY, b INT, KEY ab (b));
-- expect
alter_table: ALTER TABLE `t` DROP INDEX `a`, DROP INDEX `ab`, ADD KEY `ab` (`b`)
drop_column: ALTER TABLE `t` DROP COLUMN `a`
  lost: column `t`.`a` with its values
