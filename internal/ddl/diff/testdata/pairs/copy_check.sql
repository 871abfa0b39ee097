A check that stays looks at values that have changed.
-- before
CREATE TABLE t (id INT NOT NULL PRIMARY KEY, n DECIMAL(5,1), CONSTRAINT small CHECK (n < 10));
CREATE TABLE u (id INT NOT NULL PRIMARY KEY, n INT);
-- data
INSERT INTO t VALUES (1, 9.6), (2, 1);
INSERT INTO u VALUES (1, 0);
-- after
CREATE TABLE t (id INT NOT NULL PRIMARY KEY, n INT, CONSTRAINT small CHECK (n < 10));
CREATE TABLE u (id INT NOT NULL PRIMARY KEY, n INT, CONSTRAINT part CHECK (10 / n > 0));
-- expect mariadb
add_check: ALTER TABLE `u` ADD CONSTRAINT `part` CHECK (10 / `n` > 0)
  reason: check `u`.`part`: fails while a row violates it
  found: check `part` cannot be computed for every row of `u`: Division by 0
modify_column: ALTER TABLE `t` MODIFY COLUMN `n` int(11) DEFAULT NULL
  lost: digits behind the point beyond 0 of `t`.`n`
  reason: column `t`.`n`: values are rounded without a word
  found: 1 row of `t` violates the new type of `n`: more than 0 digits behind the point, e.g. `id` 1
  found: 1 row of `t` violates check `small`, e.g. `id` 1
refused: 1365: ALTER TABLE `u` ADD CONSTRAINT `part` CHECK (10 / `n` > 0)
refused: 4025: ALTER TABLE `t` MODIFY COLUMN `n` int(11) DEFAULT NULL
-- expect mysql
add_check: ALTER TABLE `u` ADD CONSTRAINT `part` CHECK (((10 / `n`) > 0))
  reason: check `u`.`part`: fails while a row violates it
  found: check `part` cannot be computed for every row of `u`: Division by 0
modify_column: ALTER TABLE `t` MODIFY COLUMN `n` int DEFAULT NULL
  lost: digits behind the point beyond 0 of `t`.`n`
  reason: column `t`.`n`: values are rounded without a word
  found: 1 row of `t` violates the new type of `n`: more than 0 digits behind the point, e.g. `id` 1
  found: 1 row of `t` violates check `small`, e.g. `id` 1
refused: 3819: ALTER TABLE `u` ADD CONSTRAINT `part` CHECK (((10 / `n`) > 0))
refused: 3819: ALTER TABLE `t` MODIFY COLUMN `n` int DEFAULT NULL
