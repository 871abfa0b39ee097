-- What an expression computes does not fit into the type of its column, one table a type
-- before
CREATE TABLE d (id INT PRIMARY KEY, x INT);
CREATE TABLE e (id INT PRIMARY KEY, x DOUBLE);
CREATE TABLE f (id INT PRIMARY KEY, x DOUBLE);
CREATE TABLE h (id INT PRIMARY KEY, x INT);
CREATE TABLE i (id INT PRIMARY KEY, x INT);
CREATE TABLE j (id INT PRIMARY KEY, x INT, s VARCHAR(9));
CREATE TABLE k (id INT PRIMARY KEY, s VARCHAR(20), x INT);
CREATE TABLE l (id INT PRIMARY KEY, s VARCHAR(20));
CREATE TABLE m (id INT PRIMARY KEY, x INT);
CREATE TABLE n (id INT PRIMARY KEY, s VARCHAR(40));
CREATE TABLE o (id INT PRIMARY KEY, s VARCHAR(20));
CREATE TABLE p (id INT PRIMARY KEY, x INT);
CREATE TABLE q (id INT PRIMARY KEY, x DOUBLE, s VARCHAR(40));
CREATE TABLE r (id INT PRIMARY KEY, s VARCHAR(40));
-- data
INSERT INTO d VALUES (1, -4);
INSERT INTO e VALUES (1, -1.5);
INSERT INTO f VALUES (1, 1e200);
INSERT INTO h VALUES (1, 300);
INSERT INTO i VALUES (1, 1500);
INSERT INTO j VALUES (1, 50, '7');
INSERT INTO k VALUES (1, 'RED', 2), (2, 'red', 1), (3, '2', NULL), (4, NULL, NULL);
INSERT INTO l VALUES (1, 'pink');
INSERT INTO m VALUES (1, 3);
INSERT INTO n VALUES (1, ''), (2, 'it''s,C|D'), (3, 'a.b,a.b'), (4, '3');
INSERT INTO o VALUES (1, 'axb');
INSERT INTO p VALUES (1, 4);
INSERT INTO q VALUES (1, 2, 'LINESTRING(0 0,1 1)');
INSERT INTO r VALUES (1, 'LINESTRING(0 0,1 1)');
-- after
CREATE TABLE d (id INT PRIMARY KEY, x INT, g DECIMAL(8,2) UNSIGNED AS (x * 2) STORED);
CREATE TABLE e (id INT PRIMARY KEY, x DOUBLE, g DOUBLE UNSIGNED AS (x * 2) STORED);
CREATE TABLE f (id INT PRIMARY KEY, x DOUBLE, g FLOAT AS (x) STORED);
CREATE TABLE h (id INT PRIMARY KEY, x INT, g BIT(8) AS (x) STORED);
CREATE TABLE i (id INT PRIMARY KEY, x INT, g YEAR AS (x) STORED);
CREATE TABLE j (id INT PRIMARY KEY, x INT, s VARCHAR(9), g YEAR AS (x) STORED, h BIT(8) AS (x) STORED, i DOUBLE(4,2) UNSIGNED AS (x) STORED, k ENUM('5','7') AS (s) STORED);
CREATE TABLE k (id INT PRIMARY KEY, s VARCHAR(20), x INT, g ENUM('red','blue') AS (s) STORED, h ENUM('red','blue') AS (x) STORED);
CREATE TABLE l (id INT PRIMARY KEY, s VARCHAR(20), g ENUM('red','blue') AS (s) STORED);
CREATE TABLE m (id INT PRIMARY KEY, x INT, g ENUM('red','blue') AS (x) STORED);
CREATE TABLE n (id INT PRIMARY KEY, s VARCHAR(40), g SET('a.b','c|d','it''s') AS (s) STORED);
CREATE TABLE o (id INT PRIMARY KEY, s VARCHAR(20), g SET('a.b','c|d') AS (s) STORED);
CREATE TABLE p (id INT PRIMARY KEY, x INT, g SET('a.b','c|d') AS (x) STORED);
CREATE TABLE q (id INT PRIMARY KEY, x DOUBLE, s VARCHAR(40), g POINT AS (POINT(x, x)) STORED, h GEOMETRY AS (ST_GeomFromText(s)) STORED);
CREATE TABLE r (id INT PRIMARY KEY, s VARCHAR(40), g POINT AS (ST_GeomFromText(s)) STORED);
-- expect mariadb
add_column: ALTER TABLE `d` ADD COLUMN `g` decimal(8,2) unsigned GENERATED ALWAYS AS (`x` * 2) STORED
  found: 1 row of `d` violates the type of `g`, which is computed: outside decimal(8,2) unsigned, e.g. `id` 1
add_column: ALTER TABLE `e` ADD COLUMN `g` double unsigned GENERATED ALWAYS AS (`x` * 2) STORED
  found: 1 row of `e` violates the type of `g`, which is computed: outside double unsigned, e.g. `id` 1
add_column: ALTER TABLE `f` ADD COLUMN `g` float GENERATED ALWAYS AS (`x`) STORED
  found: 1 row of `f` violates the type of `g`, which is computed: outside float, e.g. `id` 1
add_column: ALTER TABLE `h` ADD COLUMN `g` bit(8) GENERATED ALWAYS AS (`x`) STORED
  found: 1 row of `h` violates the type of `g`, which is computed: outside 0 to 255, e.g. `id` 1
add_column: ALTER TABLE `i` ADD COLUMN `g` year(4) GENERATED ALWAYS AS (`x`) STORED
  found: 1 row of `i` violates the type of `g`, which is computed: outside 0 to 99 and 1901 to 2155, e.g. `id` 1
add_column: ALTER TABLE `j` ADD COLUMN `g` year(4) GENERATED ALWAYS AS (`x`) STORED, ADD COLUMN `h` bit(8) GENERATED ALWAYS AS (`x`) STORED, ADD COLUMN `i` double(4,2) unsigned GENERATED ALWAYS AS (`x`) STORED, ADD COLUMN `k` enum('5','7') GENERATED ALWAYS AS (`s`) STORED
add_column: ALTER TABLE `k` ADD COLUMN `g` enum('red','blue') GENERATED ALWAYS AS (`s`) STORED, ADD COLUMN `h` enum('red','blue') GENERATED ALWAYS AS (`x`) STORED
add_column: ALTER TABLE `l` ADD COLUMN `g` enum('red','blue') GENERATED ALWAYS AS (`s`) STORED
  found: 1 row of `l` violates the type of `g`, which is computed: no enum('red','blue'), e.g. `id` 1
add_column: ALTER TABLE `m` ADD COLUMN `g` enum('red','blue') GENERATED ALWAYS AS (`x`) STORED
  found: 1 row of `m` violates the type of `g`, which is computed: no enum('red','blue'), e.g. `id` 1
add_column: ALTER TABLE `n` ADD COLUMN `g` set('a.b','c|d','it''s') GENERATED ALWAYS AS (`s`) STORED
add_column: ALTER TABLE `o` ADD COLUMN `g` set('a.b','c|d') GENERATED ALWAYS AS (`s`) STORED
  found: 1 row of `o` violates the type of `g`, which is computed: no set('a.b','c|d'), e.g. `id` 1
add_column: ALTER TABLE `p` ADD COLUMN `g` set('a.b','c|d') GENERATED ALWAYS AS (`x`) STORED
  found: 1 row of `p` violates the type of `g`, which is computed: no set('a.b','c|d'), e.g. `id` 1
add_column: ALTER TABLE `q` ADD COLUMN `g` point GENERATED ALWAYS AS (point(`x`,`x`)) STORED, ADD COLUMN `h` geometry GENERATED ALWAYS AS (st_geometryfromtext(`s`)) STORED
add_column: ALTER TABLE `r` ADD COLUMN `g` point GENERATED ALWAYS AS (st_geometryfromtext(`s`)) STORED
  found: 1 row of `r` violates the type of `g`, which is computed: no point, e.g. `id` 1
refused: 1264: ALTER TABLE `d` ADD COLUMN `g` decimal(8,2) unsigned GENERATED ALWAYS AS (`x` * 2) STORED
refused: 1264: ALTER TABLE `e` ADD COLUMN `g` double unsigned GENERATED ALWAYS AS (`x` * 2) STORED
refused: 1264: ALTER TABLE `f` ADD COLUMN `g` float GENERATED ALWAYS AS (`x`) STORED
refused: 1406: ALTER TABLE `h` ADD COLUMN `g` bit(8) GENERATED ALWAYS AS (`x`) STORED
refused: 1264: ALTER TABLE `i` ADD COLUMN `g` year(4) GENERATED ALWAYS AS (`x`) STORED
refused: 1265: ALTER TABLE `l` ADD COLUMN `g` enum('red','blue') GENERATED ALWAYS AS (`s`) STORED
refused: 1265: ALTER TABLE `m` ADD COLUMN `g` enum('red','blue') GENERATED ALWAYS AS (`x`) STORED
refused: 1265: ALTER TABLE `o` ADD COLUMN `g` set('a.b','c|d') GENERATED ALWAYS AS (`s`) STORED
refused: 1265: ALTER TABLE `p` ADD COLUMN `g` set('a.b','c|d') GENERATED ALWAYS AS (`x`) STORED
refused: 1366: ALTER TABLE `r` ADD COLUMN `g` point GENERATED ALWAYS AS (st_geometryfromtext(`s`)) STORED
-- expect mysql
add_column: ALTER TABLE `d` ADD COLUMN `g` decimal(8,2) unsigned GENERATED ALWAYS AS ((`x` * 2)) STORED
  found: 1 row of `d` violates the type of `g`, which is computed: outside decimal(8,2) unsigned, e.g. `id` 1
add_column: ALTER TABLE `e` ADD COLUMN `g` double unsigned GENERATED ALWAYS AS ((`x` * 2)) STORED
  found: 1 row of `e` violates the type of `g`, which is computed: outside double unsigned, e.g. `id` 1
add_column: ALTER TABLE `f` ADD COLUMN `g` float GENERATED ALWAYS AS (`x`) STORED
  found: 1 row of `f` violates the type of `g`, which is computed: outside float, e.g. `id` 1
add_column: ALTER TABLE `h` ADD COLUMN `g` bit(8) GENERATED ALWAYS AS (`x`) STORED
  found: 1 row of `h` violates the type of `g`, which is computed: outside 0 to 255, e.g. `id` 1
add_column: ALTER TABLE `i` ADD COLUMN `g` year GENERATED ALWAYS AS (`x`) STORED
  found: 1 row of `i` violates the type of `g`, which is computed: outside 0 to 99 and 1901 to 2155, e.g. `id` 1
add_column: ALTER TABLE `j` ADD COLUMN `g` year GENERATED ALWAYS AS (`x`) STORED, ADD COLUMN `h` bit(8) GENERATED ALWAYS AS (`x`) STORED, ADD COLUMN `i` double(4,2) unsigned GENERATED ALWAYS AS (`x`) STORED, ADD COLUMN `k` enum('5','7') COLLATE utf8mb4_unicode_ci GENERATED ALWAYS AS (`s`) STORED
add_column: ALTER TABLE `k` ADD COLUMN `g` enum('red','blue') COLLATE utf8mb4_unicode_ci GENERATED ALWAYS AS (`s`) STORED, ADD COLUMN `h` enum('red','blue') COLLATE utf8mb4_unicode_ci GENERATED ALWAYS AS (`x`) STORED
add_column: ALTER TABLE `l` ADD COLUMN `g` enum('red','blue') COLLATE utf8mb4_unicode_ci GENERATED ALWAYS AS (`s`) STORED
  found: 1 row of `l` violates the type of `g`, which is computed: no enum('red','blue'), e.g. `id` 1
add_column: ALTER TABLE `m` ADD COLUMN `g` enum('red','blue') COLLATE utf8mb4_unicode_ci GENERATED ALWAYS AS (`x`) STORED
  found: 1 row of `m` violates the type of `g`, which is computed: no enum('red','blue'), e.g. `id` 1
add_column: ALTER TABLE `n` ADD COLUMN `g` set('a.b','c|d','it''s') COLLATE utf8mb4_unicode_ci GENERATED ALWAYS AS (`s`) STORED
add_column: ALTER TABLE `o` ADD COLUMN `g` set('a.b','c|d') COLLATE utf8mb4_unicode_ci GENERATED ALWAYS AS (`s`) STORED
  found: 1 row of `o` violates the type of `g`, which is computed: no set('a.b','c|d'), e.g. `id` 1
add_column: ALTER TABLE `p` ADD COLUMN `g` set('a.b','c|d') COLLATE utf8mb4_unicode_ci GENERATED ALWAYS AS (`x`) STORED
  found: 1 row of `p` violates the type of `g`, which is computed: no set('a.b','c|d'), e.g. `id` 1
add_column: ALTER TABLE `q` ADD COLUMN `g` point GENERATED ALWAYS AS (point(`x`,`x`)) STORED, ADD COLUMN `h` geometry GENERATED ALWAYS AS (st_geomfromtext(`s`)) STORED
add_column: ALTER TABLE `r` ADD COLUMN `g` point GENERATED ALWAYS AS (st_geomfromtext(`s`)) STORED
  found: 1 row of `r` violates the type of `g`, which is computed: no point, e.g. `id` 1
refused: 1264: ALTER TABLE `d` ADD COLUMN `g` decimal(8,2) unsigned GENERATED ALWAYS AS ((`x` * 2)) STORED
refused: 1264: ALTER TABLE `e` ADD COLUMN `g` double unsigned GENERATED ALWAYS AS ((`x` * 2)) STORED
refused: 1264: ALTER TABLE `f` ADD COLUMN `g` float GENERATED ALWAYS AS (`x`) STORED
refused: 1406: ALTER TABLE `h` ADD COLUMN `g` bit(8) GENERATED ALWAYS AS (`x`) STORED
refused: 1264: ALTER TABLE `i` ADD COLUMN `g` year GENERATED ALWAYS AS (`x`) STORED
refused: 1265: ALTER TABLE `l` ADD COLUMN `g` enum('red','blue') COLLATE utf8mb4_unicode_ci GENERATED ALWAYS AS (`s`) STORED
refused: 1265: ALTER TABLE `m` ADD COLUMN `g` enum('red','blue') COLLATE utf8mb4_unicode_ci GENERATED ALWAYS AS (`x`) STORED
refused: 1265: ALTER TABLE `o` ADD COLUMN `g` set('a.b','c|d') COLLATE utf8mb4_unicode_ci GENERATED ALWAYS AS (`s`) STORED
refused: 1265: ALTER TABLE `p` ADD COLUMN `g` set('a.b','c|d') COLLATE utf8mb4_unicode_ci GENERATED ALWAYS AS (`x`) STORED
refused: 1416: ALTER TABLE `r` ADD COLUMN `g` point GENERATED ALWAYS AS (st_geomfromtext(`s`)) STORED
