-- A plain column becomes generated and loses its values
-- before
CREATE TABLE t (id INT PRIMARY KEY, a INT, s INT, v INT);
-- data
INSERT INTO t VALUES (1, 2, 3, 4), (2, 3, NULL, NULL);
-- after
CREATE TABLE t (id INT PRIMARY KEY, a INT, s INT AS (a * 2) STORED, v INT AS (a * 3) VIRTUAL);
-- expect mariadb
alter_table: ALTER TABLE `t` DROP COLUMN `v`, MODIFY COLUMN `s` int(11) GENERATED ALWAYS AS (`a` * 2) STORED, ADD COLUMN `v` int(11) GENERATED ALWAYS AS (`a` * 3) VIRTUAL
  lost: column `t`.`v` with its values; values of `t`.`s`, which becomes generated
  reason: column `t`.`v`: no server turns a column from or into VIRTUAL: it is dropped and added again
  found: 1 row of `t` loses the value of `v`, e.g. `id` 1
  found: 1 row of `t` loses the value of `s`, which becomes generated, e.g. `id` 1
-- expect mysql
alter_table: ALTER TABLE `t` DROP COLUMN `v`, MODIFY COLUMN `s` int GENERATED ALWAYS AS ((`a` * 2)) STORED, ADD COLUMN `v` int GENERATED ALWAYS AS ((`a` * 3)) VIRTUAL
  lost: column `t`.`v` with its values; values of `t`.`s`, which becomes generated
  reason: column `t`.`v`: no server turns a column from or into VIRTUAL: it is dropped and added again
  found: 1 row of `t` loses the value of `v`, e.g. `id` 1
  found: 1 row of `t` loses the value of `s`, which becomes generated, e.g. `id` 1
