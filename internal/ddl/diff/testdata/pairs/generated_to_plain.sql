-- A generated column becomes plain: stored values stay, others cannot
-- before
CREATE TABLE t (id INT PRIMARY KEY, a INT, s INT AS (a * 2) STORED, v INT AS (a * 3) VIRTUAL);
-- after
CREATE TABLE t (id INT PRIMARY KEY, a INT, s INT, v INT);
-- expect mariadb
alter_table: ALTER TABLE `t` DROP COLUMN `v`, MODIFY COLUMN `s` int(11) DEFAULT NULL, ADD COLUMN `v` int(11) DEFAULT NULL
  lost: column `t`.`v` with its values
  reason: column `t`.`v`: no server turns a column from or into VIRTUAL: it is dropped and added again
-- expect mysql
alter_table: ALTER TABLE `t` DROP COLUMN `v`, MODIFY COLUMN `s` int DEFAULT NULL, ADD COLUMN `v` int DEFAULT NULL
  lost: column `t`.`v` with its values
  reason: column `t`.`v`: no server turns a column from or into VIRTUAL: it is dropped and added again
