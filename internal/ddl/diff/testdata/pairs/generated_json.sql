-- A value of a JSON document as an indexed column
-- before
CREATE TABLE t (id INT PRIMARY KEY, j JSON);
-- after
CREATE TABLE t (id INT PRIMARY KEY, j JSON, city VARCHAR(40) AS (JSON_UNQUOTE(JSON_EXTRACT(j, '$.address.city'))) VIRTUAL, KEY (city));
-- expect mariadb
alter_table: ALTER TABLE `t` ADD COLUMN `city` varchar(40) GENERATED ALWAYS AS (json_unquote(json_extract(`j`,'$.address.city'))) VIRTUAL, ADD KEY `city` (`city`)
-- expect mysql
alter_table: ALTER TABLE `t` ADD COLUMN `city` varchar(40) COLLATE utf8mb4_unicode_ci GENERATED ALWAYS AS (json_unquote(json_extract(`j`,_utf8mb4'$.address.city'))) VIRTUAL, ADD KEY `city` (`city`)
