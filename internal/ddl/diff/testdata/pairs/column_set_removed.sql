-- A member of a set goes that a row holds
-- before
CREATE TABLE t (id INT PRIMARY KEY, s SET('x', 'y', 'z'));
-- data
INSERT INTO t VALUES (1, 'x'), (2, 'x,z'), (3, 'y');
-- after
CREATE TABLE t (id INT PRIMARY KEY, s SET('x', 'y'));
-- expect mariadb
modify_column: ALTER TABLE `t` MODIFY COLUMN `s` set('x','y') DEFAULT NULL
  reason: column `t`.`s`: a strict server refuses rows that hold a value that goes
  found: 1 row of `t` violates the new type of `s`: a value that goes ('z'), e.g. `id` 2
refused: 1265: ALTER TABLE `t` MODIFY COLUMN `s` set('x','y') DEFAULT NULL
-- expect mysql
modify_column: ALTER TABLE `t` MODIFY COLUMN `s` set('x','y') COLLATE utf8mb4_unicode_ci DEFAULT NULL
  reason: column `t`.`s`: a strict server refuses rows that hold a value that goes
  found: 1 row of `t` violates the new type of `s`: a value that goes ('z'), e.g. `id` 2
refused: 1265: ALTER TABLE `t` MODIFY COLUMN `s` set('x','y') COLLATE utf8mb4_unicode_ci DEFAULT NULL
