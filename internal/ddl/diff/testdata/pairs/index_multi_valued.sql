A multi-valued key over documents, some of which it does not take.
-- servers mysql
-- before
CREATE TABLE a (id INT NOT NULL PRIMARY KEY, j JSON);
CREATE TABLE b (id INT NOT NULL PRIMARY KEY, j JSON);
CREATE TABLE c (id INT NOT NULL PRIMARY KEY, j JSON);
CREATE TABLE d (id INT NOT NULL PRIMARY KEY, j JSON);
CREATE TABLE e (id INT NOT NULL PRIMARY KEY, j JSON);
CREATE TABLE f (id INT NOT NULL PRIMARY KEY, j JSON);
-- data
INSERT INTO e VALUES (1, '[-1]');
INSERT INTO f VALUES (1, '[[1]]');
INSERT INTO a VALUES (1, '{"a":"x"}'), (2, '{"a":[1,2]}');
INSERT INTO b VALUES (1, '{"a":["abc"]}'), (2, '{"a":[]}');
INSERT INTO c VALUES (1, '{"a":[1,1,2]}'), (2, '{"a":[2]}'), (3, '{"b":1}');
INSERT INTO d VALUES (1, '{"a":[1,1,2]}'), (2, '{"a":3}'), (3, '{}'), (4, NULL);
-- after
CREATE TABLE a (id INT NOT NULL PRIMARY KEY, j JSON, KEY k ((CAST(j->'$.a' AS UNSIGNED ARRAY))));
CREATE TABLE b (id INT NOT NULL PRIMARY KEY, j JSON, KEY k ((CAST(j->'$.a' AS CHAR(2) ARRAY))));
CREATE TABLE c (id INT NOT NULL PRIMARY KEY, j JSON, UNIQUE KEY k ((CAST(j->'$.a' AS SIGNED ARRAY))));
CREATE TABLE d (id INT NOT NULL PRIMARY KEY, j JSON, UNIQUE KEY k ((CAST(j->'$.a' AS SIGNED ARRAY))), KEY l ((CAST(j->'$.a' AS UNSIGNED ARRAY))));
CREATE TABLE e (id INT NOT NULL PRIMARY KEY, j JSON, KEY k ((CAST(j AS UNSIGNED ARRAY))));
CREATE TABLE f (id INT NOT NULL PRIMARY KEY, j JSON, KEY k ((CAST(j AS UNSIGNED ARRAY))));
-- expect
add_index: ALTER TABLE `a` ADD KEY `k` ((cast(json_extract(`j`,_utf8mb4'$.a') as unsigned array)))
  found: index `k` cannot be computed for every row of `a`: Invalid JSON value for CAST to INTEGER from column v at row 1
add_index: ALTER TABLE `b` ADD KEY `k` ((cast(json_extract(`j`,_utf8mb4'$.a') as char(2) array)))
  found: index `k` cannot be computed for every row of `b`: Value is out of range for JSON_TABLE's column 'v'
add_index: ALTER TABLE `c` ADD UNIQUE KEY `k` ((cast(json_extract(`j`,_utf8mb4'$.a') as signed array)))
  reason: index `c`.`k`: fails while two rows hold the same values
  found: 2 rows of `c` violate unique key `k`, e.g. cast(json_extract(`j`,_utf8mb4'$.a') as signed array) 2
add_index: ALTER TABLE `d` ADD UNIQUE KEY `k` ((cast(json_extract(`j`,_utf8mb4'$.a') as signed array))), ADD KEY `l` ((cast(json_extract(`j`,_utf8mb4'$.a') as unsigned array)))
  reason: index `d`.`k`: fails while two rows hold the same values
add_index: ALTER TABLE `e` ADD KEY `k` ((cast(`j` as unsigned array)))
  found: index `k` cannot be computed for every row of `e`: Value is out of range for JSON_TABLE's column 'v'
add_index: ALTER TABLE `f` ADD KEY `k` ((cast(`j` as unsigned array)))
  found: index `k` cannot be computed for every row of `f`: Can't store an array or an object in the scalar JSON_TABLE column 'v'
refused: 3903: ALTER TABLE `a` ADD KEY `k` ((cast(json_extract(`j`,_utf8mb4'$.a') as unsigned array)))
refused: 3907: ALTER TABLE `b` ADD KEY `k` ((cast(json_extract(`j`,_utf8mb4'$.a') as char(2) array)))
refused: 1062: ALTER TABLE `c` ADD UNIQUE KEY `k` ((cast(json_extract(`j`,_utf8mb4'$.a') as signed array)))
refused: 3752: ALTER TABLE `e` ADD KEY `k` ((cast(`j` as unsigned array)))
refused: 3908: ALTER TABLE `f` ADD KEY `k` ((cast(`j` as unsigned array)))
