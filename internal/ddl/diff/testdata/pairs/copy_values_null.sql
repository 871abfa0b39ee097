Generated columns as MariaDB knows none: one that takes no NULL, one that falls below zero.
-- servers mysql
-- before
CREATE TABLE a (id INT NOT NULL PRIMARY KEY, n INT);
CREATE TABLE g (id INT NOT NULL PRIMARY KEY, n INT UNSIGNED);
-- data
INSERT INTO g VALUES (1, 1), (2, 5);
INSERT INTO a VALUES (1, NULL), (2, 1);
-- after
CREATE TABLE a (id INT NOT NULL PRIMARY KEY, n INT, g INT GENERATED ALWAYS AS (n + 1) STORED NOT NULL);
CREATE TABLE g (id INT NOT NULL PRIMARY KEY, n INT UNSIGNED, g INT GENERATED ALWAYS AS (n - 3) STORED);
-- expect
add_column: ALTER TABLE `a` ADD COLUMN `g` int GENERATED ALWAYS AS ((`n` + 1)) STORED NOT NULL
  found: 1 row of `a` violates the type of `g`, which is computed: outside -2147483648 to 2147483647, or NULL, e.g. `id` 1
add_column: ALTER TABLE `g` ADD COLUMN `g` int GENERATED ALWAYS AS ((`n` - 3)) STORED
  found: `g` cannot be computed for every row of `g`: BIGINT UNSIGNED value is out of range in '(`g`.`n` - 3)'
refused: 1048: ALTER TABLE `a` ADD COLUMN `g` int GENERATED ALWAYS AS ((`n` + 1)) STORED NOT NULL
refused: 1690: ALTER TABLE `g` ADD COLUMN `g` int GENERATED ALWAYS AS ((`n` - 3)) STORED
