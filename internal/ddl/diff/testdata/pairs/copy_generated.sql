A server that copies a table computes every generated column again.
-- before
CREATE TABLE t (id INT NOT NULL PRIMARY KEY, n INT, h INT GENERATED ALWAYS AS (10 / n) VIRTUAL, v VARCHAR(10));
CREATE TABLE u (id INT NOT NULL PRIMARY KEY, n INT, v VARCHAR(10));
CREATE TABLE w (id INT NOT NULL PRIMARY KEY, n INT, v VARCHAR(10), g TINYINT GENERATED ALWAYS AS (n * 2) STORED);
CREATE TABLE x (id INT NOT NULL PRIMARY KEY, n INT, s VARCHAR(20));
CREATE TABLE y (id INT NOT NULL PRIMARY KEY, n INT, s VARCHAR(20));
-- data
SET sql_mode = '';
INSERT INTO t (id, n, v) VALUES (1, 5, '1'), (2, 0, '2');
SET sql_mode = 'ONLY_FULL_GROUP_BY,STRICT_TRANS_TABLES,NO_ZERO_IN_DATE,NO_ZERO_DATE,ERROR_FOR_DIVISION_BY_ZERO,NO_ENGINE_SUBSTITUTION';
INSERT INTO u VALUES (1, 60, '1'), (2, 70, '2');
INSERT INTO w (id, n, v) VALUES (1, 60, '1');
INSERT INTO x VALUES (1, 1, '2020-01-01'), (2, 2, 'no day');
INSERT INTO y VALUES (1, 3000000, 'abcdef');
-- after
CREATE TABLE t (id INT NOT NULL PRIMARY KEY, n INT, h INT GENERATED ALWAYS AS (10 / n) VIRTUAL, v INT);
CREATE TABLE u (id INT NOT NULL PRIMARY KEY, n INT, v VARCHAR(10), g TINYINT GENERATED ALWAYS AS (n * 2) STORED);
CREATE TABLE w (id INT NOT NULL PRIMARY KEY, n INT, v VARCHAR(10), g TINYINT GENERATED ALWAYS AS (n * 3) STORED);
CREATE TABLE x (id INT NOT NULL PRIMARY KEY, n INT, s VARCHAR(20), g DATE GENERATED ALWAYS AS (s) STORED);
CREATE TABLE y (id INT NOT NULL PRIMARY KEY, n INT, s VARCHAR(20), g VARCHAR(5) GENERATED ALWAYS AS (CONCAT(s, 'x')) STORED, d DECIMAL(4,1) NOT NULL DEFAULT (n / 1000));
-- expect mariadb
add_column: ALTER TABLE `u` ADD COLUMN `g` tinyint(4) GENERATED ALWAYS AS (`n` * 2) STORED
  found: 1 row of `u` violates the type of `g`, which is computed: outside -128 to 127, e.g. `id` 2
modify_column: ALTER TABLE `w` MODIFY COLUMN `g` tinyint(4) GENERATED ALWAYS AS (`n` * 3) STORED
  reason: column `w`.`g`: its values are computed again
  found: 1 row of `w` violates the type of `g`, which is computed: outside -128 to 127, e.g. `id` 1
add_column: ALTER TABLE `x` ADD COLUMN `g` date GENERATED ALWAYS AS (`s`) STORED
  found: 1 row of `x` violates the type of `g`, which is computed: no date, e.g. `id` 2
add_column: ALTER TABLE `y` ADD COLUMN `g` varchar(5) GENERATED ALWAYS AS (concat(`s`,'x')) STORED, ADD COLUMN `d` decimal(4,1) NOT NULL DEFAULT (`n` / 1000)
  found: 1 row of `y` violates the type of `g`, which is computed: longer than 5 characters, e.g. `id` 1
  found: 1 row of `y` violates the type of `d`, which is computed: outside decimal(4,1), or NULL, e.g. `id` 1
modify_column: ALTER TABLE `t` MODIFY COLUMN `v` int(11) DEFAULT NULL
  lost: the spelling of numbers of `t`.`v`
  reason: column `t`.`v`: values are converted from varchar(10) to int(11); a strict server refuses values outside -2147483648 to 2147483647; a number is kept, not how it was written
  found: `h` cannot be computed for every row of `t`: Division by 0
refused: 1264: ALTER TABLE `u` ADD COLUMN `g` tinyint(4) GENERATED ALWAYS AS (`n` * 2) STORED
refused: 1264: ALTER TABLE `w` MODIFY COLUMN `g` tinyint(4) GENERATED ALWAYS AS (`n` * 3) STORED
refused: 1292: ALTER TABLE `x` ADD COLUMN `g` date GENERATED ALWAYS AS (`s`) STORED
refused: 1264: ALTER TABLE `y` ADD COLUMN `g` varchar(5) GENERATED ALWAYS AS (concat(`s`,'x')) STORED, ADD COLUMN `d` decimal(4,1) NOT NULL DEFAULT (`n` / 1000)
refused: 1365: ALTER TABLE `t` MODIFY COLUMN `v` int(11) DEFAULT NULL
-- expect mysql
add_column: ALTER TABLE `u` ADD COLUMN `g` tinyint GENERATED ALWAYS AS ((`n` * 2)) STORED
  found: 1 row of `u` violates the type of `g`, which is computed: outside -128 to 127, e.g. `id` 2
modify_column: ALTER TABLE `w` MODIFY COLUMN `g` tinyint GENERATED ALWAYS AS ((`n` * 3)) STORED
  reason: column `w`.`g`: its values are computed again
  found: 1 row of `w` violates the type of `g`, which is computed: outside -128 to 127, e.g. `id` 1
add_column: ALTER TABLE `x` ADD COLUMN `g` date GENERATED ALWAYS AS (`s`) STORED
  found: 1 row of `x` violates the type of `g`, which is computed: no date, e.g. `id` 2
add_column: ALTER TABLE `y` ADD COLUMN `g` varchar(5) COLLATE utf8mb4_unicode_ci GENERATED ALWAYS AS (concat(`s`,_utf8mb4'x')) STORED, ADD COLUMN `d` decimal(4,1) NOT NULL DEFAULT ((`n` / 1000))
  found: 1 row of `y` violates the type of `g`, which is computed: longer than 5 characters, e.g. `id` 1
  found: 1 row of `y` violates the type of `d`, which is computed: outside decimal(4,1), or NULL, e.g. `id` 1
modify_column: ALTER TABLE `t` MODIFY COLUMN `v` int DEFAULT NULL
  lost: the spelling of numbers of `t`.`v`
  reason: column `t`.`v`: values are converted from varchar(10) to int; a strict server refuses values outside -2147483648 to 2147483647; a number is kept, not how it was written
  found: `h` cannot be computed for every row of `t`: Division by 0
refused: 1264: ALTER TABLE `u` ADD COLUMN `g` tinyint GENERATED ALWAYS AS ((`n` * 2)) STORED
refused: 1264: ALTER TABLE `w` MODIFY COLUMN `g` tinyint GENERATED ALWAYS AS ((`n` * 3)) STORED
refused: 1292: ALTER TABLE `x` ADD COLUMN `g` date GENERATED ALWAYS AS (`s`) STORED
refused: 1406: ALTER TABLE `y` ADD COLUMN `g` varchar(5) COLLATE utf8mb4_unicode_ci GENERATED ALWAYS AS (concat(`s`,_utf8mb4'x')) STORED, ADD COLUMN `d` decimal(4,1) NOT NULL DEFAULT ((`n` / 1000))
refused: 1365: ALTER TABLE `t` MODIFY COLUMN `v` int DEFAULT NULL
