-- An expression changes
-- before
CREATE TABLE t (id INT PRIMARY KEY, a INT, v INT AS (a + 1) VIRTUAL, s INT AS (a * 2) STORED);
-- data
INSERT INTO t (id, a) VALUES (1, 10);
-- after
CREATE TABLE t (id INT PRIMARY KEY, a INT, v INT AS (a + 2) VIRTUAL, s INT AS (a * 3) STORED);
-- expect mariadb
modify_column: ALTER TABLE `t` MODIFY COLUMN `v` int(11) GENERATED ALWAYS AS (`a` + 2) VIRTUAL, MODIFY COLUMN `s` int(11) GENERATED ALWAYS AS (`a` * 3) STORED
  reason: column `t`.`v`: its values are computed again; column `t`.`s`: its values are computed again
-- expect mysql
modify_column: ALTER TABLE `t` MODIFY COLUMN `v` int GENERATED ALWAYS AS ((`a` + 2)) VIRTUAL, MODIFY COLUMN `s` int GENERATED ALWAYS AS ((`a` * 3)) STORED
  reason: column `t`.`v`: its values are computed again; column `t`.`s`: its values are computed again
