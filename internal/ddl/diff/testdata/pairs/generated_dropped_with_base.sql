-- A column, what is computed from it and a check go together
-- before
CREATE TABLE t (id INT PRIMARY KEY, a INT, g INT AS (a + 1) VIRTUAL, h INT AS (g * 2) STORED, CONSTRAINT c CHECK (a > 0), KEY kg (g));
-- after
CREATE TABLE t (id INT PRIMARY KEY);
-- expect mariadb
alter_table: ALTER TABLE `t` DROP INDEX `kg`, DROP CONSTRAINT `c`
drop_column: ALTER TABLE `t` DROP COLUMN `a`, DROP COLUMN `g`, DROP COLUMN `h`
  lost: column `t`.`a` with its values
  reason: column `t`.`g`: its values are computed and come back with the column; column `t`.`h`: its values are computed and come back with the column
-- expect mysql
alter_table: ALTER TABLE `t` DROP INDEX `kg`, DROP CHECK `c`
drop_column: ALTER TABLE `t` DROP COLUMN `a`, DROP COLUMN `g`, DROP COLUMN `h`
  lost: column `t`.`a` with its values
  reason: column `t`.`g`: its values are computed and come back with the column; column `t`.`h`: its values are computed and come back with the column
