-- VIRTUAL becomes STORED and the other way round
-- before
CREATE TABLE t (id INT PRIMARY KEY, a INT, v INT AS (a * 2) VIRTUAL, s INT AS (a * 3) STORED);
-- after
CREATE TABLE t (id INT PRIMARY KEY, a INT, v INT AS (a * 2) STORED, s INT AS (a * 3) VIRTUAL);
-- expect mariadb
replace_column: ALTER TABLE `t` DROP COLUMN `v`, DROP COLUMN `s`, ADD COLUMN `v` int(11) GENERATED ALWAYS AS (`a` * 2) STORED, ADD COLUMN `s` int(11) GENERATED ALWAYS AS (`a` * 3) VIRTUAL
  reason: column `t`.`v`: no server turns a column from or into VIRTUAL: it is dropped and added again; its values are computed again; column `t`.`s`: no server turns a column from or into VIRTUAL: it is dropped and added again; its values are computed again
-- expect mysql
replace_column: ALTER TABLE `t` DROP COLUMN `v`, DROP COLUMN `s`, ADD COLUMN `v` int GENERATED ALWAYS AS ((`a` * 2)) STORED, ADD COLUMN `s` int GENERATED ALWAYS AS ((`a` * 3)) VIRTUAL
  reason: column `t`.`v`: no server turns a column from or into VIRTUAL: it is dropped and added again; its values are computed again; column `t`.`s`: no server turns a column from or into VIRTUAL: it is dropped and added again; its values are computed again
