-- What a dropped column takes with it
-- before
CREATE TABLE t (id INT PRIMARY KEY, phone VARCHAR(20), age INT NOT NULL);
-- data
INSERT INTO t VALUES (1, '555', 30), (2, NULL, 31), (3, '777', 32);
-- after
CREATE TABLE t (id INT PRIMARY KEY);
-- expect
drop_column: ALTER TABLE `t` DROP COLUMN `phone`, DROP COLUMN `age`
  lost: column `t`.`phone` with its values; column `t`.`age` with its values
  found: 2 rows of `t` lose the value of `phone`, e.g. `id` 1
  found: 3 rows of `t` lose the value of `age`, e.g. `id` 1
