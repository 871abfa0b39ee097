-- VIRTUAL becomes STORED below another generated column and an index
-- before
CREATE TABLE t (id INT PRIMARY KEY, a INT, v INT AS (a * 2) VIRTUAL, w INT AS (v + 1) VIRTUAL, x INT, KEY kv (v), UNIQUE KEY kwx (w, x));
-- after
CREATE TABLE t (id INT PRIMARY KEY, a INT, v INT AS (a * 2) STORED, w INT AS (v + 1) VIRTUAL, x INT, KEY kv (v), UNIQUE KEY kwx (w, x));
-- expect mariadb
alter_table: ALTER TABLE `t` DROP INDEX `kwx`, DROP INDEX `kv`, DROP COLUMN `v`, DROP COLUMN `w`, ADD COLUMN `v` int(11) GENERATED ALWAYS AS (`a` * 2) STORED AFTER `a`, ADD COLUMN `w` int(11) GENERATED ALWAYS AS (`v` + 1) VIRTUAL AFTER `v`, ADD UNIQUE KEY `kwx` (`w`,`x`), ADD KEY `kv` (`v`)
  reason: column `t`.`v`: no server turns a column from or into VIRTUAL: it is dropped and added again; its values are computed again; column `t`.`w`: it is computed from a column that is dropped and added: it is dropped and added again; its values are computed again; index `t`.`kwx`: fails while two rows hold the same values
-- expect mysql
alter_table: ALTER TABLE `t` DROP INDEX `kwx`, DROP INDEX `kv`, DROP COLUMN `v`, DROP COLUMN `w`, ADD COLUMN `v` int GENERATED ALWAYS AS ((`a` * 2)) STORED AFTER `a`, ADD COLUMN `w` int GENERATED ALWAYS AS ((`v` + 1)) VIRTUAL AFTER `v`, ADD UNIQUE KEY `kwx` (`w`,`x`), ADD KEY `kv` (`v`)
  reason: column `t`.`v`: no server turns a column from or into VIRTUAL: it is dropped and added again; its values are computed again; column `t`.`w`: it is computed from a column that is dropped and added: it is dropped and added again; its values are computed again; index `t`.`kwx`: fails while two rows hold the same values
