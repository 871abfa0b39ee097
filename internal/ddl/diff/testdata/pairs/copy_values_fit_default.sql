-- Defaults that are expressions, and documents that are computed, do not fit
-- servers mysql
-- before
CREATE TABLE a (id INT PRIMARY KEY);
CREATE TABLE b (id INT PRIMARY KEY);
CREATE TABLE c (id INT PRIMARY KEY);
CREATE TABLE d (id INT PRIMARY KEY);
CREATE TABLE e (id INT PRIMARY KEY, s VARCHAR(30), j JSON, n INT);
CREATE TABLE f (id INT PRIMARY KEY, n INT);
-- data
INSERT INTO a VALUES (1);
INSERT INTO b VALUES (1);
INSERT INTO c VALUES (1);
INSERT INTO d VALUES (1);
INSERT INTO e VALUES (1, '{"a": 1}', '{"a": {"b": 2}}', 1), (2, NULL, NULL, NULL);
INSERT INTO f VALUES (1, 5);
-- after
CREATE TABLE a (id INT PRIMARY KEY, g ENUM('red','blue') DEFAULT (CONCAT('re','d')), h SET('x','y') DEFAULT (CONCAT('x',',y')), i JSON DEFAULT (CONCAT('{','}')));
CREATE TABLE b (id INT PRIMARY KEY, g ENUM('red','blue') DEFAULT (CONCAT('pi','nk')));
CREATE TABLE c (id INT PRIMARY KEY, g SET('x','y') DEFAULT (CONCAT('x',',z')));
CREATE TABLE d (id INT PRIMARY KEY, g JSON DEFAULT (CONCAT('{','"a')));
CREATE TABLE e (id INT PRIMARY KEY, s VARCHAR(30), j JSON, n INT, g JSON AS (s) STORED, h JSON AS (j->'$.a') STORED, i JSON AS (JSON_ARRAY(n)) STORED);
CREATE TABLE f (id INT PRIMARY KEY, n INT, g JSON AS (n) STORED);
-- expect
add_column: ALTER TABLE `a` ADD COLUMN `g` enum('red','blue') COLLATE utf8mb4_unicode_ci DEFAULT (concat(_utf8mb4're',_utf8mb4'd')), ADD COLUMN `h` set('x','y') COLLATE utf8mb4_unicode_ci DEFAULT (concat(_utf8mb4'x',_utf8mb4',y')), ADD COLUMN `i` json DEFAULT (concat(_utf8mb4'{',_utf8mb4'}'))
add_column: ALTER TABLE `b` ADD COLUMN `g` enum('red','blue') COLLATE utf8mb4_unicode_ci DEFAULT (concat(_utf8mb4'pi',_utf8mb4'nk'))
  found: 1 row of `b` violates the type of `g`, which is computed: no enum('red','blue'), e.g. `id` 1
add_column: ALTER TABLE `c` ADD COLUMN `g` set('x','y') COLLATE utf8mb4_unicode_ci DEFAULT (concat(_utf8mb4'x',_utf8mb4',z'))
  found: 1 row of `c` violates the type of `g`, which is computed: no set('x','y'), e.g. `id` 1
add_column: ALTER TABLE `d` ADD COLUMN `g` json DEFAULT (concat(_utf8mb4'{',_utf8mb4'"a'))
  found: 1 row of `d` violates the type of `g`, which is computed: no document, e.g. `id` 1
add_column: ALTER TABLE `e` ADD COLUMN `g` json GENERATED ALWAYS AS (`s`) STORED, ADD COLUMN `h` json GENERATED ALWAYS AS (json_extract(`j`,_utf8mb4'$.a')) STORED, ADD COLUMN `i` json GENERATED ALWAYS AS (json_array(`n`)) STORED
add_column: ALTER TABLE `f` ADD COLUMN `g` json GENERATED ALWAYS AS (`n`) STORED
  found: 1 row of `f` violates the type of `g`, which is computed: no document, e.g. `id` 1
refused: 1265: ALTER TABLE `b` ADD COLUMN `g` enum('red','blue') COLLATE utf8mb4_unicode_ci DEFAULT (concat(_utf8mb4'pi',_utf8mb4'nk'))
refused: 1265: ALTER TABLE `c` ADD COLUMN `g` set('x','y') COLLATE utf8mb4_unicode_ci DEFAULT (concat(_utf8mb4'x',_utf8mb4',z'))
refused: 3140: ALTER TABLE `d` ADD COLUMN `g` json DEFAULT (concat(_utf8mb4'{',_utf8mb4'"a'))
refused: 3140: ALTER TABLE `f` ADD COLUMN `g` json GENERATED ALWAYS AS (`n`) STORED
