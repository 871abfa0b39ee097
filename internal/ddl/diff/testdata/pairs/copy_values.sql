Values that an expression of a new column or check does not take.
-- before
CREATE TABLE b (id INT NOT NULL PRIMARY KEY, n BIGINT);
CREATE TABLE c (id INT NOT NULL PRIMARY KEY, s VARCHAR(20));
CREATE TABLE d (id INT NOT NULL PRIMARY KEY, s VARCHAR(20));
CREATE TABLE e (id INT NOT NULL PRIMARY KEY, d DATE);
CREATE TABLE f (id INT NOT NULL PRIMARY KEY, s VARCHAR(20), p VARCHAR(20));
CREATE TABLE h (id INT NOT NULL PRIMARY KEY, s VARCHAR(20));
CREATE TABLE i (id INT NOT NULL PRIMARY KEY, n DOUBLE);
-- data
INSERT INTO b VALUES (1, 5);
INSERT INTO c VALUES (1, 'no document'), (2, '{"a":1}');
INSERT INTO d VALUES (1, 'no date');
INSERT INTO e VALUES (1, '2020-01-01');
INSERT INTO f VALUES (1, 'a', '(');
INSERT INTO h VALUES (1, 'none'), (2, '12');
INSERT INTO i VALUES (1, 1e308);
-- after
CREATE TABLE b (id INT NOT NULL PRIMARY KEY, n BIGINT, g BIGINT GENERATED ALWAYS AS (n * 9223372036854775807) STORED);
CREATE TABLE c (id INT NOT NULL PRIMARY KEY, s VARCHAR(20), g VARCHAR(20) GENERATED ALWAYS AS (JSON_EXTRACT(s, '$.a')) STORED);
CREATE TABLE d (id INT NOT NULL PRIMARY KEY, s VARCHAR(20), g DATE GENERATED ALWAYS AS (STR_TO_DATE(s, '%Y-%m-%d')) STORED);
CREATE TABLE e (id INT NOT NULL PRIMARY KEY, d DATE, g DATE GENERATED ALWAYS AS (d + INTERVAL 9000 YEAR) STORED);
CREATE TABLE f (id INT NOT NULL PRIMARY KEY, s VARCHAR(20), p VARCHAR(20), CHECK (s REGEXP p));
CREATE TABLE h (id INT NOT NULL PRIMARY KEY, s VARCHAR(20), g INT GENERATED ALWAYS AS (s) STORED);
CREATE TABLE i (id INT NOT NULL PRIMARY KEY, n DOUBLE, g FLOAT GENERATED ALWAYS AS (n * 2) STORED);
-- expect mariadb
add_column: ALTER TABLE `b` ADD COLUMN `g` bigint(20) GENERATED ALWAYS AS (`n` * 9223372036854775807) STORED
  found: `g` cannot be computed for every row of `b`: BIGINT value is out of range in '`b`.`n` * 9223372036854775807'
add_column: ALTER TABLE `c` ADD COLUMN `g` varchar(20) GENERATED ALWAYS AS (json_extract(`s`,'$.a')) STORED
  found: `g` cannot be computed for every row of `c`: Syntax error in JSON text in argument 1 to function 'json_extract' at position 1
add_column: ALTER TABLE `d` ADD COLUMN `g` date GENERATED ALWAYS AS (str_to_date(`s`,'%Y-%m-%d')) STORED
  found: `g` cannot be computed for every row of `d`: Incorrect datetime value: 'no date' for function str_to_date
add_column: ALTER TABLE `e` ADD COLUMN `g` date GENERATED ALWAYS AS (`d` + interval 9000 year) STORED
  found: `g` cannot be computed for every row of `e`: Datetime function: datetime field overflow
add_check: ALTER TABLE `f` ADD CONSTRAINT `CONSTRAINT_1` CHECK (`s` regexp `p`)
  reason: check `f`.`CONSTRAINT_1`: fails while a row violates it
add_column: ALTER TABLE `h` ADD COLUMN `g` int(11) GENERATED ALWAYS AS (`s`) STORED
  found: `g` cannot be computed for every row of `h`: Truncated incorrect DOUBLE value: 'none'
add_column: ALTER TABLE `i` ADD COLUMN `g` float GENERATED ALWAYS AS (`n` * 2) STORED
  found: `g` cannot be computed for every row of `i`: DOUBLE value is out of range in '`i`.`n` * 2'
refused: 1690: ALTER TABLE `b` ADD COLUMN `g` bigint(20) GENERATED ALWAYS AS (`n` * 9223372036854775807) STORED
refused: 4038: ALTER TABLE `c` ADD COLUMN `g` varchar(20) GENERATED ALWAYS AS (json_extract(`s`,'$.a')) STORED
refused: 1411: ALTER TABLE `d` ADD COLUMN `g` date GENERATED ALWAYS AS (str_to_date(`s`,'%Y-%m-%d')) STORED
refused: 1441: ALTER TABLE `e` ADD COLUMN `g` date GENERATED ALWAYS AS (`d` + interval 9000 year) STORED
refused: 1366: ALTER TABLE `h` ADD COLUMN `g` int(11) GENERATED ALWAYS AS (`s`) STORED
refused: 1690: ALTER TABLE `i` ADD COLUMN `g` float GENERATED ALWAYS AS (`n` * 2) STORED
-- expect mysql
add_column: ALTER TABLE `b` ADD COLUMN `g` bigint GENERATED ALWAYS AS ((`n` * 9223372036854775807)) STORED
  found: `g` cannot be computed for every row of `b`: BIGINT value is out of range in '(`b`.`n` * 9223372036854775807)'
add_column: ALTER TABLE `c` ADD COLUMN `g` varchar(20) COLLATE utf8mb4_unicode_ci GENERATED ALWAYS AS (json_extract(`s`,_utf8mb4'$.a')) STORED
  found: `g` cannot be computed for every row of `c`: Invalid JSON text in argument 1 to function json_extract: "Invalid value." at position 1.
add_column: ALTER TABLE `d` ADD COLUMN `g` date GENERATED ALWAYS AS (str_to_date(`s`,_utf8mb4'%Y-%m-%d')) STORED
  found: `g` cannot be computed for every row of `d`: Incorrect datetime value: 'no date' for function str_to_date
add_column: ALTER TABLE `e` ADD COLUMN `g` date GENERATED ALWAYS AS ((`d` + interval 9000 year)) STORED
  found: `g` cannot be computed for every row of `e`: DATE value is out of range in '(`e`.`d` + interval 9000 year)'
add_check: ALTER TABLE `f` ADD CONSTRAINT `f_chk_1` CHECK (regexp_like(`s`,`p`))
  reason: check `f`.`f_chk_1`: fails while a row violates it
  found: check `f_chk_1` cannot be computed for every row of `f`: Mismatched parenthesis in regular expression.
add_column: ALTER TABLE `h` ADD COLUMN `g` int GENERATED ALWAYS AS (`s`) STORED
  found: `g` cannot be computed for every row of `h`: Truncated incorrect DOUBLE value: 'none'
add_column: ALTER TABLE `i` ADD COLUMN `g` float GENERATED ALWAYS AS ((`n` * 2)) STORED
  found: `g` cannot be computed for every row of `i`: DOUBLE value is out of range in '(`i`.`n` * 2)'
refused: 1690: ALTER TABLE `b` ADD COLUMN `g` bigint GENERATED ALWAYS AS ((`n` * 9223372036854775807)) STORED
refused: 3141: ALTER TABLE `c` ADD COLUMN `g` varchar(20) COLLATE utf8mb4_unicode_ci GENERATED ALWAYS AS (json_extract(`s`,_utf8mb4'$.a')) STORED
refused: 1411: ALTER TABLE `d` ADD COLUMN `g` date GENERATED ALWAYS AS (str_to_date(`s`,_utf8mb4'%Y-%m-%d')) STORED
refused: 6527: ALTER TABLE `e` ADD COLUMN `g` date GENERATED ALWAYS AS ((`d` + interval 9000 year)) STORED
refused: 3819: ALTER TABLE `f` ADD CONSTRAINT `f_chk_1` CHECK (regexp_like(`s`,`p`))
refused: 1366: ALTER TABLE `h` ADD COLUMN `g` int GENERATED ALWAYS AS (`s`) STORED
refused: 1690: ALTER TABLE `i` ADD COLUMN `g` float GENERATED ALWAYS AS ((`n` * 2)) STORED
