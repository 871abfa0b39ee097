Keys over expressions that cannot be computed for each row.
-- servers mysql
-- before
CREATE TABLE a (id INT NOT NULL PRIMARY KEY, n INT, s VARCHAR(20));
CREATE TABLE b (id INT NOT NULL PRIMARY KEY, n INT, s VARCHAR(20));
CREATE TABLE c (id INT NOT NULL PRIMARY KEY, n INT, v TINYINT GENERATED ALWAYS AS (n * 2) VIRTUAL);
-- data
INSERT INTO a VALUES (1, 0, 'abc'), (2, 1, '12');
INSERT INTO b VALUES (1, 0, 'abc'), (2, 1, '12');
SET sql_mode = '';
INSERT INTO c (id, n) VALUES (1, 100);
SET sql_mode = 'ONLY_FULL_GROUP_BY,STRICT_TRANS_TABLES,NO_ZERO_IN_DATE,NO_ZERO_DATE,ERROR_FOR_DIVISION_BY_ZERO,NO_ENGINE_SUBSTITUTION';
-- after
CREATE TABLE a (id INT NOT NULL PRIMARY KEY, n INT, s VARCHAR(20), KEY k ((10 / n)));
CREATE TABLE b (id INT NOT NULL PRIMARY KEY, n INT, s VARCHAR(20), KEY k ((CAST(s AS UNSIGNED))), KEY l ((CAST(s AS CHAR(2)))));
CREATE TABLE c (id INT NOT NULL PRIMARY KEY, n INT, v TINYINT GENERATED ALWAYS AS (n * 2) VIRTUAL, KEY k (v));
-- expect
add_index: ALTER TABLE `a` ADD KEY `k` (((10 / `n`)))
  found: index `k` cannot be computed for every row of `a`: Division by 0
add_index: ALTER TABLE `b` ADD KEY `k` ((cast(`s` as unsigned))), ADD KEY `l` ((cast(`s` as char(2) charset utf8mb4)))
  found: index `k` cannot be computed for every row of `b`: Truncated incorrect INTEGER value: 'abc'
  found: index `l` cannot be computed for every row of `b`: Truncated incorrect CHAR(2) value: 'abc'
add_index: ALTER TABLE `c` ADD KEY `k` (`v`)
  found: 1 row of `c` violates the type of `v`, which is computed: outside -128 to 127, e.g. `id` 1
refused: 1365: ALTER TABLE `a` ADD KEY `k` (((10 / `n`)))
refused: 3751: ALTER TABLE `b` ADD KEY `k` ((cast(`s` as unsigned))), ADD KEY `l` ((cast(`s` as char(2) charset utf8mb4)))
refused: 1264: ALTER TABLE `c` ADD KEY `k` (`v`)
