A column that begins to count keeps its zeros; NULLs become numbers.
-- before
CREATE TABLE t (id INT NOT NULL PRIMARY KEY, v INT);
CREATE TABLE u (id INT NULL, v INT, UNIQUE KEY (id));
CREATE TABLE w (v INT);
-- data
INSERT INTO t VALUES (0, 1), (1, 2), (-5, 3);
INSERT INTO u VALUES (NULL, 1), (7, 2);
INSERT INTO w WITH RECURSIVE r (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM r WHERE i < 300) SELECT i FROM r;
-- after
CREATE TABLE t (id INT NOT NULL AUTO_INCREMENT PRIMARY KEY, v INT);
CREATE TABLE u (id INT NOT NULL AUTO_INCREMENT, v INT, UNIQUE KEY (id));
CREATE TABLE w (v INT, n TINYINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY);
-- expect mariadb
modify_column: ALTER TABLE `t` MODIFY COLUMN `id` int(11) NOT NULL AUTO_INCREMENT
modify_column: ALTER TABLE `u` MODIFY COLUMN `id` int(11) NOT NULL AUTO_INCREMENT
  lost: the NULLs of `u`.`id`, which become numbers
  found: 1 row of `u` loses NULL in `id`, which becomes a number
alter_table: ALTER TABLE `w` ADD COLUMN `n` tinyint(3) unsigned NOT NULL AUTO_INCREMENT, ADD PRIMARY KEY (`n`)
  found: 300 rows of `w` cannot all get a number of the new column `n`, which ends at 255
refused: 1062: ALTER TABLE `w` ADD COLUMN `n` tinyint(3) unsigned NOT NULL AUTO_INCREMENT, ADD PRIMARY KEY (`n`)
-- expect mysql
modify_column: ALTER TABLE `t` MODIFY COLUMN `id` int NOT NULL AUTO_INCREMENT
modify_column: ALTER TABLE `u` MODIFY COLUMN `id` int NOT NULL AUTO_INCREMENT
  lost: the NULLs of `u`.`id`, which become numbers
  found: 1 row of `u` loses NULL in `id`, which becomes a number
alter_table: ALTER TABLE `w` ADD COLUMN `n` tinyint unsigned NOT NULL AUTO_INCREMENT, ADD PRIMARY KEY (`n`)
  found: 300 rows of `w` cannot all get a number of the new column `n`, which ends at 255
refused: 1467: ALTER TABLE `w` ADD COLUMN `n` tinyint unsigned NOT NULL AUTO_INCREMENT, ADD PRIMARY KEY (`n`)
