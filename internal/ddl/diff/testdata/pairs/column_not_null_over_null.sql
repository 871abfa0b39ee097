-- NOT NULL over a row that holds NULL
-- before
CREATE TABLE t (id INT PRIMARY KEY, v INT);
-- data
INSERT INTO t VALUES (17, NULL), (18, 1), (19, NULL), (20, NULL);
-- after
CREATE TABLE t (id INT PRIMARY KEY, v INT NOT NULL);
-- expect mariadb
modify_column: ALTER TABLE `t` MODIFY COLUMN `v` int(11) NOT NULL
  reason: column `t`.`v`: fails while a row holds NULL
  found: 3 rows of `t` violate NOT NULL of `v`, e.g. `id` 17
refused: 1265: ALTER TABLE `t` MODIFY COLUMN `v` int(11) NOT NULL
-- expect mysql
modify_column: ALTER TABLE `t` MODIFY COLUMN `v` int NOT NULL
  reason: column `t`.`v`: fails while a row holds NULL
  found: 3 rows of `t` violate NOT NULL of `v`, e.g. `id` 17
refused: 1138: ALTER TABLE `t` MODIFY COLUMN `v` int NOT NULL
