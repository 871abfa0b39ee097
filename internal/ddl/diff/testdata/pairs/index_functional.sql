-- Keys over expressions and over the members of an array
-- servers mysql
-- before
CREATE TABLE t (id INT PRIMARY KEY, j JSON, s VARCHAR(50), KEY old ((UPPER(s))));
-- after
CREATE TABLE t (id INT PRIMARY KEY, j JSON, s VARCHAR(50), KEY f ((LOWER(s))), UNIQUE KEY fu ((CONCAT(s, ',', id)), id), KEY m ((CAST(j->'$.z' AS UNSIGNED ARRAY))));
-- expect
alter_table: ALTER TABLE `t` DROP INDEX `old`, ADD UNIQUE KEY `fu` ((concat(`s`,_utf8mb4',',`id`)),`id`), ADD KEY `f` ((lower(`s`))), ADD KEY `m` ((cast(json_extract(`j`,_utf8mb4'$.z') as unsigned array)))
  reason: index `t`.`fu`: fails while two rows hold the same values
